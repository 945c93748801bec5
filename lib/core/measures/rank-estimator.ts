/**
 * Measures of ranks (AUC, Spearman): no function of a few sums over samples. The samples are sorted once, and each resample weighs them: O(n)
 * a resample. Used by estimate.ts beside the estimators of sums.
 */
import type { Estimator } from './estimator.ts';

export interface RankEstimator {
  /** Whether the sample at this slot has a value. */
  readonly has: (slot: number) => boolean;
  /** How often one value passes over all samples: its cost. */
  readonly passes: number;
  /**
   * Sorts these samples. The measure where the sample slots[i] counts weights[i] times (whole numbers from 0); NaN where it is undefined.
   */
  readonly prepare: (slots: Uint32Array) => (weights: Uint32Array) => number;
  readonly binary: false;
}

/** Groups of equal values, numbered in ascending order of the values. */
export interface TieGroups {
  /** By sample. */
  readonly groupOf: Uint32Array;
  readonly groups: number;
}

/** Of finite values. */
export function tieGroups(values: Float64Array): TieGroups {
  const order = Uint32Array.from({ length: values.length }, (_, index) => index);
  order.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const groupOf = new Uint32Array(values.length);
  let group = -1;
  for (let at = 0; at < order.length; at++) {
    const [here, before] = [order[at] ?? 0, order[at - 1] ?? 0];
    if (at === 0 || values[here] !== values[before]) group++;
    groupOf[here] = group;
  }
  return { groupOf, groups: group + 1 };
}

/** A measure of sums as one that weighs samples, for differences of the two kinds. */
export function weighed(estimator: Estimator): RankEstimator {
  return {
    has: estimator.has,
    passes: estimator.width,
    prepare: (slots) => {
      const sums = new Float64Array(estimator.width);
      return (weights) => {
        sums.fill(0);
        for (let index = 0; index < slots.length; index++)
          for (let times = weights[index] ?? 0; times > 0; times--) estimator.add(slots[index] ?? 0, sums, 0);
        return estimator.value(sums, 0);
      };
    },
    binary: false,
  };
}
