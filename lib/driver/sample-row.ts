/**
 * Makes the rows of stage infer. Times are milliseconds on the attempt's clock, rounded to microseconds; what was not measured is null.
 */
import type { Failure } from '../core/failure.ts';
import type { FailedRow, SampleOutput, SampleRow, SampleStream, SucceededRow } from '../core/sample.ts';
import type { AnswerStream, ModelAnswer, Sample } from './protocols/model-protocol.ts';

export interface Work extends Sample {
  /** -1 for warm-up. */
  readonly ordinal: number;
  readonly warmup: boolean;
  /** An earlier attempt has sent it. */
  readonly sentBefore: boolean;
  /** The sample of which this is a second sending; absent otherwise. */
  readonly resendOf?: string;
}

export type Tried = SampleRow['tries'][number];

/** When the schedule of an open-loop load wanted a sample sent, and how long it waited because too many others were unanswered. */
export interface Due {
  readonly scheduledMs: number;
  readonly heldMs: number;
}

export interface Measured {
  /** Null for a sample that no schedule sends. */
  readonly due: Due | null;
  /** Sent, or due, while the load rose. */
  readonly inRamp: boolean;
  readonly firstSentMs: number;
  readonly sentMs: number;
  readonly firstByteMs: number | null;
  readonly doneMs: number;
  /** Only of an answer that was found by polling. */
  readonly resolutionMs?: number;
}

export function roundedMs(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

/** `clockMs`: milliseconds on the attempt's clock for a reading of `performance.now()`. */
export function succeededRow(
  work: Work,
  attempt: number,
  tries: Tried[],
  times: Measured,
  answer: ModelAnswer,
  output: SampleOutput,
  clockMs: (at: number) => number,
): SucceededRow {
  const { server, usage, effectiveParams, peakAcceleratorMemoryMiB, stream } = answer;
  return {
    ...headOf(work, attempt, tries, times),
    timings: timingsOf(times),
    state: 'succeeded',
    output,
    server,
    usage,
    effectiveParams,
    peakAcceleratorMemoryMiB,
    ...(stream === undefined ? {} : { stream: stream === null ? null : streamOf(stream, clockMs) }),
  };
}

function streamOf(
  { firstPieceAt, lastPieceAt, pieces, gapsMs, tokens, tokensFrom }: AnswerStream,
  clockMs: (at: number) => number,
): SampleStream {
  return {
    firstPieceMs: roundedMs(clockMs(firstPieceAt)),
    lastPieceMs: roundedMs(clockMs(lastPieceAt)),
    pieces,
    gapsMs: gapsMs.map(roundedMs),
    tokens,
    tokensFrom,
  };
}

/** `times` is null for a sample that this attempt never sent. */
export function failedRow(work: Work, attempt: number, tries: Tried[], times: Measured | null, error: Failure): FailedRow {
  return { ...headOf(work, attempt, tries, times), timings: times === null ? null : timingsOf(times), state: 'failed', error };
}

function headOf(work: Work, attempt: number, tries: Tried[], times: Measured | null) {
  return {
    schema: 1 as const,
    sampleId: work.sampleId,
    itemId: work.item.id,
    repeat: work.repeat,
    ordinal: work.ordinal,
    attempt,
    warmup: work.warmup,
    seed: work.seed,
    tries,
    retried: work.sentBefore || tries.length > 1,
    ...(work.resendOf === undefined ? {} : { resendOf: work.resendOf }),
    ...(times?.inRamp === true ? { ramp: true as const } : {}),
  };
}

/**
 * Closed loop: a sample is scheduled when it is first sent, and its latency is that of its last try. Open loop: latency counts from the
 * scheduled time, through all tries; `heldMs` is there, 0 as a rule, for whatever the schedule sent.
 */
function timingsOf({ due, ...times }: Measured) {
  const { sentMs, firstByteMs, doneMs, resolutionMs } = times;
  const polled = resolutionMs === undefined ? {} : { resolutionMs };
  if (due !== null) {
    const latencyMs = roundedMs(Math.max(0, doneMs - due.scheduledMs));
    return { scheduledMs: due.scheduledMs, sentMs, firstByteMs, doneMs, latencyMs, heldMs: roundedMs(due.heldMs), ...polled };
  }
  const latencyMs = roundedMs(Math.max(0, doneMs - sentMs));
  return { scheduledMs: times.firstSentMs, sentMs, firstByteMs, doneMs, latencyMs, ...polled };
}
