/**
 * A measure with its interval: decides how the interval is made, or why there is none. Called for every metric of a job, every
 * category and every paired difference.
 */
import type { Interval } from '../scores.ts';
import { bcaInterval } from './bca.ts';
import { bootstrapDistribution, clusterTable, jackknife, sparseDistribution, type Totals, totalsOf } from './bootstrap.ts';
import type { Estimator, Measure, Selection } from './estimator.ts';
import { normalQuantile } from './normal.ts';
import { rankDistribution, rankJackknife, rankSampleOf } from './rank-bootstrap.ts';
import type { RankEstimator } from './rank-estimator.ts';
import { type Bounds, wilsonInterval } from './wilson.ts';

/** Below this many items no bootstrap is trusted. */
export const MIN_BOOTSTRAP_CLUSTERS = 10;
/** Resamples at 95 %; more where a corrected level needs a longer tail. */
const BASE_RESAMPLES = 2000;
/** Resamples that should fall beyond each end of the interval; with fewer than the minimum the normal approximation takes over. */
const WANTED_IN_TAIL = 12;
const MIN_IN_TAIL = 10;
/** Items drawn in all for one interval: bounds its cost, so that 10,485 items at 95 % are the bootstrap's last. */
const MAX_DRAWS = 2 ** 22;
/** Visits of samples that all values of a measure of ranks may take, of its bootstrap and of its jackknife each; a second or so. */
export const MAX_RANK_VISITS = 2 ** 27;
/** Sums that a jackknife of a measure of many sums may touch. */
export const MAX_JACKKNIFE_SUMS = 2 ** 28;
/** Relative width below which an interval is rounding noise. */
const ROUNDING = 1e-12;
/** The reason of an interval that would have no width. */
export const NO_VARIATION = 'the items do not vary';
/** The reason where they do, but a corrected bootstrap has no endpoints: nearly all resamples lie on one side of the value. */
const LOPSIDED = 'the resamples of the items lie on one side of the value';

export interface Estimate {
  readonly value: number | null;
  readonly samples: number;
  readonly clusters: number;
  readonly interval: Interval | null;
  readonly intervalReason: string | null;
}

export interface IntervalOptions {
  readonly confidence: number;
  /** Names the random stream of the bootstrap. */
  readonly label: string;
}

/** How often n items are resampled for an interval of this confidence; 0 where the normal approximation takes over. */
export function resamplesFor(clusters: number, confidence: number): number {
  return affordableResamples(Math.floor(MAX_DRAWS / clusters), confidence);
}

function affordableResamples(most: number, confidence: number): number {
  const tail = (1 - confidence) / 2;
  const wanted = Math.max(BASE_RESAMPLES, Math.round(WANTED_IN_TAIL / tail));
  const affordable = Math.min(wanted, most);
  return affordable * tail >= MIN_IN_TAIL ? affordable : 0;
}

type Attempt = { readonly method: string; readonly bounds: Bounds } | { readonly reason: string };

function normalBounds(value: number, standardError: number, confidence: number): Bounds {
  const half = normalQuantile(0.5 + confidence / 2) * standardError;
  return { low: value - half, high: value + half };
}

function bcaAttempt(distribution: Float64Array, value: number, acceleration: number, confidence: number, method: string): Attempt {
  const [low = Number.NaN, high = Number.NaN] = [distribution[0], distribution.at(-1)];
  if (Number.isNaN(high)) return { reason: 'undefined on some resamples of the items' };
  if (!hasWidth({ low, high })) return { reason: NO_VARIATION };
  const bounds = bcaInterval(distribution, value, acceleration, confidence);
  return bounds === null || !hasWidth(bounds) ? { reason: LOPSIDED } : { method, bounds };
}

function hasWidth({ low, high }: Bounds): boolean {
  return high - low > ROUNDING * Math.max(Math.abs(low), Math.abs(high));
}

function bootstrapAttempt(estimator: Estimator, selection: Selection, totals: Totals, value: number, options: IntervalOptions): Attempt {
  const { clusters } = totals;
  if (clusters * estimator.width > MAX_JACKKNIFE_SUMS) return { reason: `more items than an interval is affordable for (${clusters})` };
  const { standardError, acceleration } = jackknife(estimator, selection, totals);
  const resamples = resamplesFor(clusters, options.confidence);
  if (resamples === 0) return { method: 'normal-jackknife', bounds: normalBounds(value, standardError, options.confidence) };
  const distribution = estimator.sparse
    ? sparseDistribution(estimator, selection, resamples, options.label)
    : bootstrapDistribution(estimator, clusterTable(estimator, selection, clusters), resamples, options.label);
  return bcaAttempt(distribution, value, acceleration, options.confidence, 'bca-bootstrap');
}

function attemptInterval(estimator: Estimator, selection: Selection, totals: Totals, value: number, options: IntervalOptions): Attempt {
  const few = totals.clusters < MIN_BOOTSTRAP_CLUSTERS;
  if (estimator.noInterval !== undefined) return { reason: estimator.noInterval };
  if (estimator.binary && (few || value === 0 || value === 1)) {
    return { method: 'wilson', bounds: wilsonInterval(value, totals.clusters, options.confidence) };
  }
  if (few) return { reason: `fewer than ${MIN_BOOTSTRAP_CLUSTERS} items (${totals.clusters})` };
  return bootstrapAttempt(estimator, selection, totals, value, options);
}

/** An interval of zero width says nothing about uncertainty: it becomes a reason. */
function settle(attempt: Attempt, confidence: number): Pick<Estimate, 'interval' | 'intervalReason'> {
  if ('reason' in attempt) return { interval: null, intervalReason: attempt.reason };
  const { low, high } = attempt.bounds;
  if (!hasWidth(attempt.bounds)) return { interval: null, intervalReason: NO_VARIATION };
  return { interval: { low, high, confidence, method: attempt.method }, intervalReason: null };
}

function estimateSums(estimator: Estimator, selection: Selection, options: IntervalOptions): Estimate {
  const totals = totalsOf(estimator, selection);
  const { samples, clusters } = totals;
  const value = clusters === 0 ? Number.NaN : estimator.value(totals.sums, 0);
  if (!Number.isFinite(value)) return { value: null, samples, clusters, interval: null, intervalReason: 'no value' };
  const attempt = attemptInterval(estimator, selection, totals, value, options);
  return { value, samples, clusters, ...settle(attempt, options.confidence) };
}

/** Whether a jackknife of so many clusters is affordable for a measure of ranks. */
export function isJackknifeAffordable(clusters: number, samples: number, passes: number): boolean {
  return clusters * samples * passes <= MAX_RANK_VISITS;
}

/** Where the jackknife costs too much the interval is bias-corrected without acceleration (Efron, 1981), and says so. */
function estimateRanks(estimator: RankEstimator, selection: Selection, { confidence, label }: IntervalOptions): Estimate {
  const sample = rankSampleOf(estimator, selection);
  const [samples, clusters] = [sample.slots.length, sample.starts.length - 1];
  const head = { samples, clusters };
  const valueAt = estimator.prepare(sample.slots);
  const value = clusters === 0 ? Number.NaN : valueAt(new Uint32Array(samples).fill(1));
  if (!Number.isFinite(value)) return { value: null, ...head, interval: null, intervalReason: 'no value' };
  const few = clusters < MIN_BOOTSTRAP_CLUSTERS;
  const most = Math.floor(Math.min(MAX_DRAWS / clusters, MAX_RANK_VISITS / (samples * estimator.passes)));
  const resamples = few ? 0 : affordableResamples(most, confidence);
  const attempt = (): Attempt => {
    if (few) return { reason: `fewer than ${MIN_BOOTSTRAP_CLUSTERS} items (${clusters})` };
    if (resamples === 0) return { reason: `more samples than resamples of ranks are affordable for (${samples})` };
    const distribution = rankDistribution(valueAt, sample, resamples, label);
    if (!isJackknifeAffordable(clusters, samples, estimator.passes)) return bcaAttempt(distribution, value, 0, confidence, 'bc-bootstrap');
    const { acceleration } = rankJackknife(valueAt, sample);
    return bcaAttempt(distribution, value, acceleration, confidence, 'bca-bootstrap');
  };
  return { value, ...head, ...settle(attempt(), confidence) };
}

/** The measure over a selection, with its interval or the reason why there is none. Deterministic in all its arguments. */
export function estimate(measure: Measure, selection: Selection, options: IntervalOptions): Estimate {
  return 'prepare' in measure ? estimateRanks(measure, selection, options) : estimateSums(measure, selection, options);
}
