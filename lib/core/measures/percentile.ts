/**
 * Percentiles of a latency order: the empirical one and the certified one. A percentile is a whole number of ten-thousandths
 * (9000 is p90, 9990 is p99.9), so that ranks are integer arithmetic and never fall on the wrong side of a rounding error.
 */
import type { Percentile } from '../scores.ts';
import { largestCountBelow, logBinomialCdf } from './binomial.ts';

export const LATENCY_PERCENTILES = [5000, 9000, 9500, 9900, 9990] as const;

/** Confidence of the certified percentile: that of MLPerf's early stopping. */
const CERTIFIED_CONFIDENCE = 0.99;

/** `sorted[floor(n * p)]`, zero-based: the convention of MLPerf's load generator. Infinity where a failed sample stands. */
export function empiricalPercentile(sorted: Float64Array, perMyriad: number): number | null {
  const rank = Math.floor((sorted.length * perMyriad) / 10_000);
  return sorted[Math.min(rank, sorted.length - 1)] ?? null;
}

/**
 * The smallest h (queries within the bound) that certifies percentile p at 99 % while t queries exceed it: the smallest h with
 * P(Binomial(h + t, 1 - p) <= t) < 0.01. MLPerf inference policies, appendix Early Stopping.
 */
export function requiredWithinBound(perMyriad: number, exceeding: number): number {
  const q = (10_000 - perMyriad) / 10_000;
  const logBound = Math.log(1 - CERTIFIED_CONFIDENCE);
  const certifies = (h: number): boolean => logBinomialCdf(exceeding, h + exceeding, q) < logBound;
  let high = 1;
  while (!certifies(high)) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (certifies(middle)) high = middle;
    else low = middle;
  }
  return high;
}

const minimumByPercentile = new Map<number, number>();

/** Fewest samples for which percentile p can be certified: one may exceed it. p50 11, p90 64, p95 130, p99 662, p99.9 6636. */
export function minimumSamples(perMyriad: number): number {
  const known = minimumByPercentile.get(perMyriad);
  if (known !== undefined) return known;
  const minimum = requiredWithinBound(perMyriad, 1) + 1;
  minimumByPercentile.set(perMyriad, minimum);
  return minimum;
}

/**
 * A value that percentile p stays below with 99 % confidence: `sorted[n - t]` for the largest t >= 1 such that
 * P(Binomial(n, 1 - p) <= t) < 0.01. Null below the minimum n. `unknown` more samples have no
 * latency of their own (answered by another try): for a bound they are infinitely slow.
 */
export function certifiedPercentile(sorted: Float64Array, perMyriad: number, unknown = 0): number | null {
  const n = sorted.length + unknown;
  const exceeding = largestCountBelow(n, (10_000 - perMyriad) / 10_000, 1 - CERTIFIED_CONFIDENCE);
  if (exceeding === null || exceeding < 1) return null;
  return sorted[n - exceeding] ?? Number.POSITIVE_INFINITY;
}

const FAILED_THERE = 'censored: a failed sample stands there';
const UNKNOWN_THERE = 'censored: a failed sample, or one that took another try, stands there';

function censored(value: number | null, absent: string, infinite = FAILED_THERE): { value: number | null; reason: string | null } {
  if (value === null) return { value: null, reason: absent };
  return Number.isFinite(value) ? { value, reason: null } : { value: null, reason: infinite };
}

/** Both percentiles with their reasons; `uncertifiable` says why none may be certified (a contended machine). */
export function scorePercentile(sorted: Float64Array, perMyriad: number, uncertifiable: string | null, unknown = 0): Percentile {
  const minN = minimumSamples(perMyriad);
  const empirical = censored(empiricalPercentile(sorted, perMyriad), 'no samples');
  const certified =
    uncertifiable === null
      ? censored(
          certifiedPercentile(sorted, perMyriad, unknown),
          `needs ${minN} samples, has ${sorted.length + unknown}`,
          unknown > 0 ? UNKNOWN_THERE : FAILED_THERE,
        )
      : { value: null, reason: uncertifiable };
  return {
    p: perMyriad / 10_000,
    empirical: empirical.value,
    empiricalReason: empirical.reason,
    certified: certified.value,
    certifiedReason: certified.reason,
    minN,
  };
}
