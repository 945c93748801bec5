/**
 * The order in which a job's latencies stand, failed samples last, and what is read from it. Used by the files beside this one and by the
 * Pareto chart.
 */
import { LATENCY_PERCENTILES, scorePercentile } from '../measures/percentile.ts';
import type { Percentile } from '../scores.ts';

/** Values without NaN, ascending; Infinity last. */
export function sortedValues(values: Float64Array): Float64Array {
  const sorted = values.slice().sort();
  let end = sorted.length;
  while (end > 0 && Number.isNaN(sorted[end - 1] ?? 0)) end--;
  return sorted.subarray(0, end);
}

/** Failed samples among them. */
export function countInfinite(sorted: Float64Array): number {
  let start = sorted.length;
  while (start > 0 && sorted[start - 1] === Number.POSITIVE_INFINITY) start--;
  return sorted.length - start;
}

/** Null with a failed sample among them: a mean over the survivors would flatter the job. */
export function meanOf(sorted: Float64Array): number | null {
  if (sorted.length === 0) return null;
  let sum = 0;
  for (const value of sorted) sum += value;
  return Number.isFinite(sum) ? sum / sorted.length : null;
}

/**
 * Every percentile of a report, as measured and as certified; `uncertifiable` says why none may be certified, `unknown` counts answered samples
 * that are not among them.
 */
export function scorePercentiles(sorted: Float64Array, uncertifiable: string | null, unknown: number): Percentile[] {
  return LATENCY_PERCENTILES.map((p) => scorePercentile(sorted, p, uncertifiable, unknown));
}
