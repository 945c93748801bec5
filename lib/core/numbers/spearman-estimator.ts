/** Spearman's correlation of answers and references as a measure that is resampled: ranks follow from how often each sample was drawn. */
import { type RankEstimator, type TieGroups, tieGroups } from '../measures/rank-estimator.ts';
import type { NumberColumns } from './errors.ts';

/** The rank of each group, its members sharing the mean of theirs, less the mean of all ranks. */
function centredRanks({ groupOf }: TieGroups, weights: Uint32Array, ranks: Float64Array): void {
  ranks.fill(0);
  let total = 0;
  for (let index = 0; index < groupOf.length; index++) {
    const [group, weight] = [groupOf[index] ?? 0, weights[index] ?? 0];
    ranks[group] = (ranks[group] ?? 0) + weight;
    total += weight;
  }
  let before = 0;
  for (let group = 0; group < ranks.length; group++) {
    const weight = ranks[group] ?? 0;
    ranks[group] = before + (weight + 1) / 2 - (total + 1) / 2;
    before += weight;
  }
}

/** Equal to spearman() where every weight is 1; NaN where one side does not vary. */
export function spearmanEstimator({ predictions, references }: NumberColumns): RankEstimator {
  return {
    has: (slot) => !Number.isNaN((predictions[slot] ?? Number.NaN) + (references[slot] ?? Number.NaN)),
    passes: 3,
    prepare: (slots) => {
      const a = tieGroups(Float64Array.from(slots, (slot) => predictions[slot] ?? 0));
      const b = tieGroups(Float64Array.from(slots, (slot) => references[slot] ?? 0));
      const [ranksA, ranksB] = [new Float64Array(a.groups), new Float64Array(b.groups)];
      return (weights) => {
        centredRanks(a, weights, ranksA);
        centredRanks(b, weights, ranksB);
        let [product, squaresA, squaresB] = [0, 0, 0];
        for (let index = 0; index < weights.length; index++) {
          const weight = weights[index] ?? 0;
          const [x, y] = [ranksA[a.groupOf[index] ?? 0] ?? 0, ranksB[b.groupOf[index] ?? 0] ?? 0];
          product += weight * x * y;
          squaresA += weight * x * x;
          squaresB += weight * y * y;
        }
        return squaresA > 0 && squaresB > 0 ? Math.max(-1, Math.min(1, product / Math.sqrt(squaresA * squaresB))) : Number.NaN;
      };
    },
    binary: false,
  };
}
