/**
 * How uncertain a measure is, beside its interval: the standard error, and how many independent samples would be as uncertain. Called for every
 * metric of a job by score-job.ts.
 */
import { type Jackknife, jackknife, totalsOf } from './bootstrap.ts';
import { isJackknifeAffordable, MAX_JACKKNIFE_SUMS, NO_VARIATION } from './estimate.ts';
import type { Estimator, Measure, Selection } from './estimator.ts';
import { rankJackknife, rankSampleOf, withoutClusters } from './rank-bootstrap.ts';
import type { RankEstimator } from './rank-estimator.ts';

export interface Spread {
  /** Of the jackknife over items, with all their repeats; null with a reason. */
  readonly standardError: number | null;
  readonly standardErrorReason: string | null;
  /**
   * n / design effect, the variance over items in relation to the variance over samples taken as independent (Kish, Survey Sampling, 1965): both
   * by the jackknife, left out an item or a sample at a time. Equal to n where every item has one sample; null with a reason.
   */
  readonly effectiveN: number | null;
  readonly effectiveNReason: string | null;
}

/** Jackknives over items and over samples; null where they cost too much. */
interface Jackknives {
  readonly samples: number;
  readonly clusters: number;
  readonly overItems: Jackknife | null;
  /** Null where it is that over items: one sample an item. */
  readonly overSamples: Jackknife | null;
}

function jackknivesOfSums(estimator: Estimator, selection: Selection): Jackknives {
  const totals = totalsOf(estimator, selection);
  const { samples, clusters, sums } = totals;
  const isAffordable = samples * estimator.width <= MAX_JACKKNIFE_SUMS;
  const overItems = isAffordable && clusters > 1 ? jackknife(estimator, selection, totals) : null;
  if (overItems === null || samples === clusters) return { samples, clusters, overItems, overSamples: null };
  const { items, repeats } = selection;
  const slots = Uint32Array.from(
    { length: items.length * repeats },
    (_, at) => (items[Math.floor(at / repeats)] ?? 0) * repeats + (at % repeats),
  );
  return {
    samples,
    clusters,
    overItems,
    overSamples: jackknife(estimator, { items: slots, repeats: 1 }, { sums, samples, clusters: samples }),
  };
}

function jackknivesOfRanks(estimator: RankEstimator, selection: Selection): Jackknives {
  const sample = rankSampleOf(estimator, selection);
  const [samples, clusters] = [sample.slots.length, sample.starts.length - 1];
  if (clusters < 2 || !isJackknifeAffordable(samples, samples, estimator.passes))
    return { samples, clusters, overItems: null, overSamples: null };
  const valueAt = estimator.prepare(sample.slots);
  const overItems = rankJackknife(valueAt, sample);
  return { samples, clusters, overItems, overSamples: samples === clusters ? null : rankJackknife(valueAt, withoutClusters(sample)) };
}

/** Below this share of the value a standard error is the rounding of its sums. */
const ROUNDING = 1e-12;

function absent(reason: string): Spread {
  return { standardError: null, standardErrorReason: reason, effectiveN: null, effectiveNReason: reason };
}

/** The spread of a measure that has this value. Pure. */
export function spreadOf(measure: Measure, selection: Selection, value: number): Spread {
  const { samples, clusters, overItems, overSamples } =
    'prepare' in measure ? jackknivesOfRanks(measure, selection) : jackknivesOfSums(measure, selection);
  if (clusters < 2) return absent('fewer than 2 items');
  if (overItems === null) return absent(`more samples than a jackknife is affordable for (${samples})`);
  const { standardError } = overItems;
  if (Number.isNaN(standardError)) return absent('undefined without some of the items');
  if (!(standardError > ROUNDING * Math.abs(value))) return absent(NO_VARIATION);
  const known = { standardError, standardErrorReason: null };
  if (overSamples === null) return { ...known, effectiveN: samples, effectiveNReason: null };
  if (Number.isNaN(overSamples.standardError))
    return { ...known, effectiveN: null, effectiveNReason: 'undefined without some of the samples' };
  if (!(overSamples.standardError > ROUNDING * Math.abs(value)))
    return { ...known, effectiveN: null, effectiveNReason: 'leaving out one sample of an item changes nothing' };
  return { ...known, effectiveN: samples * (overSamples.standardError / standardError) ** 2, effectiveNReason: null };
}
