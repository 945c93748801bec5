/**
 * The mean over classes of the area under the ROC curve of one class against the rest (lib/core/numbers/roc-auc.ts), as a measure that is
 * resampled. Each class is ranked by its own scores.
 */
import { type RankEstimator, type TieGroups, tieGroups } from '../measures/rank-estimator.ts';
import { NO_LABEL } from './label-columns.ts';

export interface ScoreColumns {
  readonly classes: number;
  readonly truths: Int32Array;
  /** Scores of all classes, slot by slot: values[slot * classes + class]; NaN where an answer told none. */
  readonly values: Float64Array;
}

/** Twice the pairs of a positive and a negative in the right order, ties counted once, over twice all pairs; NaN without a pair. */
function areaOf({ groupOf, groups }: TieGroups, positive: Uint8Array, weights: Uint32Array, inGroup: Float64Array): number {
  inGroup.fill(0);
  for (let index = 0; index < groupOf.length; index++) {
    const at = 2 * (groupOf[index] ?? 0) + (positive[index] ?? 0);
    inGroup[at] = (inGroup[at] ?? 0) + (weights[index] ?? 0);
  }
  let [pairs, positives, negatives] = [0, 0, 0];
  for (let group = 0; group < groups; group++) {
    const [below, above] = [inGroup[2 * group] ?? 0, inGroup[2 * group + 1] ?? 0];
    pairs += above * (2 * negatives + below);
    negatives += below;
    positives += above;
  }
  return positives > 0 && negatives > 0 ? pairs / (2 * positives * negatives) : Number.NaN;
}

/** Classes without a positive or without a negative sample do not count; NaN where none is left. */
export function aucEstimator({ classes, truths, values }: ScoreColumns): RankEstimator {
  return {
    has: (slot) => (truths[slot] ?? NO_LABEL) !== NO_LABEL && !Number.isNaN(values[slot * classes] ?? Number.NaN),
    passes: classes,
    prepare: (slots) => {
      const tables = Array.from({ length: classes }, (_, label) => {
        const ties = tieGroups(Float64Array.from(slots, (slot) => values[slot * classes + label] ?? 0));
        const positive = Uint8Array.from(slots, (slot) => (truths[slot] === label ? 1 : 0));
        return { ties, positive, inGroup: new Float64Array(2 * ties.groups) };
      });
      return (weights) => {
        let [sum, counted] = [0, 0];
        for (const { ties, positive, inGroup } of tables) {
          const area = areaOf(ties, positive, weights, inGroup);
          if (Number.isNaN(area)) continue;
          sum += area;
          counted++;
        }
        return counted > 0 ? sum / counted : Number.NaN;
      };
    },
    binary: false,
  };
}
