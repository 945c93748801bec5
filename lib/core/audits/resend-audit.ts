/**
 * The audit of resent samples: the last of a load are sent once more with the same seeds, under the same load. Answers that come back much
 * faster come from a cache, answers that differ from a model that is not deterministic. Pure; called by score-job.ts.
 */
import { estimate, NO_VARIATION } from '../measures/estimate.ts';
import { meanEstimator } from '../measures/estimator.ts';
import type { AuditScore } from '../scores.ts';

/** A repeated item may be so much faster: the bound of MLPerf's caching test (inference compliance, TEST04), as a ratio of latencies. */
const FASTEST_RATIO = 0.9;
/** Below it there is no interval, so no verdict. */
export const FEWEST_TIMED = 10;
/** One microsecond: below it a latency is a rounding of the clock. */
const SHORTEST_MS = 1e-3;

/** One sample and its second sending; null where it failed, was retried, or is missing. */
export interface ResentPair {
  readonly sampleId: string;
  readonly firstMs: number | null;
  readonly againMs: number | null;
  /** Digests of text, value and files. */
  readonly firstDigest: string | null;
  readonly againDigest: string | null;
}

export interface AuditOptions {
  readonly confidence: number;
  /** Why the two latencies of a pair are not of one kind (another load, a contended machine); null when they are. */
  readonly untimed: string | null;
}

/** Deterministic in its arguments; pairs in order of issue. */
export function auditResends(pairs: readonly ResentPair[], options: AuditOptions): AuditScore {
  return { resent: pairs.length, caching: cachingOf(pairs, options), determinism: determinismOf(pairs) };
}

function cachingOf(pairs: readonly ResentPair[], { confidence, untimed }: AuditOptions): AuditScore['caching'] {
  const ratios = pairs.flatMap(({ firstMs, againMs }) =>
    firstMs === null || againMs === null ? [] : [Math.log(Math.max(againMs, SHORTEST_MS) / Math.max(firstMs, SHORTEST_MS))],
  );
  const head = { n: ratios.length, ratio: null, interval: null };
  if (untimed !== null) return { ...head, verdict: 'inconclusive', reason: untimed };
  if (ratios.length < FEWEST_TIMED) {
    return { ...head, verdict: 'inconclusive', reason: `needs ${FEWEST_TIMED} samples with both latencies, has ${ratios.length}` };
  }
  const selection = { items: Uint32Array.from(ratios.keys()), repeats: 1 };
  const logRatio = estimate(meanEstimator(Float64Array.from(ratios), false), selection, { confidence, label: 'audit/resend' });
  if (logRatio.value === null) return { ...head, verdict: 'inconclusive', reason: 'no latency ratio is finite' };
  const ratio = Math.exp(logRatio.value);
  const { interval: logs, intervalReason } = logRatio;
  const interval = logs === null ? null : { ...logs, low: Math.exp(logs.low), high: Math.exp(logs.high) };
  // Ratios that are all equal have no interval, and need none.
  const [low, high] = interval !== null ? [interval.low, interval.high] : intervalReason === NO_VARIATION ? [ratio, ratio] : [0, Infinity];
  const settled = { n: ratios.length, ratio, interval };
  if (high < FASTEST_RATIO) return { ...settled, verdict: 'failed', reason: 'a repeated sample is answered more than 10 % faster' };
  if (low >= FASTEST_RATIO) return { ...settled, verdict: 'passed', reason: null };
  return { ...settled, verdict: 'inconclusive', reason: 'the interval holds 0.9: send more samples again' };
}

function determinismOf(pairs: readonly ResentPair[]): AuditScore['determinism'] {
  const both = pairs.filter(({ firstDigest, againDigest }) => firstDigest !== null && againDigest !== null);
  const differing = both.filter(({ firstDigest, againDigest }) => firstDigest !== againDigest);
  const counts = { n: both.length, same: both.length - differing.length, differingSampleId: differing[0]?.sampleId ?? null };
  if (both.length === 0) return { ...counts, verdict: 'inconclusive', reason: 'no sample was answered both times' };
  return differing.length === 0
    ? { ...counts, verdict: 'same', reason: null }
    : { ...counts, verdict: 'differs', reason: `${differing.length} of ${both.length} answers differ under the same seed` };
}
