/**
 * Drives one sample to its end: tries, deadline, retries with back-off, and the question whether the server still lives. Called by the
 * lanes of drive-load.ts. Yields a row, or the reason why there is none.
 */
import { type Failure, isRetryable } from '../core/failure.ts';
import { generationIdOf } from '../core/ids.ts';
import type { Suspect } from '../core/job.ts';
import type { SampleOutput, SampleRow } from '../core/sample.ts';
import type { Ending } from './grace.ts';
import type { Switch } from './http-client.ts';
import type { InFlight } from './in-flight.ts';
import type { OutputFolders } from './output-folders.ts';
import type { GenerationEnd, ModelAnswer, ModelProtocol } from './protocols/model-protocol.ts';
import { type Due, failedRow, type Measured, roundedMs, succeededRow, type Tried, type Work } from './sample-row.ts';
import type { ServerEnd } from './server-pulse.ts';
import type { Slots } from './slots.ts';
import { isWaitedFor, type StopSwitch } from './stop-switch.ts';
import { isLongText, plainPart, type TakenOutput } from './take-output.ts';

/** Pauses before the second and the third try. */
export const RETRY_DELAYS_MS: readonly number[] = [250, 1_000];

export interface SampleContext {
  readonly protocol: ModelProtocol;
  readonly attempt: number;
  readonly sampleMs: number;
  readonly flights: InFlight;
  readonly folders: OutputFolders;
  readonly outputsDir: string;
  readonly stop: StopSwitch;
  /** Of the load: no further try begins after it. */
  readonly ending: Ending;
  /** Until when the load rises, on the attempt's clock. */
  readonly rampUntilMs: number;
  /** Milliseconds on the attempt's clock for a reading of `performance.now()`. */
  readonly clockMs: (at: number) => number;
  readonly takeFiles: (answer: ModelAnswer, work: Work, folder: string) => Promise<TakenOutput>;
  /** Null when the server lives. */
  readonly checkServer: () => Promise<ServerEnd | null>;
  /** Waits until the server takes new work, as after a timeout or a 503. Null when it does. */
  readonly settleServer: (ending: Ending) => Promise<ServerEnd | null>;
}

/** How a sample goes out. */
export interface Issue {
  /** Whose output folder it has. */
  readonly lane: number;
  /** Null for a sample that no schedule sends. */
  readonly due: Due | null;
  /** One is taken for its first try; null where lanes bound what is in flight. */
  readonly slots: Slots | null;
}

export type SampleEnd =
  | { readonly kind: 'row'; readonly row: SampleRow }
  /** Without a suspect the sample is blameless; it may have been sent all the same. */
  | { readonly kind: 'server-gone'; readonly end: ServerEnd; readonly suspect: Omit<Suspect, 'deaths'> | null; readonly wasSent: boolean }
  /** Sent, and stopped before it had an end. */
  | { readonly kind: 'unfinished' };

type TryEnd =
  | { readonly kind: 'succeeded'; readonly answer: ModelAnswer; readonly output: SampleOutput; readonly times: Measured }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly times: Measured }
  | { readonly kind: 'server-gone'; readonly end: ServerEnd; readonly reached: boolean }
  | { readonly kind: 'unfinished' };

/** `prepared` is what the protocol made of the work. */
export async function runSample(context: SampleContext, work: Work, prepared: string, issue: Issue): Promise<SampleEnd> {
  const tries: Tried[] = [];
  let reachedBefore = false;
  for (;;) {
    const tried = await trySample(context, work, prepared, issue, tries);
    if (tried.kind === 'unfinished') return tried;
    if (tried.kind === 'server-gone') return serverGone(work, tried.end, tried.reached || reachedBefore, tried.reached || tries.length > 0);
    if (tried.kind === 'succeeded') {
      return { kind: 'row', row: succeededRow(work, context.attempt, tries, tried.times, tried.answer, tried.output, context.clockMs) };
    }
    reachedBefore ||= tried.failure.code === CONNECTION_LOST;
    const delayMs = RETRY_DELAYS_MS[tries.length - 1];
    if (!isRetryable(tried.failure.class) || delayMs === undefined) {
      return { kind: 'row', row: failedRow(work, context.attempt, tries, tried.times, tried.failure) };
    }
    await context.ending.pause(delayMs);
    const end = await context.settleServer(context.ending);
    if (end !== null) return serverGone(work, end, reachedBefore, true);
    await issue.slots?.enter();
    const stopped = context.stop.reason();
    // What it has come to is its end: without a row it would be neither failed nor slow.
    if (stopped !== null && isWaitedFor(stopped))
      return { kind: 'row', row: failedRow(work, context.attempt, tries, tried.times, tried.failure) };
    if (stopped !== null) return { kind: 'unfinished' };
    if (context.ending.reason() !== null) return { kind: 'row', row: failedRow(work, context.attempt, tries, tried.times, GRACE_EXPIRED) };
  }
}

const CONNECTION_LOST = 'connection-lost';
const GRACE_EXPIRED: Failure = {
  class: 'timeout',
  code: 'grace-expired',
  message: 'no answer until the grace of the load was over (load.grace)',
};

/** Only what the server may have been working on is suspected of its death. */
function serverGone(work: Work, end: ServerEnd, reached: boolean, wasSent: boolean): SampleEnd {
  const suspected = reached && !work.warmup && (end.kind === 'server-died' || end.kind === 'server-hung');
  const failure = { ...end.failure, message: `${end.failure.message} while it worked on this sample` };
  return { kind: 'server-gone', end, suspect: suspected ? { sampleId: work.sampleId, failure } : null, wasSent };
}

async function trySample(context: SampleContext, work: Work, prepared: string, issue: Issue, tries: Tried[]): Promise<TryEnd> {
  const { due, slots } = issue;
  const folder = context.folders.folderOf(issue.lane);
  const generationId = generationIdOf(work.sampleId, context.attempt, tries.length + 1);
  const control = context.flights.begin();
  const sentAt = performance.now();
  const end = await context.protocol.generate(generationId, prepared, `${context.outputsDir}/${folder}`, control);
  context.flights.end(control);
  if (end.kind !== 'aborted') slots?.leave();
  const doneAt = end.kind === 'succeeded' || end.kind === 'failed' ? end.doneAt : performance.now();
  // Rounded, it must not seem to precede its time.
  const sentMs = Math.max(due?.scheduledMs ?? Number.NEGATIVE_INFINITY, roundedMs(context.clockMs(sentAt)));
  const firstSentMs = tries[0]?.sentMs ?? sentMs;
  const firstByteAt = end.kind === 'succeeded' || end.kind === 'failed' ? end.firstByteAt : null;
  const times: Measured = {
    due,
    inRamp: (due?.scheduledMs ?? firstSentMs) < context.rampUntilMs,
    firstSentMs,
    sentMs,
    firstByteMs: firstByteAt === null ? null : roundedMs(context.clockMs(firstByteAt)),
    doneMs: roundedMs(context.clockMs(doneAt)),
    ...(end.kind === 'succeeded' && end.resolutionMs !== undefined ? { resolutionMs: roundedMs(end.resolutionMs) } : {}),
  };
  const tried = await judge(context, work, { issue, folder, generationId, control, times }, end);
  if (tried.kind === 'succeeded' || tried.kind === 'failed') {
    tries.push({ generationId, sentMs: times.sentMs, doneMs: times.doneMs, error: tried.kind === 'failed' ? tried.failure : null });
  }
  return tried;
}

interface Flight {
  readonly issue: Issue;
  readonly folder: string;
  readonly generationId: string;
  readonly control: Switch;
  readonly times: Measured;
}

async function judge(context: SampleContext, work: Work, flight: Flight, end: GenerationEnd): Promise<TryEnd> {
  const { times } = flight;
  if (end.kind === 'succeeded' && end.answer.files.length === 0 && !isLongText(end.answer.text)) {
    return { kind: 'succeeded', answer: end.answer, output: plainPart(end.answer), times };
  }
  if (end.kind === 'succeeded') {
    const taken = await context.takeFiles(end.answer, work, flight.folder);
    await context.folders.discard(flight.issue.lane);
    return taken.ok
      ? { kind: 'succeeded', answer: end.answer, output: taken.output, times }
      : { kind: 'failed', failure: taken.failure, times };
  }
  await context.folders.discard(flight.issue.lane);
  if (end.kind === 'failed') return { kind: 'failed', failure: end.failure, times };
  if (end.kind === 'lost') return judgeLost(context, end, times);
  return judgeAborted(context, flight);
}

async function judgeLost(context: SampleContext, end: Extract<GenerationEnd, { kind: 'lost' }>, times: Measured): Promise<TryEnd> {
  const gone = await context.checkServer();
  if (gone !== null) return { kind: 'server-gone', end: gone, reached: end.reached };
  const message = `the connection ended before the answer (${end.message}); the server lives`;
  return { kind: 'failed', failure: { class: 'transient', code: end.reached ? CONNECTION_LOST : 'connection-refused', message }, times };
}

async function judgeAborted(context: SampleContext, { issue, control, generationId, times }: Flight): Promise<TryEnd> {
  if (control.reason === 'server-gone') {
    const gone = await context.checkServer();
    if (gone !== null) return { kind: 'server-gone', end: gone, reached: true };
  }
  // Until then the server may be at work on it.
  const cancelled = context.protocol.cancel(generationId).then(() => issue.slots?.leave());
  const isLate = control.reason === 'timeout' || control.reason === 'grace-over';
  // A server that hangs takes others down with it: this sample is then a suspect like them, not yet a failure.
  const hung = isLate ? await context.checkServer() : null;
  if (hung !== null) return { kind: 'server-gone', end: hung, reached: true };
  await cancelled;
  if (!isLate) return { kind: 'unfinished' };
  const gone = await context.settleServer(context.ending);
  if (gone !== null) return { kind: 'server-gone', end: gone, reached: true };
  if (control.reason === 'grace-over') return { kind: 'failed', failure: GRACE_EXPIRED, times };
  const message = `no answer within ${context.sampleMs} ms (limits.sample)`;
  return { kind: 'failed', failure: { class: 'timeout', code: 'sample-deadline', message }, times };
}
