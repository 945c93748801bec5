/**
 * What an attempt of stage infer shares while it drives its load: what is recorded, what is in flight, and what ended it. Made by
 * infer-stage.ts; drive-job.ts sends through it. One sample goes out and becomes a row here.
 */
import type { Suspect } from '../core/job.ts';
import type { Failure } from '../core/failure.ts';
import { mostInFlight } from '../core/load/load-kind.ts';
import { keys } from '../core/object-key.ts';
import type { SampleRow } from '../core/sample.ts';
import type { InFlight } from './in-flight.ts';
import { outputFolders } from './output-folders.ts';
import { type PartWriter, partWriter } from './part-writer.ts';
import type { ModelProtocol } from './protocols/model-protocol.ts';
import type { RecordedSamples } from './recorded-samples.ts';
import { type Issue, runSample, type SampleContext } from './run-sample.ts';
import type { Work } from './sample-row.ts';
import { type ServerEnd, serverPulse } from './server-pulse.ts';
import { settleServer } from './server-settle.ts';
import type { StageContext } from './stage-context.ts';
import { takeOutput } from './take-output.ts';

/** `gone` and `suspects` are set by the first sample that finds the server dead. */
export interface AttemptLoad {
  readonly context: StageContext;
  /** Of samples that no load's end cuts short and no ramp covers. */
  readonly samples: SampleContext;
  /** Of all attempts: the first end of a sample stands. */
  readonly recorded: RecordedSamples;
  /** What progress, the error rate and the end of the stage go by: the same, but this attempt's alone where it sends everything again. */
  readonly counted: RecordedSamples;
  readonly writer: PartWriter;
  readonly suspects: Omit<Suspect, 'deaths'>[];
  /** Sent and given up without blame. */
  readonly sent: Omit<Suspect, 'deaths'>[];
  /** Zero of the attempt's clock, on that of `performance.now()`. */
  startedAt: number;
  /** The load is done, samples are sent again. */
  isAuditing: boolean;
  gone: ServerEnd | null;
  failure: { readonly error: unknown } | null;
}

export interface AttemptLoadOptions {
  readonly context: StageContext;
  readonly protocol: ModelProtocol;
  readonly flights: InFlight;
  readonly recorded: RecordedSamples;
  readonly counted: RecordedSamples;
  readonly firstPart: number;
}

export interface Prepared {
  readonly work: Work;
  readonly body: string;
}

/** Nothing is sent yet. */
export function attemptLoad({ context, protocol, flights, recorded, counted, firstPart }: AttemptLoadOptions): AttemptLoad {
  const { job } = context.frozen;
  const { attempt, objects, stop, outputsDir, scratchDir } = context;
  const pulse = serverPulse(protocol, context.instance, context.tuning.hangMs);
  const settle = { server: protocol, pulse, readyMs: job.limits.readyMs, hangMs: context.tuning.hangMs, lanes: mostInFlight(job.load) };
  let settling: Promise<ServerEnd | null> | null = null;
  const samples: SampleContext = {
    ...{ protocol, attempt, flights, outputsDir, stop, ending: stop, rampUntilMs: 0 },
    sampleMs: job.limits.sampleMs,
    folders: outputFolders(outputsDir, attempt),
    clockMs: (at) => at - load.startedAt,
    takeFiles: (answer, work, folder) =>
      takeOutput(objects, answer, { outputsDir, folder, scratchDir, keyStem: keys.output(job.runId, job.jobId, attempt, work.sampleId) }),
    checkServer: pulse.check,
    // Samples that ask at the same time share one answer: each on its own, thousands would ask /health ten times a second.
    settleServer: (ending) => {
      settling ??= settleServer({ ...settle, stop: ending }).finally(() => {
        settling = null;
      });
      return settling;
    },
  };
  const writer = partWriter({
    objects,
    keyOf: (n) => keys.samplePart(job.runId, job.jobId, attempt, n),
    firstN: firstPart,
    onFailure: (error) => fail(load, error),
  });
  const load: AttemptLoad = {
    ...{ context, samples, recorded, counted, writer, suspects: [], sent: [], startedAt: performance.now() },
    ...{ isAuditing: false, gone: null, failure: null },
  };
  return load;
}

/** Makes the request of a sample, off the clock. */
export function prepared(load: AttemptLoad, work: Work): Prepared | Promise<Prepared> {
  const body = load.samples.protocol.prepare(work);
  return typeof body === 'string' ? { work, body } : body.then((made) => ({ work, body: made }));
}

/** Sends one sample and records its end. Never rejects. `samples`: the load's own, with its ramp and its end. */
export async function driveOne(load: AttemptLoad, samples: SampleContext, next: Prepared | Promise<Prepared>, issue: Issue): Promise<void> {
  try {
    const { work, body } = next instanceof Promise ? await next : next;
    const end = await runSample(samples, work, body, issue);
    if (end.kind === 'row') {
      const waiting = record(load, end.row);
      if (waiting !== undefined) await waiting;
      return;
    }
    if (!work.warmup && (end.kind === 'unfinished' || end.wasSent)) load.sent.push({ sampleId: work.sampleId, failure: GIVEN_UP });
    if (end.kind !== 'server-gone' || isAskedToStop(load)) return;
    load.gone ??= end.end;
    if (end.suspect !== null) load.suspects.push(end.suspect);
    load.context.stop.stop('server-gone');
  } catch (error) {
    fail(load, error);
  }
}

const GIVEN_UP: Failure = { class: 'infra', code: 'given-up', message: 'the attempt ended before the sample had an end' };

/** Whoever ends the driver ends the server too: that death is nobody's fault. */
function isAskedToStop({ context }: AttemptLoad): boolean {
  const reason = context.stop.reason();
  return reason === 'terminated' || reason === 'orphaned' || reason === 'fenced';
}

/** A row of a sample that has one already is no progress: an open-loop load that never gets to its end must not go on for ever. */
export function record(load: AttemptLoad, row: SampleRow): void | Promise<void> {
  const { context, recorded, counted } = load;
  if (row.warmup) return load.writer.add(row, 0);
  const isNew = !recorded.isTerminal(row.ordinal);
  recorded.add(row.ordinal, row.state);
  if (counted !== recorded) counted.add(row.ordinal, row.state);
  context.progress.done = counted.succeeded() + counted.failed();
  context.progress.failed = counted.failed();
  if (row.state === 'failed') stopOnErrorRate(load);
  return load.writer.add(row, isNew ? 1 : 0);
}

function stopOnErrorRate({ context, counted }: AttemptLoad): void {
  const { maxErrorRate, minSamplesForStop } = context.frozen.job.limits;
  const done = counted.succeeded() + counted.failed();
  if (done >= minSamplesForStop && counted.failed() / done > maxErrorRate) context.stop.stop('error-rate');
}

/** Ends the attempt for a fault of ours; the first one is told. */
export function fail(load: AttemptLoad, error: unknown): void {
  load.failure ??= { error };
  load.context.stop.stop('store-failed');
}
