/**
 * The order of all gaps between the pieces of a job's answers, in bounded memory: exact while they are few, a histogram beyond. Filled by
 * lib/workflow while rows stream; read by streaming.ts.
 */
import { growingNumbers } from '../growing-numbers.ts';
import { empiricalPercentile, LATENCY_PERCENTILES } from '../measures/percentile.ts';

/** As many gaps are sorted themselves: 8 MB. */
export const MOST_EXACT_GAPS = 1_000_000;

/** A value of the histogram differs from the gap that stands there by at most this share of it. */
export const GAP_ERROR = 0.001;

/**
 * Buckets (RATIO^(i-1), RATIO^i], told as 2 RATIO^i / (RATIO + 1): Masson, Rim and Lee, DDSketch, VLDB 2019. Equal gaps fall into equal
 * buckets, so the result does not depend on the order in which they come.
 */
const RATIO = (1 + GAP_ERROR) / (1 - GAP_ERROR);
const LOG_RATIO = Math.log(RATIO);
/** Gaps below a nanosecond count as 0: no clock tells them apart. */
const SMALLEST_MS = 1e-6;
/** 31 years; what is longer counts as that long in percentiles. */
const LARGEST_MS = 1e12;
const FIRST = Math.ceil(Math.log(SMALLEST_MS) / LOG_RATIO);
const BUCKETS = Math.ceil(Math.log(LARGEST_MS) / LOG_RATIO) - FIRST + 1;

export interface GapSummary {
  readonly n: number;
  /** `exact`, or the histogram and its error. */
  readonly method: string;
  /** In the order of LATENCY_PERCENTILES; null without gaps. */
  readonly percentiles: readonly (number | null)[];
  readonly maxMs: number | null;
  /** Gaps that the rows do not have, because an answer had more than a row keeps. */
  readonly leftOut: number;
}

export interface GapOrder {
  readonly add: (gapMs: number) => void;
  readonly leaveOut: (count: number) => void;
  /** Called last: it gives the memory back. */
  readonly summary: () => GapSummary;
}

/** @param mostExact for tests */
export function createGapOrder(mostExact = MOST_EXACT_GAPS): GapOrder {
  let exact = growingNumbers();
  let histogram: Float64Array | null = null;
  let [n, maxMs, leftOut] = [0, 0, 0];
  const sorted = (): Float64Array => {
    const values = new Float64Array(exact.count());
    exact.moveTo(values);
    exact = growingNumbers();
    return values.sort();
  };
  const add = (gapMs: number): void => {
    n++;
    maxMs = Math.max(maxMs, gapMs);
    if (histogram === null && n > mostExact) histogram = histogramOf(sorted());
    if (histogram === null) exact.push(gapMs);
    else count(histogram, gapMs);
  };
  const order = (): ((perMyriad: number) => number | null) => {
    if (histogram !== null) return (perMyriad) => percentileIn(histogram ?? new Float64Array(0), n, perMyriad);
    const values = sorted();
    return (perMyriad) => empiricalPercentile(values, perMyriad);
  };
  return {
    add,
    leaveOut: (gaps) => {
      leftOut += gaps;
    },
    summary: () => {
      const at = order();
      const method = histogram === null ? 'exact' : `logarithmic histogram, relative error at most ${GAP_ERROR * 100} %`;
      return { n, method, percentiles: LATENCY_PERCENTILES.map(at), maxMs: n === 0 ? null : maxMs, leftOut };
    },
  };
}

function histogramOf(values: Float64Array): Float64Array {
  const histogram = new Float64Array(BUCKETS + 1);
  for (const value of values) count(histogram, value);
  return histogram;
}

/** Bucket 0 is for gaps below a nanosecond. */
function count(histogram: Float64Array, gapMs: number): void {
  const bucket = gapMs < SMALLEST_MS ? 0 : 1 + Math.min(BUCKETS - 1, Math.max(0, Math.ceil(Math.log(gapMs) / LOG_RATIO) - FIRST));
  histogram[bucket] = (histogram[bucket] ?? 0) + 1;
}

/** The bucket in which `sorted[floor(n * p)]` lies. */
function percentileIn(histogram: Float64Array, n: number, perMyriad: number): number | null {
  const rank = Math.min(Math.floor((n * perMyriad) / 10_000), n - 1);
  let before = 0;
  for (const [bucket, size] of histogram.entries()) {
    before += size;
    if (before > rank) return bucket === 0 ? 0 : (2 * RATIO ** (bucket - 1 + FIRST)) / (RATIO + 1);
  }
  return null;
}
