/**
 * What `bakeoff stats` says of a list of numbers: mean with interval, standard deviation, percentiles (empirical and certified), and what so
 * many samples can resolve. Infinite numbers stand for failed samples: they take part in percentiles, and there is no mean.
 */
import type { Interval, Percentile } from '../scores.ts';
import { estimate, resamplesFor } from './estimate.ts';
import { type Estimator, meanEstimator } from './estimator.ts';
import { normalQuantile } from './normal.ts';
import { LATENCY_PERCENTILES, scorePercentile } from './percentile.ts';
import { DEFAULT_POWER, type Design, requiredForDifference, requiredForHalfWidth, resolvableDifference } from './sample-size.ts';

export const SUMMARY_CONFIDENCE = 0.95;
const EMPIRICAL_METHOD = 'sorted[floor(n * p)], zero-based';
const CERTIFIED_METHOD = 'one-sided binomial bound at 99 % (MLPerf early stopping)';

export interface SummaryPercentile extends Omit<Percentile, 'p'> {
  readonly method: string;
  readonly certifiedMethod: string;
}

export interface PowerPlan {
  readonly confidence: number;
  readonly power: number;
  /** Smallest true differences that are found; null for too few numbers, or none that vary. */
  readonly resolvable: Readonly<Record<Design, number | null>>;
  /** Numbers needed (in each set, for `independent`) for the difference asked for. */
  readonly forDifference: (Readonly<Record<Design, number>> & { readonly difference: number }) | null;
  /** Numbers needed for an interval of the mean of so much to each side. */
  readonly forPrecision: readonly { readonly halfWidth: number; readonly n: number }[];
  readonly reason: string | null;
  readonly formula: string;
}

export interface NumberSummary {
  readonly n: number;
  readonly mean: number | null;
  readonly meanReason: string | null;
  readonly ci: Interval | null;
  readonly ciReason: string | null;
  /** With n - 1; null for fewer than two numbers, or where one is infinite. */
  readonly sd: number | null;
  readonly percentiles: Readonly<Record<string, SummaryPercentile>>;
  readonly power?: PowerPlan;
}

export interface SummaryOptions {
  /** Absent: no power is computed. Differences and half-widths in the unit of the numbers. */
  readonly power?: { readonly difference: number | null; readonly precision: number | null };
}

/** Neumaier's compensated sum (ZAMM 54, 1974) of f(x). */
function sumOf(values: Float64Array, f: (value: number) => number): number {
  let [sum, lost] = [0, 0];
  for (let index = 0; index < values.length; index++) {
    const value = f(values[index] ?? 0);
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
}

function isBinary(values: Float64Array): boolean {
  return values.every((value) => value === 0 || value === 1);
}

/** The mean of the numbers less `origin`, without a copy of them. */
function shiftedMean(values: Float64Array, origin: number): Estimator {
  const add: Estimator['add'] = (slot, sums, offset) => {
    sums[offset] = (sums[offset] ?? 0) + ((values[slot] ?? 0) - origin);
    sums[offset + 1] = (sums[offset + 1] ?? 0) + 1;
  };
  return { ...meanEstimator(values, false), has: () => true, add };
}

/** The interval of the mean; the middle number is taken off first, so that a large common part costs no digits. */
function meanInterval(
  sorted: Float64Array,
  mean: number,
  sd: number | null,
): { readonly ci: Interval | null; readonly ciReason: string | null } {
  const confidence = SUMMARY_CONFIDENCE;
  if (sd !== null && sd > 0 && resamplesFor(sorted.length, confidence) === 0) {
    // The jackknife's standard error of a mean is sd / sqrt(n): ten million numbers need not be left out one by one.
    const half = (normalQuantile(0.5 + confidence / 2) * sd) / Math.sqrt(sorted.length);
    return { ci: { low: mean - half, high: mean + half, confidence, method: 'normal-jackknife' }, ciReason: null };
  }
  const binary = isBinary(sorted);
  const origin = binary ? 0 : (sorted[sorted.length >> 1] ?? 0);
  const selection = { items: Uint32Array.from({ length: sorted.length }, (_, index) => index), repeats: 1 };
  const estimator = binary ? meanEstimator(sorted, true) : shiftedMean(sorted, origin);
  const { interval, intervalReason } = estimate(estimator, selection, { confidence, label: 'stats.mean' });
  if (interval === null) return { ci: null, ciReason: intervalReason?.replaceAll('items', 'numbers') ?? null };
  return { ci: { ...interval, low: origin + interval.low, high: origin + interval.high }, ciReason: null };
}

function percentilesOf(sorted: Float64Array): Record<string, SummaryPercentile> {
  return Object.fromEntries(
    LATENCY_PERCENTILES.map((perMyriad) => {
      const { p: _, ...rest } = scorePercentile(sorted, perMyriad, null);
      return [`p${perMyriad / 100}`, { ...rest, method: EMPIRICAL_METHOD, certifiedMethod: CERTIFIED_METHOD }];
    }),
  );
}

function powerPlan(
  n: number,
  mean: number | null,
  sd: number | null,
  { difference, precision }: NonNullable<SummaryOptions['power']>,
): PowerPlan {
  const options = { confidence: SUMMARY_CONFIDENCE, power: DEFAULT_POWER };
  const formula =
    'difference = (z_c + z_p) * sd * sqrt(groups / (n - z_c^2 / (2 * groups))); n of a half-width = (z_c * sd / w)^2 + z_c^2 / 2';
  const head = { ...options, formula };
  if (sd === null || sd === 0 || mean === null) {
    const reason = sd === 0 ? 'the numbers do not vary' : 'no standard deviation';
    return { ...head, resolvable: { paired: null, independent: null }, forDifference: null, forPrecision: [], reason };
  }
  const resolve = (design: Design) => resolvableDifference(n, sd, design, options);
  const require = (design: Design, wanted: number) => requiredForDifference(wanted, sd, design, options);
  const widths = precision !== null ? [precision] : mean === 0 ? [] : [0.1, 0.05, 0.01].map((share) => Math.abs(mean) * share);
  return {
    ...head,
    resolvable: { paired: resolve('paired'), independent: resolve('independent') },
    forDifference:
      difference === null ? null : { difference, paired: require('paired', difference), independent: require('independent', difference) },
    forPrecision: widths.map((halfWidth) => ({ halfWidth, n: requiredForHalfWidth(halfWidth, sd, SUMMARY_CONFIDENCE) })),
    reason: null,
  };
}

/** Sorts `values` in place. They hold no NaN and no negative infinity, and there is at least one. */
export function summariseNumbers(values: Float64Array, options: SummaryOptions): NumberSummary {
  values.sort();
  const n = values.length;
  const percentiles = percentilesOf(values);
  const infinite = values[n - 1] === Number.POSITIVE_INFINITY;
  const mean = infinite ? null : sumOf(values, (value) => value) / n;
  const centre = mean ?? 0;
  const squares = sumOf(values, (value) => (value - centre) ** 2);
  const sd = mean === null || n < 2 ? null : Math.sqrt(squares / (n - 1));
  const noMean = 'censored: failed samples (infinite numbers) are among them';
  const interval = mean === null ? { ci: null, ciReason: noMean } : meanInterval(values, mean, sd);
  const summary = { n, mean, meanReason: mean === null ? noMean : null, ...interval, sd, percentiles };
  return options.power === undefined ? summary : { ...summary, power: powerPlan(n, mean, sd, options.power) };
}
