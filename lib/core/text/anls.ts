/**
 * Average Normalised Levenshtein Similarity (Biten et al., ICCV 2019) of one answer. Variant `anls-rrc`: texts normalised and
 * lower-cased first, distance over the longer of the two *normalised* texts in code points, the best reference counts, a
 * similarity of exactly 0.5 is kept (the Robust Reading Competition's wording: "if its value is >= 0.5").
 */
import { levenshtein } from './levenshtein.ts';
import { lowerCased, type PreparedText } from './normalise.ts';

const THRESHOLD = 0.5;

function similarity(answer: readonly number[], truth: readonly number[]): number {
  const longer = Math.max(answer.length, truth.length);
  return longer === 0 ? 1 : 1 - levenshtein(answer, truth) / longer;
}

/** In {0} or [0.5, 1]. */
export function anls(answer: PreparedText, references: readonly PreparedText[]): number {
  const { symbols } = lowerCased(answer);
  const best = Math.max(0, ...references.map((reference) => similarity(symbols, lowerCased(reference).symbols)));
  return best >= THRESHOLD ? best : 0;
}
