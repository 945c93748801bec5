/**
 * Paired comparison of two jobs on the samples that both have. Called for every pair of a ranking and of the Pareto chart.
 */
import { estimatorOf, hasGaps, imputeColumn, type MetricColumn, NOT_DUE, profileTerms, type SuiteColumns } from './columns.ts';
import { withoutThinParts } from './composites/profile-column.ts';
import { pairedTerms, profileEstimator } from './composites/profile-estimator.ts';
import { type Estimate, estimate, NO_VARIATION } from './measures/estimate.ts';
import { differenceEstimator, logMeanEstimator, type Measure, type Selection } from './measures/estimator.ts';
import { newcombePairedInterval } from './measures/wilson.ts';
import { wholeSuite } from './score-job.ts';
import type { Comparison, Interval } from './scores.ts';

export interface ComparedJob {
  readonly jobId: string;
  readonly column: MetricColumn;
}

interface PairedCounts {
  readonly a: number;
  readonly b: number;
  readonly both: number;
  readonly samples: number;
}

/** Ones of two binary columns over the common samples. */
function countPairs(a: MetricColumn, b: MetricColumn, selection: Selection): PairedCounts | null {
  if (a.kind !== 'mean' || b.kind !== 'mean') return null;
  const counts = { a: 0, b: 0, both: 0, samples: 0 };
  for (const item of selection.items) {
    for (let slot = item * selection.repeats; slot < (item + 1) * selection.repeats; slot++) {
      const [valueA, valueB] = [a.values[slot] ?? Number.NaN, b.values[slot] ?? Number.NaN];
      if (Number.isNaN(valueA + valueB)) continue;
      counts.a += valueA;
      counts.b += valueB;
      counts.both += valueA * valueB;
      counts.samples++;
    }
  }
  return counts;
}

/** Newcombe's interval where the items give a bootstrap nothing to work with; trials are counted in items, not repeats. */
function binaryInterval(a: MetricColumn, b: MetricColumn, selection: Selection, clusters: number, confidence: number): Interval | null {
  const counts = countPairs(a, b, selection);
  if (counts === null || counts.samples === 0) return null;
  const shareA = counts.a / counts.samples;
  const shareB = counts.b / counts.samples;
  const covariance = counts.both / counts.samples - shareA * shareB;
  const spread = Math.sqrt(shareA * (1 - shareA) * shareB * (1 - shareB));
  const correlation = spread > 0 ? Math.max(-1, Math.min(1, covariance / spread)) : 0;
  const { low, high } = newcombePairedInterval({ a: shareA, b: shareB, correlation, n: clusters }, confidence);
  return low < high ? { low, high, confidence, method: 'newcombe-wilson' } : null;
}

/** A profile is paired dimension by dimension: one may have values on samples that another has not. */
function pairedMeasures(a: MetricColumn, b: MetricColumn): [Measure, Measure] {
  if (a.kind !== 'profile' || b.kind !== 'profile') return [estimatorOf(a), estimatorOf(b)];
  const [ofA, ofB] = pairedTerms(profileTerms(a), profileTerms(b));
  return [profileEstimator(a.profile, ofA), profileEstimator(b.profile, ofB)];
}

/** a - b over common samples with its interval; the draws depend on the metric alone, so b - a mirrors it. */
function pairedEstimate(a: MetricColumn, b: MetricColumn, selection: Selection, confidence: number): Estimate {
  const [ofA, ofB] = pairedMeasures(a, b);
  const found = estimate(differenceEstimator(ofA, ofB), selection, { confidence, label: `difference/${a.name}` });
  const paired = withoutThinParts(found, a, selection, b);
  if (paired.value === null || paired.interval !== null || !ofA.binary || !ofB.binary) return paired;
  const interval = binaryInterval(a, b, selection, paired.clusters, confidence);
  return interval === null ? paired : { ...paired, interval, intervalReason: null };
}

/**
 * 1 where the interval lies above 0, -1 below, 0 where it spans 0 or is absent. Where every item differs by the same amount there is
 * no interval but the exact sign test: all n signs agree by chance with probability 2^(1 - n).
 */
function signOf(paired: Estimate, confidence: number): -1 | 0 | 1 {
  const { interval, value } = paired;
  if (interval !== null) return interval.low > 0 ? 1 : interval.high < 0 ? -1 : 0;
  const isConstant = paired.intervalReason === NO_VARIATION && value !== null && value !== 0;
  if (!isConstant || 2 ** (1 - paired.clusters) > 1 - confidence) return 0;
  return value > 0 ? 1 : -1;
}

/**
 * Whether the sign survives giving the winner's missing samples the worst and the loser's the best value of the range. Null when
 * it does, else why it does not.
 */
function weakness(winner: MetricColumn, loser: MetricColumn, selection: Selection, confidence: number): string | null {
  const worst = hasGaps(winner) ? imputeColumn(winner, 'worst') : winner;
  const best = hasGaps(loser) ? imputeColumn(loser, 'best') : loser;
  if (worst === winner && best === loser) return null;
  if (worst === null || best === null) return 'samples without a value could be worth anything: the metric has no bound on that side';
  const sign = signOf(pairedEstimate(worst, best, selection, confidence), confidence);
  const wanted = winner.info.direction === 'higher' ? 1 : -1;
  return sign === wanted ? null : 'samples without a value could turn it';
}

/** Samples that at least one of two jobs was to answer. */
function dueOfEither(a: MetricColumn, b: MetricColumn, slots: number): number {
  const { states } = a;
  if (states === undefined || b.states === undefined) return slots;
  return slots - states.reduce((count, state, slot) => count + (state & (b.states?.[slot] ?? 0) & NOT_DUE) / NOT_DUE, 0);
}

/** Why two columns have no difference. */
function absenceOf({ column }: ComparedJob, samples: number): string {
  if (column.kind === 'profile') return 'no samples in common with a value in some dimension';
  if (samples === 0) return 'no samples in common with a value';
  const absence = column.absence?.(samples);
  return absence === undefined ? 'no value on the samples in common' : `no value on the samples in common: ${absence}`;
}

/** The difference a - b of one metric. `confidence` is already corrected for the number of comparisons. */
export function compareJobs(a: ComparedJob, b: ComparedJob, suite: SuiteColumns, confidence: number): Comparison {
  const selection = wholeSuite(suite);
  const paired = pairedEstimate(a.column, b.column, selection, confidence);
  const head = {
    metric: a.column.name,
    a: a.jobId,
    b: b.jobId,
    difference: paired.value,
    interval: paired.interval,
    commonItems: paired.clusters,
    leftOut: dueOfEither(a.column, b.column, suite.itemCount * suite.repeats) - paired.samples,
  };
  if (paired.value === null) return { ...head, verdict: 'not comparable', reason: absenceOf(a, paired.samples) };
  const sign = signOf(paired, confidence);
  if (sign === 0) {
    const reason = paired.interval === null ? `no interval: ${paired.intervalReason}` : 'the interval of the difference spans 0';
    return { ...head, verdict: 'not separable', reason };
  }
  const aWins = (sign === 1) === (a.column.info.direction === 'higher');
  const [winner, loser] = aWins ? [a.column, b.column] : [b.column, a.column];
  const reason = weakness(winner, loser, selection, confidence);
  return reason === null ? { ...head, verdict: aWins ? 'a' : 'b', reason: null } : { ...head, verdict: 'not separable', reason };
}

export interface TimedJob {
  readonly jobId: string;
  /** NaN where not measured, Infinity where failed. */
  readonly latencyMs: Float64Array;
}

/** One microsecond, in milliseconds: below it a latency is a rounding of the clock. */
const SHORTEST_MS = 1e-3;

export interface LatencyComparison {
  readonly verdict: 'a' | 'b' | 'not separable';
  /** Geometric mean of latency a over latency b, sample by sample: 0.5 where a is twice as fast; null without common samples. */
  readonly ratio: number | null;
  readonly interval: Interval | null;
  /** Why a difference that the interval tells is no verdict; null elsewhere. */
  readonly reason: string | null;
}

/** Samples that one failed and the other did not: infinitely slow, so that no mean over the others makes that one the faster. */
function failedAlone(one: TimedJob, other: TimedJob): boolean {
  return one.latencyMs.some((value, slot) => value === Number.POSITIVE_INFINITY && other.latencyMs[slot] !== Number.POSITIVE_INFINITY);
}

/**
 * How much faster one of two jobs is: the mean difference of log latency, paired by sample, that is the geometric mean of the ratios of
 * their latencies. Failed and retried samples have no latency and stay out; but a job is not faster that failed where the other one answered.
 */
export function compareLatencies(a: TimedJob, b: TimedJob, suite: SuiteColumns, confidence: number): LatencyComparison {
  const difference = differenceEstimator(logMeanEstimator(a.latencyMs, SHORTEST_MS), logMeanEstimator(b.latencyMs, SHORTEST_MS));
  const paired = estimate(difference, wholeSuite(suite), { confidence, label: 'difference/log-latency' });
  const sign = signOf(paired, confidence);
  const { interval } = paired;
  const isUndone = (sign < 0 && failedAlone(a, b)) || (sign > 0 && failedAlone(b, a));
  return {
    verdict: sign === 0 || isUndone ? 'not separable' : sign < 0 ? 'a' : 'b',
    reason: isUndone ? 'the faster one failed on samples that the other answered' : null,
    ratio: paired.value === null ? null : Math.exp(paired.value),
    interval: interval === null ? null : { ...interval, low: Math.exp(interval.low), high: Math.exp(interval.high) },
  };
}

/** Which of two jobs is separably faster. */
export function compareLatency(a: TimedJob, b: TimedJob, suite: SuiteColumns, confidence: number): LatencyComparison['verdict'] {
  return compareLatencies(a, b, suite, confidence).verdict;
}
