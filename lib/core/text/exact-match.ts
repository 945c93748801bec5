/**
 * Exact match of one answer: 1 when the normalised texts are equal, else 0. Case and punctuation count.
 */
import type { PreparedText } from './normalise.ts';

/** 1 when both texts are equal after normalisation, else 0. */
export function exactMatch(answer: PreparedText, reference: PreparedText): 0 | 1 {
  return answer.text === reference.text ? 1 : 0;
}
