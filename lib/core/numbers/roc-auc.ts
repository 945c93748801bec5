/**
 * The area under the ROC curve of one class against the rest: the chance that a positive scores above a negative, ties counted half (Mann and
 * Whitney, 1947; Hanley and McNeil, Radiology 143, 1982).
 */
import { midranks } from './midranks.ts';

export const ROC_AUC_VERSION = '1.0.0';

/** `positive`: 1 for the class, else 0. Null where one of the two is missing. Scores are finite. */
export function rocAuc(scores: ArrayLike<number>, positive: ArrayLike<number>): number | null {
  const ranks = midranks(scores);
  let [sum, positives] = [0, 0];
  for (let index = 0; index < ranks.length; index++) {
    if (positive[index] !== 1) continue;
    sum += ranks[index] ?? 0;
    positives++;
  }
  const negatives = ranks.length - positives;
  if (positives === 0 || negatives === 0) return null;
  return (sum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
