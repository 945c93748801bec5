/**
 * The bias-corrected and accelerated (BCa) endpoints of a bootstrap distribution. Pure arithmetic; drawing lies in bootstrap.ts.
 */
import { normalCdf, normalQuantile } from './normal.ts';
import type { Bounds } from './wilson.ts';

/** The p-quantile of sorted values by linear interpolation at p * (n - 1) (Hyndman and Fan, type 7). */
export function quantile(sorted: Float64Array, p: number): number {
  const position = p * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (high - low) * (position - below);
}

/** Share of resampled values below the estimate, ties counted half. */
function shareBelow(distribution: Float64Array, estimate: number): number {
  let below = 0;
  for (const value of distribution) below += value < estimate ? 1 : value === estimate ? 0.5 : 0;
  return below / distribution.length;
}

/**
 * Efron (1987), "Better bootstrap confidence intervals". `sorted`: the bootstrap distribution, ascending. Null where the
 * correction is undefined (all resamples on one side of the estimate).
 */
export function bcaInterval(sorted: Float64Array, estimate: number, acceleration: number, confidence: number): Bounds | null {
  const bias = normalQuantile(shareBelow(sorted, estimate));
  const level = (p: number): number => {
    const shifted = bias + normalQuantile(p);
    return normalCdf(bias + shifted / (1 - acceleration * shifted));
  };
  const lowLevel = level((1 - confidence) / 2);
  const highLevel = level((1 + confidence) / 2);
  if (!Number.isFinite(bias) || !(lowLevel < highLevel)) return null;
  return { low: quantile(sorted, lowLevel), high: quantile(sorted, highLevel) };
}
