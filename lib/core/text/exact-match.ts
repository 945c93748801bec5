/**
 * Exact match of one answer: 1 when the normalised texts are equal, else 0. Case and punctuation count.
 */
import { normaliseText } from './normalise.ts';

export function exactMatch(answer: string, reference: string): 0 | 1 {
  return normaliseText(answer) === normaliseText(reference) ? 1 : 0;
}
