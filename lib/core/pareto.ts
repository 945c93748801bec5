/**
 * The Pareto front of quality against latency. A job is dominated only by one that is separably better on one axis and not
 * separably worse on the other; what cannot be told apart dominates nothing.
 */
import type { SuiteColumns } from './columns.ts';
import { compareLatency } from './compare-jobs.ts';
import { medianInterval } from './measures/median-interval.ts';
import { correctedConfidence, pairsOf } from './ranking.ts';
import { sortedValues } from './latency/latency-order.ts';
import type { Interval, LatencyScore, Pareto, Ranking } from './scores.ts';

export interface ParetoJob {
  readonly jobId: string;
  readonly latencyMs: Float64Array;
  readonly latency: LatencyScore | null;
}

interface Point {
  readonly jobId: string;
  readonly reference: boolean;
  readonly x: number;
  readonly y: number;
  readonly xInterval: Interval | null;
  readonly yInterval: Interval | null;
  readonly latencyMs: Float64Array;
}

/** The x of a job, or the reason why it has none. */
function latencyOf(latency: LatencyScore | null): number | string {
  if (latency === null) return 'no sample was measured';
  if (latency.contended) return 'contended: other work ran beside it';
  if (latency.schedule !== undefined) return 'open-loop latencies wait in one queue: no interval holds for their difference';
  const median = latency.percentiles.find((percentile) => percentile.p === 0.5);
  if (median === undefined) return 'offline load has no latency percentiles';
  return median.empirical ?? `p50 latency: ${median.empiricalReason}`;
}

function itemsWithLatency(latencyMs: Float64Array, suite: SuiteColumns): number {
  let items = 0;
  for (let item = 0; item < suite.itemCount; item++) {
    const first = item * suite.repeats;
    if (latencyMs.subarray(first, first + suite.repeats).some((value) => !Number.isNaN(value))) items++;
  }
  return items;
}

function pointOf(job: ParetoJob, ranking: Ranking, suite: SuiteColumns, confidence: number): Point | string {
  const x = latencyOf(job.latency);
  if (typeof x === 'string') return x;
  const entry = ranking.entries.find((candidate) => candidate.jobId === job.jobId);
  if (entry === undefined || entry.value === null) return `${ranking.metric}: ${entry?.reason ?? 'no value'}`;
  const xInterval = medianInterval(sortedValues(job.latencyMs), itemsWithLatency(job.latencyMs, suite), confidence);
  return {
    jobId: job.jobId,
    reference: entry.reference,
    x,
    y: entry.value,
    xInterval,
    yInterval: entry.interval,
    latencyMs: job.latencyMs,
  };
}

/** The better job of a pair by the ranking's verdict; null where they are not separable. */
function betterByQuality(a: string, b: string, ranking: Ranking): string | null {
  const found = ranking.comparisons.find((one) => (one.a === a && one.b === b) || (one.a === b && one.b === a));
  if (found === undefined) return null;
  return found.verdict === 'a' ? found.a : found.verdict === 'b' ? found.b : null;
}

/** [dominated, dominating] for every pair where one does. */
function dominations(points: readonly Point[], ranking: Ranking, suite: SuiteColumns, confidence: number): [string, string][] {
  const pairs = pairsOf(points);
  const corrected = correctedConfidence(confidence, pairs.length);
  return pairs.flatMap(([a, b]): [string, string][] => {
    const verdict = compareLatency(a, b, suite, corrected);
    const faster = verdict === 'not separable' ? null : verdict === 'a' ? a.jobId : b.jobId;
    const better = betterByQuality(a.jobId, b.jobId, ranking);
    const winner = faster ?? better;
    if (winner === null || (better !== null && better !== winner)) return [];
    return [[winner === a.jobId ? b.jobId : a.jobId, winner]];
  });
}

/** Which jobs no other dominates on latency (ms, lower) and the ranked metric; at the corrected confidence of the ranking. */
export function paretoOf(jobs: readonly ParetoJob[], ranking: Ranking, suite: SuiteColumns, confidence: number): Pareto {
  const placed = jobs.map((job) => ({ jobId: job.jobId, point: pointOf(job, ranking, suite, confidence) }));
  const points = placed.map(({ point }) => point).filter((point) => typeof point !== 'string');
  const dominated = dominations(
    points.filter((point) => !point.reference),
    ranking,
    suite,
    confidence,
  );
  return {
    x: 'latency.p50.empirical',
    y: ranking.metric,
    points: points.map(({ latencyMs: _, ...point }) => {
      const dominatedBy = dominated.filter(([loser]) => loser === point.jobId).map(([, winner]) => winner);
      return { ...point, onFront: !point.reference && dominatedBy.length === 0, dominatedBy };
    }),
    leftOut: placed.flatMap(({ jobId, point }) => (typeof point === 'string' ? [{ jobId, reason: point }] : [])),
  };
}
