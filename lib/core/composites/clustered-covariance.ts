/**
 * The covariance of Bradley-Terry strengths where battles over one item depend on each other: the sandwich of the observed information and of
 * the scores summed up by group of items (Liang and Zeger, Biometrika 73, 1986). Used by strengths.ts where draws cannot tell.
 */
import { normalQuantile } from '../measures/normal.ts';
import type { BradleyTerryFit } from '../rank/bradley-terry.ts';
import { type Battles, pairNumber } from './battles.ts';
import { type Spread, SAME } from './item-draws.ts';

/** Of log strengths, row by row, with the correction groups / (groups - 1). */
export function clusteredCovariance({ jobs, groups, table }: Battles, { logStrengths, covariance }: BradleyTerryFit): Float64Array {
  const scores = new Float64Array(groups * jobs);
  for (let i = 1; i < jobs; i++) {
    for (let j = 0; j < i; j++) {
      const first = 2 * pairNumber(i, j) * groups;
      const chance = 1 / (1 + Math.exp((logStrengths[j] ?? 0) - (logStrengths[i] ?? 0)));
      for (let group = 0; group < groups; group++) {
        const [won, lost] = [table[first + group] ?? 0, table[first + groups + group] ?? 0];
        const surplus = won - (won + lost) * chance;
        scores[group * jobs + i] = (scores[group * jobs + i] ?? 0) + surplus;
        scores[group * jobs + j] = (scores[group * jobs + j] ?? 0) - surplus;
      }
    }
  }
  const meat = new Float64Array(jobs * jobs);
  for (let group = 0; group < groups; group++) {
    for (let i = 0; i < jobs; i++) {
      const score = scores[group * jobs + i] ?? 0;
      if (score === 0) continue;
      for (let j = 0; j < jobs; j++) meat[i * jobs + j] = (meat[i * jobs + j] ?? 0) + score * (scores[group * jobs + j] ?? 0);
    }
  }
  const scale = groups / Math.max(1, groups - 1);
  return product(product(covariance, meat, jobs), covariance, jobs).map((value) => scale * value);
}

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k] ?? 0;
      for (let j = 0; j < n; j++) result[i * n + j] = (result[i * n + j] ?? 0) + factor * (b[k * n + j] ?? 0);
    }
  }
  return result;
}

/** value ± z × standard error of the sum of the terms, each a job and its sign, in units of `scale` per log strength. */
export function waldSpread(
  value: number,
  terms: readonly (readonly [job: number, sign: 1 | -1])[],
  covariance: Float64Array,
  jobs: number,
  scale: number,
  confidence: number,
): Spread {
  let variance = 0;
  for (const [i, signI] of terms) for (const [j, signJ] of terms) variance += signI * signJ * (covariance[i * jobs + j] ?? 0);
  const half = normalQuantile(0.5 + confidence / 2) * scale * Math.sqrt(Math.max(0, variance));
  const [low, high] = [value - half, value + half];
  if (!(high - low > SAME * Math.max(Math.abs(low), Math.abs(high)))) {
    return { interval: null, intervalReason: 'the items do not vary', sign: 0 };
  }
  const interval = { low, high, confidence, method: 'wald-clustered' };
  return { interval, intervalReason: null, sign: low > 0 ? 1 : high < 0 ? -1 : 0 };
}
