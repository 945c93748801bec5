/**
 * Errors and reference length of one answer, by characters (CER) and by words (WER). The rates of a job are corpus ratios:
 * all errors over all reference length, never the mean of per-sample rates. Not capped at 1.
 */
import { levenshtein } from './levenshtein.ts';
import { codePoints, normaliseText, words } from './normalise.ts';

export interface ErrorCount {
  /** Substitutions, deletions and insertions. */
  readonly errors: number;
  readonly referenceLength: number;
}

/** Characters are code points of the normalised texts, blanks included. */
export function characterErrors(answer: string, reference: string): ErrorCount {
  const truth = codePoints(normaliseText(reference));
  return { errors: levenshtein(codePoints(normaliseText(answer)), truth), referenceLength: truth.length };
}

/** Words are what blanks separate in the normalised texts. */
export function wordErrors(answer: string, reference: string): ErrorCount {
  const truth = words(normaliseText(reference));
  return { errors: levenshtein(words(normaliseText(answer)), truth), referenceLength: truth.length };
}
