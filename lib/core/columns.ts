/**
 * The rows of a job as columns: what scoring reads. One number a sample, indexed by slot (the row's ordinal: item * repeats +
 * repeat). Filled by lib/workflow/score-rows.ts while it streams, so that a million rows never stand in memory as objects.
 */
import type { z } from 'zod';
import { type AnswerColumn, answersHaveGaps, imputeAnswers, isAnswerColumn, measureOfAnswers } from './answer-column.ts';
import type { Slo } from './job.ts';
import type { GapSummary } from './latency/gap-order.ts';
import { type ProfileTerm, profileEstimator } from './composites/profile-estimator.ts';
import type { ResentPair } from './audits/resend-audit.ts';
import type { MetricInfo } from './manifest.ts';
import { type Estimator, type Measure, meanEstimator, ratioEstimator } from './measures/estimator.ts';
import { maeEstimator, type NumberColumns, r2Estimator, rmseEstimator } from './numbers/errors.ts';
import type { Profile } from './profiles/profile.ts';
import type { failureGroupSchema } from './scores.ts';

/** Bits of JobColumns.state; 0 is a sample without a final row. */
export const SUCCEEDED = 1;
export const FAILED = 2;
/** Beside SUCCEEDED: the answer held nothing that the job's built-in scorers can read. */
export const UNPARSED = 4;
/** Alone: the load never meant to send the sample, so it is neither planned nor a gap. */
export const NOT_DUE = 8;

export interface ColumnHead {
  /** `<scorer>.<metric>`; `score.total` for a composite. */
  readonly name: string;
  readonly info: MetricInfo;
  /** The job's states, where some samples were not due; absent where all were. */
  readonly states?: Uint8Array;
  /** All settings of the metric in one line, as the field spells them (BLEU, chrF). */
  readonly signature?: string;
  /** Why a metric of so many samples has no value, where more can be said than that it has none. */
  readonly absence?: (samples: number) => string;
}

/**
 * One metric of one job. NaN: the sample has no value. Ratio denominators and references stand for unanswered samples too. Ratios
 * are of counts below 2^24, which 32-bit floats hold exactly.
 */
export type PlainColumn =
  | (ColumnHead & { readonly kind: 'mean'; readonly values: Float64Array })
  | (ColumnHead & {
      readonly kind: 'corpus-ratio';
      readonly numerators: Float32Array;
      readonly denominators: Float32Array;
      /** An answer can make its denominator larger than the truth does: no answer is the worst. */
      readonly grows?: true;
    })
  | (ColumnHead & { readonly kind: 'mae' | 'rmse' | 'r2'; readonly numbers: NumberColumns });

/** One dimension of a profile; `states` of its column mark as not due what is not measured on it. */
export interface ProfilePart {
  readonly dimension: string;
  readonly column: PlainColumn;
  /** What a value is divided by to be a fraction of 1. */
  readonly scale: number;
}

/** A metric of the rows, or the total of a published profile, with its parts in the order of the profile's dimensions. */
export type MetricColumn =
  | PlainColumn
  | AnswerColumn
  | (ColumnHead & { readonly kind: 'profile'; readonly profile: Profile; readonly parts: readonly ProfilePart[] });

export type FailureGroup = z.infer<typeof failureGroupSchema>;

/** First request sent (open loop: due) and last answer received of one attempt, on that attempt's clock; warm-up and ramp left out. */
export interface AttemptSpan {
  readonly attempt: number;
  readonly firstSentMs: number;
  readonly lastDoneMs: number;
}

/** How an open-loop attempt kept its schedule. */
export interface ScheduleColumns {
  /** Label of the random stream that drew it; null for a trace and for equal distances. */
  readonly seedLabel: string | null;
  /** First sent - scheduled, milliseconds; NaN where nothing was sent at its time. */
  readonly lagMs: Float64Array;
  /** Requests that waited because `maxInFlight` others were unanswered. */
  readonly held: number;
  /** Of what was sent, on the attempt's clock; Infinity and -Infinity where nothing was. */
  readonly firstDueMs: number;
  readonly lastDueMs: number;
}

/** Answers that were asked for piece by piece. */
export interface StreamColumns {
  /** Milliseconds to the first piece; Infinity for a failed sample, NaN where it counts in no latency statistic. */
  readonly ttftMs: Float64Array;
  /** (tokens - tokens / pieces) / (last piece - first piece); NaN for answers of one piece and where the sample counts in no latency statistic. */
  readonly answerTokensPerSecond: Float64Array;
  readonly gaps: GapSummary;
  readonly tokens: number;
  readonly pieces: number;
  /** Answers whose tokens the server told, those whose pieces were counted, and those that came as a whole without being told. */
  readonly answersFrom: { readonly server: number; readonly pieces: number; readonly unknown: number };
  readonly notStreamed: number;
}

/** What statistics of load need beside latencies, where the load asks for more than a closed or offline one did from the start. */
export interface LoadColumns {
  /** Answers behind the throughput. */
  readonly succeeded: number;
  /** Null where the load has no ramp. */
  readonly leftOutRamp: number | null;
  readonly slo: Slo | null;
  readonly schedule: ScheduleColumns | null;
  readonly stream: StreamColumns | null;
}

export interface JobColumns {
  readonly jobId: string;
  readonly state: Uint8Array;
  /** Milliseconds; Infinity for a failed sample, NaN where it counts in no latency statistic (no row, or retried). */
  readonly latencyMs: Float64Array;
  /** The server's own generateMs of succeeded samples; NaN where it did not tell, and for retried ones. */
  readonly generateMs: Float64Array;
  readonly leftOutRetried: number;
  readonly spans: readonly AttemptSpan[];
  /** The coarsest of the latencies, milliseconds, where answers were polled for; absent otherwise. */
  readonly resolutionMs?: number;
  readonly metrics: readonly MetricColumn[];
  readonly failures: readonly FailureGroup[];
  /** Length of all videos together, milliseconds; absent where there is none, or one whose length is not known. */
  readonly videoMs?: number;
  readonly load?: LoadColumns;
  /** Samples that were sent again, in order of issue; absent where the job has no audit. */
  readonly resends?: readonly ResentPair[];
}

/** One attribute by which scores are broken down. */
export interface CategoryColumn {
  readonly attribute: string;
  /** Its values, sorted; a code is an index into them. */
  readonly values: readonly string[];
  /** By item; NO_CATEGORY where an item has no such attribute. */
  readonly codes: Uint16Array;
}
export const NO_CATEGORY = 0xffff;

/** The items of a run, shared by its jobs. */
export interface SuiteColumns {
  readonly itemCount: number;
  readonly repeats: number;
  /** Items in the order in which bootstraps resample them: by id, or as issued in a suite too large for bootstraps. */
  readonly order: Uint32Array;
  readonly categories: readonly CategoryColumn[];
}

function isBinary(column: ColumnHead, values: Float64Array): boolean {
  const [low, high] = column.info.range;
  return low === 0 && high === 1 && values.every((value) => value === 0 || value === 1 || Number.isNaN(value));
}

/** The measure of a column: how its sums, or its ranks, become the metric. */
export function estimatorOf(column: MetricColumn): Measure {
  if (isAnswerColumn(column)) return measureOfAnswers(column);
  return column.kind === 'profile' ? profileEstimator(column.profile, profileTerms(column)) : plainEstimator(column);
}

function plainEstimator(column: PlainColumn): Estimator {
  switch (column.kind) {
    case 'mean':
      return meanEstimator(column.values, isBinary(column, column.values));
    case 'corpus-ratio':
      return ratioEstimator(column.numerators, column.denominators);
    case 'mae':
      return maeEstimator(column.numbers);
    case 'rmse':
      return rmseEstimator(column.numbers);
    case 'r2':
      return r2Estimator(column.numbers);
  }
}

/** The dimensions of a profile's column as estimators. */
export function profileTerms({ parts }: Extract<MetricColumn, { kind: 'profile' }>): ProfileTerm[] {
  return parts.map(({ column, scale }) => ({ estimator: plainEstimator(column), scale }));
}

/** A sample that the load never meant to send is no gap. */
function isDue({ states }: MetricColumn, slot: number): boolean {
  return states === undefined || ((states[slot] ?? 0) & NOT_DUE) === 0;
}

function someGap<T extends Float32Array | Float64Array>(column: MetricColumn, values: T, expected: T): boolean {
  return values.some((value, slot) => Number.isNaN(value) && !Number.isNaN(expected[slot] ?? Number.NaN) && isDue(column, slot));
}

/** Whether a sample that could have a value has none. An item without a truth cannot have one. */
export function hasGaps(column: MetricColumn): boolean {
  if (isAnswerColumn(column)) return answersHaveGaps(column, (slot) => isDue(column, slot));
  if (column.kind === 'profile') return column.parts.some((part) => hasGaps(part.column));
  if (column.kind === 'mean') return column.values.some((value, slot) => Number.isNaN(value) && isDue(column, slot));
  if (column.kind === 'corpus-ratio') return someGap(column, column.numerators, column.denominators);
  return someGap(column, column.numbers.predictions, column.numbers.references);
}

/** Every dimension by its own range; null where one has no bound on that side. */
function imputeParts(column: Extract<MetricColumn, { kind: 'profile' }>, bound: 'best' | 'worst'): MetricColumn | null {
  const parts: ProfilePart[] = [];
  for (const part of column.parts) {
    const filled = hasGaps(part.column) ? imputePlain(part.column, bound) : part.column;
    if (filled === null) return null;
    parts.push({ ...part, column: filled });
  }
  return { ...column, parts };
}

function fillGaps(column: MetricColumn, values: Float32Array | Float64Array, valueAt: (slot: number) => number): void {
  for (let slot = 0; slot < values.length; slot++) {
    if (Number.isNaN(values[slot]) && isDue(column, slot)) values[slot] = valueAt(slot);
  }
}

/**
 * The column with every missing value replaced by the best or the worst that the metric allows: what a ranking must survive.
 * Null where there is no such value (an unbounded end of the range, a metric without direction).
 */
export function imputeColumn(column: MetricColumn, bound: 'best' | 'worst'): MetricColumn | null {
  if (isAnswerColumn(column)) return imputeAnswers(column, bound, (slot) => isDue(column, slot));
  return column.kind === 'profile' ? imputeParts(column, bound) : imputePlain(column, bound);
}

/** From none to all of what the truth has: no error, or nothing right, where an answer cannot do worse. */
function imputeRatio(column: Extract<PlainColumn, { kind: 'corpus-ratio' }>, bound: 'best' | 'worst'): PlainColumn | null {
  const isShare = column.info.direction === 'higher';
  if (bound === 'worst' && (!isShare || column.grows === true)) return null;
  const numerators = column.numerators.slice();
  // A sample without a truth has no denominator; it stays out.
  fillGaps(column, numerators, (slot) => {
    const denominator = column.denominators[slot] ?? Number.NaN;
    return Number.isNaN(denominator) ? Number.NaN : isShare && bound === 'best' ? denominator : 0;
  });
  return { ...column, numerators };
}

function imputePlain(column: PlainColumn, bound: 'best' | 'worst'): PlainColumn | null {
  const { direction, range } = column.info;
  if (direction === 'none') return null;
  if (column.kind === 'mean') {
    const value = range[(direction === 'higher') === (bound === 'best') ? 1 : 0];
    if (value === null) return null;
    const values = column.values.slice();
    fillGaps(column, values, () => value);
    return { ...column, values };
  }
  if (column.kind === 'corpus-ratio') return imputeRatio(column, bound);
  if (bound === 'worst') return null;
  const predictions = column.numbers.predictions.slice();
  fillGaps(column, predictions, (slot) => column.numbers.references[slot] ?? Number.NaN);
  return { ...column, numbers: { predictions, references: column.numbers.references } };
}
