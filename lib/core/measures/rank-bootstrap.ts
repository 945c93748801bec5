/**
 * The cluster bootstrap and the jackknife of measures of ranks: items are drawn (or left out) with all their repeats, as weights of samples
 * that were sorted once. Called by estimate.ts; equal labels give the same draws as those of bootstrap.ts.
 */
import { type Jackknife, jackknifeOf } from './bootstrap.ts';
import type { Selection } from './estimator.ts';
import { createRandomStream } from './random.ts';
import type { RankEstimator } from './rank-estimator.ts';

/** The samples that have a value, item by item. */
export interface RankSample {
  readonly slots: Uint32Array;
  /** Where the samples of each item begin; one entry more than there are items. */
  readonly starts: Uint32Array;
}

export function rankSampleOf(estimator: RankEstimator, { items, repeats }: Selection): RankSample {
  const slots = new Uint32Array(items.length * repeats);
  const starts = new Uint32Array(items.length + 1);
  let [count, clusters] = [0, 0];
  for (const item of items) {
    const before = count;
    for (let slot = item * repeats; slot < (item + 1) * repeats; slot++) if (estimator.has(slot)) slots[count++] = slot;
    if (count > before) starts[++clusters] = count;
  }
  return { slots: slots.slice(0, count), starts: starts.slice(0, clusters + 1) };
}

/** Every sample a cluster of its own. */
export function withoutClusters({ slots }: RankSample): RankSample {
  return { slots, starts: Uint32Array.from({ length: slots.length + 1 }, (_, index) => index) };
}

export type WeighedValue = (weights: Uint32Array) => number;

/** The measure on `resamples` draws of as many items as there are, ascending; undefined ones are NaN and sort last. */
export function rankDistribution(valueAt: WeighedValue, { slots, starts }: RankSample, resamples: number, label: string): Float64Array {
  const clusters = starts.length - 1;
  const { fillBelow } = createRandomStream(label);
  const picks = new Uint32Array(clusters);
  const weights = new Uint32Array(slots.length);
  const distribution = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    fillBelow(picks, clusters);
    weights.fill(0);
    for (const pick of picks) for (let at = starts[pick] ?? 0; at < (starts[pick + 1] ?? 0); at++) weights[at] = (weights[at] ?? 0) + 1;
    distribution[resample] = valueAt(weights);
  }
  return distribution.sort();
}

/** Leaves out each item once; one value of the measure for each. */
export function rankJackknife(valueAt: WeighedValue, { slots, starts }: RankSample): Jackknife {
  const weights = new Uint32Array(slots.length).fill(1);
  const whole = valueAt(weights);
  let [first, second, third] = [0, 0, 0];
  for (let cluster = 0; cluster < starts.length - 1; cluster++) {
    const [start, end] = [starts[cluster], starts[cluster + 1]];
    weights.fill(0, start, end);
    const shift = whole - valueAt(weights);
    weights.fill(1, start, end);
    first += shift;
    second += shift * shift;
    third += shift * shift * shift;
  }
  return jackknifeOf([first, second, third], starts.length - 1);
}
