/**
 * The latency score of a job: order statistics over its closed-loop samples, throughput over its active time. Called by
 * score-job.ts.
 */
import type { JobColumns } from './columns.ts';
import { SUCCEEDED } from './columns.ts';
import type { Load } from './job.ts';
import { empiricalPercentile, LATENCY_PERCENTILES, scorePercentile } from './measures/percentile.ts';
import type { LatencyScore } from './scores.ts';

/** Values without NaN, ascending; Infinity last. */
export function sortedValues(values: Float64Array): Float64Array {
  const sorted = values.slice().sort();
  let end = sorted.length;
  while (end > 0 && Number.isNaN(sorted[end - 1] ?? 0)) end--;
  return sorted.subarray(0, end);
}

function countFrom(sorted: Float64Array, value: number): number {
  let start = sorted.length;
  while (start > 0 && (sorted[start - 1] ?? 0) >= value) start--;
  return sorted.length - start;
}

/** Null with a failed sample among them: a mean over the survivors would flatter the job. */
function meanOf(sorted: Float64Array): number | null {
  if (sorted.length === 0) return null;
  let sum = 0;
  for (const value of sorted) sum += value;
  return Number.isFinite(sum) ? sum / sorted.length : null;
}

/** Succeeded samples over the time from each attempt's first request to its last answer; null where no time passed. */
function throughput(columns: JobColumns): number | null {
  let activeMs = 0;
  for (const span of columns.spans) activeMs += Math.max(0, span.lastDoneMs - span.firstSentMs);
  let succeeded = 0;
  for (const state of columns.state) if ((state & SUCCEEDED) !== 0) succeeded++;
  return activeMs > 0 ? (succeeded * 1000) / activeMs : null;
}

/** Null for a job without a single sample. Offline load has no percentiles: its samples wait for one another by design. */
export function scoreLatency(columns: JobColumns, load: Load, contended: boolean): LatencyScore | null {
  if (columns.spans.length === 0) return null;
  const sorted = load.mode === 'offline' ? new Float64Array(0) : sortedValues(columns.latencyMs);
  const uncertifiable = contended ? 'contended: other work ran beside it' : null;
  const generate = sortedValues(columns.generateMs);
  return {
    unit: 'ms',
    n: sorted.length,
    failedAsInfinite: countFrom(sorted, Number.POSITIVE_INFINITY),
    leftOutRetried: columns.leftOutRetried,
    mean: meanOf(sorted),
    percentiles: load.mode === 'offline' ? [] : LATENCY_PERCENTILES.map((p) => scorePercentile(sorted, p, uncertifiable)),
    serverGenerateMsMedian: empiricalPercentile(generate, 5000),
    throughputSamplesPerSecond: throughput(columns),
    attempts: columns.spans.length,
    contended,
  };
}
