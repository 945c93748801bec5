/** Spearman's rank correlation (Am. J. Psychol. 15, 1904): Pearson's correlation of the ranks, ties sharing the mean of theirs. */
import { midranks } from './midranks.ts';

export const SPEARMAN_VERSION = '1.0.0';

/** From -1 to 1; null for fewer than two pairs, or where one side does not vary. `a` and `b` have equal lengths and are finite. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  const n = a.length;
  const [ranksA, ranksB] = [midranks(a), midranks(b)];
  const middle = (n + 1) / 2;
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (let index = 0; index < n; index++) {
    const [x, y] = [(ranksA[index] ?? 0) - middle, (ranksB[index] ?? 0) - middle];
    product += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  if (!(squaresA > 0 && squaresB > 0)) return null;
  return Math.max(-1, Math.min(1, product / Math.sqrt(squaresA * squaresB)));
}
