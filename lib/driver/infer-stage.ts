/**
 * Stage infer: finds the missing samples, waits for the model, warms it up, drives the load and records every end. Called by
 * run-driver.ts with a claimed attempt. References are never read here.
 */
import type { Suspect } from '../core/job.ts';
import type { Failure } from '../core/failure.ts';
import { keys } from '../core/object-key.ts';
import type { SampleRow } from '../core/sample.ts';
import { failureOf } from './driver-failure.ts';
import { driveLoad } from './drive-load.ts';
import { type InFlight, inFlight } from './in-flight.ts';
import { type MissingWork, missingWork, withDeaths } from './missing-work.ts';
import { outputFolders } from './output-folders.ts';
import { PartTaken, type PartWriter, partWriter } from './part-writer.ts';
import { modelProtocol } from './protocols/choose-protocol.ts';
import type { ModelProtocol } from './protocols/model-protocol.ts';
import { ordinalsOf } from './read-job.ts';
import { addRecorded, type RecordedSamples, recordedSamples } from './recorded-samples.ts';
import { runSample, type SampleContext } from './run-sample.ts';
import { failedRow, type Work } from './sample-row.ts';
import { warmupOf, workOf } from './work-of-ordinal.ts';
import { nextPart, partsIn } from '../core/part-name.ts';
import { serverPulse, type ServerEnd } from './server-pulse.ts';
import { settleServer } from './server-settle.ts';
import { type StageContext, type StageEnd, stoppedOf } from './stage-context.ts';
import { stageInputs } from './stage-inputs.ts';
import { takeOutput } from './take-output.ts';
import { waitReady } from './wait-ready.ts';

/** What the load shares; `gone` and `suspects` are set by the first lane that finds the server dead. */
interface Load {
  readonly context: StageContext;
  readonly samples: SampleContext;
  readonly recorded: RecordedSamples;
  readonly writer: PartWriter;
  readonly suspects: Omit<Suspect, 'deaths'>[];
  /** Sent and given up without blame. */
  readonly sent: Omit<Suspect, 'deaths'>[];
  /** Zero of the attempt's clock, on that of `performance.now()`: when its first request, a warm-up, may go out. */
  startedAt: number;
  gone: ServerEnd | null;
  failure: { readonly error: unknown } | null;
}

export async function inferStage(context: StageContext): Promise<StageEnd> {
  const { job, items } = context.frozen;
  const prefix = keys.sampleParts(job.runId, job.jobId);
  const parts = partsIn(await context.objects.list(prefix), prefix);
  const recorded = recordedSamples(job.itemCount * job.repeats);
  await addRecorded(recorded, context.objects, parts);
  const isTerminal = recorded.isTerminal;
  const work = missingWork({ ...job, isTerminal, suspects: context.stage.suspects, ordinalOf: ordinalsOf(context.frozen) });
  context.progress.planned = items.length * job.repeats;
  const protocol = modelProtocol(context);
  const flights = inFlight(job.limits.sampleMs);
  const load = newLoad(context, protocol, flights, recorded, nextPart(parts, context.attempt));
  const forget = context.stop.onStop((reason) => {
    if (reason === 'error-rate') return;
    const drainMs = reason === 'terminated' ? context.tuning.drainMs : 0;
    setTimeout(() => flights.abortAll(reason), drainMs).unref();
  });
  try {
    for (const { ordinal, suspect } of work.doomed)
      await record(load, failedRow(workOf(context, ordinal, true), context.attempt, [], null, suspect.failure));
    await load.writer.flush();
    if (work.together.length + work.alone.length > 0) {
      const refused = await begin(context, protocol);
      if (refused !== null) return ended(load, refused);
      await drive(load, work);
    }
    return await finish(load, protocol);
  } finally {
    forget();
    load.writer.close();
    flights.close();
    await protocol.close();
  }
}

function newLoad(context: StageContext, protocol: ModelProtocol, flights: InFlight, recorded: RecordedSamples, firstN: number): Load {
  const { job } = context.frozen;
  const { attempt, objects, stop, outputsDir, scratchDir } = context;
  const pulse = serverPulse(protocol, context.instance, context.tuning.hangMs);
  const samples: SampleContext = {
    ...{ protocol, attempt, flights, outputsDir, stop },
    sampleMs: job.limits.sampleMs,
    folders: outputFolders(outputsDir, attempt),
    clockMs: (at) => at - load.startedAt,
    takeFiles: (answer, work, folder) =>
      takeOutput(objects, answer, { outputsDir, folder, scratchDir, keyStem: keys.output(job.runId, job.jobId, attempt, work.sampleId) }),
    checkServer: pulse.check,
    settleServer: () =>
      settleServer({ server: protocol, pulse, stop, readyMs: job.limits.readyMs, hangMs: context.tuning.hangMs, lanes: lanesOf(context) }),
  };
  const writer = partWriter({
    objects,
    keyOf: (n) => keys.samplePart(job.runId, job.jobId, attempt, n),
    firstN,
    onFailure: (error) => fail(load, error),
  });
  const load: Load = {
    context,
    samples,
    recorded,
    writer,
    suspects: [],
    sent: [],
    startedAt: performance.now(),
    gone: null,
    failure: null,
  };
  return load;
}

/** Inputs, readiness, identity: null when the load may begin. */
async function begin(context: StageContext, protocol: ModelProtocol): Promise<ServerEnd | null> {
  const { frozen, progress, stop, instance } = context;
  progress.enter('sync');
  await stageInputs(context.objects, [...frozen.items, ...frozen.warmups], context.inputsDir);
  progress.enter('load');
  const { readyMs } = frozen.job.limits;
  const ready = await waitReady({ server: protocol, instance, readyMs, stop, serverExited: context.serverExited });
  if (ready.kind === 'stopped') return null;
  if (ready.kind !== 'ready') return ready;
  if (ready.device !== null) {
    const line = { attempt: context.attempt, device: ready.device };
    await context.objects.put(keys.device(frozen.job.runId, frozen.job.jobId), `${JSON.stringify(line)}\n`);
  }
  const failure = await protocol.describe(frozen.job, ready.device);
  return failure === null ? null : { kind: 'refused', failure };
}

async function drive(load: Load, { together, alone, sentBefore }: MissingWork): Promise<void> {
  const { context } = load;
  const { stop, progress } = context;
  const lanes = lanesOf(context);
  const prepare = (work: Work): Prepared | Promise<Prepared> => prepared(load, work);
  const measured = (ordinal: number): Prepared | Promise<Prepared> => prepare(workOf(context, ordinal, sentBefore.has(ordinal)));
  const driveLane = (next: Prepared | Promise<Prepared>, lane: number): Promise<void> => driveOne(load, next, lane);
  progress.enter('warm-up');
  load.startedAt = performance.now();
  const warmup = (index: number): Prepared | Promise<Prepared> => prepare(warmupOf(context, index));
  await driveLoad({ work: [...context.frozen.warmups.keys()], lanes, stop, prepare: warmup, drive: driveLane });
  progress.enter('infer');
  await driveLoad({ work: together, lanes, stop, prepare: measured, drive: driveLane });
  await driveLoad({ work: alone, lanes: 1, stop, prepare: measured, drive: driveLane });
}

interface Prepared {
  readonly work: Work;
  readonly body: string;
}

function prepared(load: Load, work: Work): Prepared | Promise<Prepared> {
  const body = load.samples.protocol.prepare(work);
  return typeof body === 'string' ? { work, body } : body.then((made) => ({ work, body: made }));
}

async function driveOne(load: Load, next: Prepared | Promise<Prepared>, lane: number): Promise<void> {
  try {
    const { work, body } = next instanceof Promise ? await next : next;
    const end = await runSample(load.samples, work, body, lane);
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
function isAskedToStop({ context }: Load): boolean {
  const reason = context.stop.reason();
  return reason === 'terminated' || reason === 'orphaned' || reason === 'fenced';
}

function record(load: Load, row: SampleRow): void | Promise<void> {
  const { context, recorded } = load;
  if (!row.warmup) {
    recorded.add(row.ordinal, row.state);
    context.progress.done = recorded.succeeded() + recorded.failed();
    context.progress.failed = recorded.failed();
    if (row.state === 'failed') stopOnErrorRate(load);
  }
  return load.writer.add(row, row.warmup ? 0 : 1);
}

function stopOnErrorRate({ context, recorded }: Load): void {
  const { maxErrorRate, minSamplesForStop } = context.frozen.job.limits;
  const done = recorded.succeeded() + recorded.failed();
  if (done >= minSamplesForStop && recorded.failed() / done > maxErrorRate) context.stop.stop('error-rate');
}

function fail(load: Load, error: unknown): void {
  load.failure ??= { error };
  load.context.stop.stop('store-failed');
}

async function finish(load: Load, protocol: ModelProtocol): Promise<StageEnd> {
  const { context, recorded, gone } = load;
  context.progress.enter('flush');
  await load.writer.flush().catch((error) => fail(load, error));
  if (load.failure !== null) return broken(load, load.failure.error);
  if (gone !== null) return ended(load, gone);
  const stopped = stoppedOf(context.stop);
  if (context.stop.reason() !== null && stopped === null) {
    if (context.stop.reason() === 'terminated') await protocol.shutdown();
    return ended(load, { kind: 'stopped', failure: { class: 'infra', code: 'stopped', message: 'the driver was asked to stop' } });
  }
  const counts = { planned: context.progress.planned, succeeded: recorded.succeeded(), failed: recorded.failed() };
  // All done is all done, even when a stop came with the last sample.
  const whole = counts.succeeded + counts.failed === counts.planned;
  return { kind: 'finished', outcome: { ...counts, stopped: whole ? null : stopped } };
}

/** A fault of ours: what is durable counts as progress all the same. */
function broken(load: Load, error: unknown): StageEnd {
  if (error instanceof PartTaken) throw error;
  return ended(load, { kind: 'driver-error', failure: failureOf(error) });
}

function ended(load: Load, { kind, failure }: ServerEnd): StageEnd {
  const suspects = withDeaths(load.context.stage.suspects, load.suspects, load.sent);
  return { kind: 'ended', end: { kind, failure, newRows: load.writer.durableRows() }, suspects };
}

function lanesOf({ frozen }: StageContext): number {
  const { load } = frozen.job;
  return load.mode === 'closed' ? load.concurrency : load.maxInFlight;
}
