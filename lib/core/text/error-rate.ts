/**
 * Errors and reference length of one answer, by characters (CER) and by words (WER). The rates of a job are corpus ratios:
 * all errors over all reference length, never the mean of per-sample rates. Not capped at 1.
 */
import { levenshtein } from './levenshtein.ts';
import type { PreparedText } from './normalise.ts';

export interface ErrorCount {
  /** Substitutions, deletions and insertions. */
  readonly errors: number;
  readonly referenceLength: number;
}

/** Levenshtein distance in symbols (see normalise.ts), and the number of symbols of the reference. */
export function characterErrors(answer: PreparedText, reference: PreparedText): ErrorCount {
  return { errors: levenshtein(answer.symbols, reference.symbols), referenceLength: reference.symbols.length };
}

/** Levenshtein distance in words, and the number of words of the reference. */
export function wordErrors(answer: PreparedText, reference: PreparedText): ErrorCount {
  return { errors: levenshtein(answer.words, reference.words), referenceLength: reference.words.length };
}
