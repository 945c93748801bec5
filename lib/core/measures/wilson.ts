/**
 * Intervals for shares of 0/1 outcomes that stay honest where a bootstrap has no spread (0 of n, n of n) or too few items.
 */
import { normalQuantile } from './normal.ts';

export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** Wilson's score interval of a share, without continuity correction (Wilson, 1927). `n` counts independent trials. */
export function wilsonInterval(share: number, n: number, confidence: number): Bounds {
  const z = normalQuantile(0.5 + confidence / 2);
  const denominator = 1 + (z * z) / n;
  const centre = (share + (z * z) / (2 * n)) / denominator;
  const half = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / denominator;
  return { low: share === 0 ? 0 : Math.max(0, centre - half), high: share === 1 ? 1 : Math.min(1, centre + half) };
}

export interface PairedShares {
  readonly a: number;
  readonly b: number;
  /** Correlation of the two outcomes; 0 where one of them has no spread. */
  readonly correlation: number;
  readonly n: number;
}

/** Interval of a - b for paired 0/1 outcomes, from the Wilson bounds of each (Newcombe, 1998, method 10 without correction). */
export function newcombePairedInterval(shares: PairedShares, confidence: number): Bounds {
  const { a, b, correlation: phi, n } = shares;
  const ofA = wilsonInterval(a, n, confidence);
  const ofB = wilsonInterval(b, n, confidence);
  const distance = (x: number, y: number): number => Math.sqrt(Math.max(0, x * x - 2 * phi * x * y + y * y));
  return {
    low: Math.max(-1, a - b - distance(a - ofA.low, ofB.high - b)),
    high: Math.min(1, a - b + distance(ofA.high - a, b - ofB.low)),
  };
}
