/**
 * Stage evaluate: sends the outputs of succeeded samples to an evaluator in batches and records a row per sample. Called by run-driver.ts
 * with a claimed attempt. References are read here.
 */
import { ownerOf, stageOfEvaluator } from '../core/evaluation-pass.ts';
import type { Suspect } from '../core/job.ts';
import { type ReferenceLine, referenceLineSchema } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import { type EvaluationRow, type SucceededRow, succeededRowSchema } from '../core/sample.ts';
import { type BatchContext, type BatchEnd, evaluateBatch } from './evaluate-batch.ts';
import { inFlight } from './in-flight.ts';
import { DEATHS_TO_FAIL, withDeaths } from './missing-work.ts';
import { partWriter, type PartWriter } from './part-writer.ts';
import { type Evaluator, type EvaluatorProtocol, evaluatorProtocol, type SampleToJudge } from './protocols/evaluator.ts';
import { inputOf } from './protocols/native.ts';
import { inputPathOf } from './protocols/choose-protocol.ts';
import { readLines } from './read-job.ts';
import { addRecorded, type RecordedSamples, recordedSamples } from './recorded-samples.ts';
import { nextPart, partsIn } from '../core/part-name.ts';
import { rowsOf } from './sample-parts.ts';
import { serverPulse, type ServerEnd } from './server-pulse.ts';
import { settleServer } from './server-settle.ts';
import { type StageContext, type StageEnd, stoppedOf } from './stage-context.ts';
import { stageInputs } from './stage-inputs.ts';
import { waitReady } from './wait-ready.ts';

/** Samples per request: bounds what a failed batch costs, and how far a beat jumps. */
const BATCH_SAMPLES = 16;

interface Pass {
  readonly context: StageContext;
  readonly evaluator: Evaluator;
  readonly batches: BatchContext;
  readonly references: readonly ReferenceLine[];
  readonly judged: RecordedSamples;
  readonly writer: PartWriter;
  readonly suspects: Omit<Suspect, 'deaths'>[];
  gone: ServerEnd | null;
}

/** Throws for faults of ours; what the evaluator does is in the end that it returns. */
export async function evaluateStage(context: StageContext): Promise<StageEnd> {
  const { job } = context.frozen;
  const evaluator = job.evaluators.find((candidate) => context.stage.name === stageOfEvaluator(candidate));
  if (evaluator === undefined) throw new Error(`the job has no stage ${context.stage.name}`);
  const owner = ownerOf(evaluator);
  const scores = `${keys.scoreParts(job.runId, job.jobId)}${owner}-`;
  const scoreParts = partsIn(await context.objects.list(keys.scoreParts(job.runId, job.jobId)), scores);
  const judged = recordedSamples(job.itemCount * job.repeats);
  for await (const row of rowsOf(context.objects, scoreParts)) {
    if (typeof row.ordinal === 'number') judged.add(row.ordinal, row.state === 'evaluated' ? 'succeeded' : 'failed');
  }
  const protocol = evaluatorProtocol(context.serverUrl, evaluator);
  const flights = inFlight(job.limits.sampleMs);
  const writer = partWriter({
    objects: context.objects,
    keyOf: (n) => keys.scorePart(job.runId, job.jobId, owner, context.attempt, n),
    firstN: nextPart(scoreParts, context.attempt),
    onFailure: () => context.stop.stop('store-failed'),
  });
  const pulse = serverPulse(protocol, context.instance, context.tuning.hangMs);
  const { stop, tuning } = context;
  const settle = { server: protocol, pulse, stop, readyMs: job.limits.readyMs, hangMs: tuning.hangMs, lanes: 1 };
  const batches: BatchContext = { protocol, flights, pulse, stop, sampleMs: job.limits.sampleMs, settleServer: () => settleServer(settle) };
  const references = await readLines(context.objects, job.referencesKey, referenceLineSchema);
  const pass: Pass = { context, evaluator, batches, references, judged, writer, suspects: [], gone: null };
  const forget = stop.onStop((reason) => flights.abortAll(reason));
  try {
    return await runPass(pass, protocol);
  } finally {
    forget();
    writer.close();
    flights.close();
    await protocol.close();
  }
}

async function runPass(pass: Pass, protocol: EvaluatorProtocol): Promise<StageEnd> {
  const { context, judged } = pass;
  const { job } = context.frozen;
  const prefix = keys.sampleParts(job.runId, job.jobId);
  const parts = partsIn(await context.objects.list(prefix), prefix);
  const inferred = recordedSamples(job.itemCount * job.repeats);
  await addRecorded(inferred, context.objects, parts);
  context.progress.planned = inferred.succeeded();
  count(pass);
  const seen = recordedSamples(job.itemCount * job.repeats);
  const suspects = new Map(context.stage.suspects.map((suspect) => [suspect.sampleId, suspect]));
  const alone: SucceededRow[] = [];
  let batch: SucceededRow[] = [];
  let begun = false;
  const send = async (rows: readonly SucceededRow[]): Promise<ServerEnd | null> => {
    const refused = begun ? null : await begin(context, protocol);
    begun = true;
    if (refused === null) await judgeBatch(pass, rows);
    return refused;
  };
  for await (const row of rowsOf(context.objects, parts)) {
    if (context.stop.reason() !== null) break;
    if (!isFirstUnjudged(row, seen, judged)) continue;
    const sample = succeededRowSchema.parse(row);
    const suspect = suspects.get(sample.sampleId);
    if (suspect !== undefined && suspect.deaths >= DEATHS_TO_FAIL)
      await write(pass, { ...headOf(pass, sample), state: 'failed', error: suspect.failure });
    else if (suspect !== undefined) alone.push(sample);
    else batch.push(sample);
    if (batch.length < BATCH_SAMPLES) continue;
    const refused = await send(batch);
    if (refused !== null) return ended(pass, refused);
    batch = [];
  }
  for (const rest of [...(batch.length > 0 ? [batch] : []), ...alone.map((sample) => [sample])]) {
    if (context.stop.reason() !== null) break;
    const refused = await send(rest);
    if (refused !== null) return ended(pass, refused);
  }
  return finish(pass, protocol);
}

/** True for the succeeded row that stands for its sample and has no evaluation yet. */
function isFirstUnjudged(row: Record<string, unknown>, seen: RecordedSamples, judged: RecordedSamples): boolean {
  if (row.warmup !== false || typeof row.ordinal !== 'number' || seen.isTerminal(row.ordinal)) return false;
  seen.add(row.ordinal, row.state === 'succeeded' ? 'succeeded' : 'failed');
  return row.state === 'succeeded' && !judged.isTerminal(row.ordinal);
}

async function begin(context: StageContext, protocol: EvaluatorProtocol): Promise<ServerEnd | null> {
  const { frozen, progress, stop, instance, serverExited } = context;
  await stageInputs(context.objects, frozen.items, context.inputsDir);
  progress.enter('load');
  const ready = await waitReady({ server: protocol, instance, readyMs: frozen.job.limits.readyMs, stop, serverExited });
  if (ready.kind !== 'ready' && ready.kind !== 'stopped') return ready;
  const failure = ready.kind === 'ready' ? await protocol.describe() : null;
  progress.enter('evaluate');
  return failure === null ? null : { kind: 'refused', failure };
}

async function judgeBatch(pass: Pass, rows: readonly SucceededRow[]): Promise<void> {
  if (pass.context.stop.reason() !== null) return;
  const copies: string[] = [];
  const samples = await Promise.all(rows.map((row) => toJudge(pass, row, copies)));
  const end: BatchEnd = await evaluateBatch(pass.batches, samples);
  await pass.context.dropCopies(copies);
  for (const row of rows) {
    const judgement = end.judged.get(row.sampleId);
    if (judgement === undefined) continue;
    if ('class' in judgement) await write(pass, { ...headOf(pass, row), state: 'failed', error: judgement });
    else if (judgement.wholeFailure !== null) await write(pass, { ...headOf(pass, row), state: 'failed', error: judgement.wholeFailure });
    else await write(pass, { ...headOf(pass, row), state: 'evaluated', values: judgement.values, errors: judgement.errors });
  }
  if (end.gone === null) return;
  pass.gone = end.gone;
  pass.suspects.push(...end.suspects);
  pass.context.stop.stop('server-gone');
}

/** Adds to `copies` the paths that it has asked for. */
async function toJudge({ context, references }: Pass, row: SucceededRow, copies: string[]): Promise<SampleToJudge> {
  const index = Math.floor(row.ordinal / context.frozen.job.repeats);
  const item = context.frozen.items[index];
  const truth = references[index];
  if (item?.id !== row.itemId || truth?.id !== row.itemId)
    throw new Error(`row ${row.sampleId} names item ${row.itemId}, the plan ${item?.id}`);
  const files = await Promise.all(
    (row.output.files ?? []).map(async ({ kind, key, sha256, bytes, contentType }) => {
      const path = await context.objects.localPath(key);
      copies.push(path);
      return { kind, path, sha256, bytes, contentType };
    }),
  );
  const input = inputOf(item, inputPathOf(context.inputsDir));
  return { sampleId: row.sampleId, itemId: row.itemId, input, reference: truth.reference, output: { ...row.output, files } };
}

function headOf({ context, evaluator }: Pass, row: SucceededRow) {
  const { sampleId, ordinal } = row;
  return { schema: 1 as const, sampleId, ordinal, evaluator: evaluator.package.id, attempt: context.attempt };
}

async function write(pass: Pass, row: EvaluationRow): Promise<void> {
  await pass.writer.add(row, 1);
  pass.judged.add(row.ordinal, row.state === 'evaluated' ? 'succeeded' : 'failed');
  count(pass);
}

function count({ context, judged }: Pass): void {
  context.progress.done = judged.succeeded() + judged.failed();
  context.progress.failed = judged.failed();
}

async function finish(pass: Pass, protocol: EvaluatorProtocol): Promise<StageEnd> {
  const { context, judged } = pass;
  context.progress.enter('flush');
  await pass.writer.flush();
  const counts = { planned: context.progress.planned, succeeded: judged.succeeded(), failed: judged.failed() };
  const whole = counts.succeeded + counts.failed === counts.planned;
  if (whole) return { kind: 'finished', outcome: { ...counts, stopped: null } };
  if (pass.gone !== null) return ended(pass, pass.gone);
  const stopped = stoppedOf(context.stop);
  if (stopped !== null) return { kind: 'finished', outcome: { ...counts, stopped } };
  if (context.stop.reason() === 'terminated') await protocol.shutdown();
  return ended(pass, { kind: 'stopped', failure: { class: 'infra', code: 'stopped', message: 'the driver was asked to stop' } });
}

function ended({ context, suspects, writer }: Pass, { kind, failure }: ServerEnd): StageEnd {
  return { kind: 'ended', end: { kind, failure, newRows: writer.durableRows() }, suspects: withDeaths(context.stage.suspects, suspects) };
}
