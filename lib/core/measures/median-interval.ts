/**
 * A distribution-free interval of the median from order statistics, for the latency axis of the Pareto chart.
 */
import type { Interval } from '../scores.ts';
import { largestCountBelow } from './binomial.ts';

/**
 * Ranks l and n - 1 - l (zero-based) with P(Binomial(n, 1/2) <= l) < (1 - confidence) / 2. Repeats of an item are not
 * independent: `clusters` counts items, and the ranks of that many observations are stretched over the sorted values. Null where
 * the samples are too few or the interval reaches a failed sample.
 */
export function medianInterval(sorted: Float64Array, clusters: number, confidence: number): Interval | null {
  const rank = clusters < 1 ? null : largestCountBelow(clusters, 0.5, (1 - confidence) / 2);
  if (rank === null) return null;
  const at = Math.floor((rank * sorted.length) / clusters);
  const low = sorted[at] ?? Number.NaN;
  const high = sorted[sorted.length - 1 - at] ?? Number.NaN;
  return Number.isFinite(high) && low < high ? { low, high, confidence, method: 'order-statistic' } : null;
}
