/**
 * BLEU (Papineni et al., ACL 2002), as sacrebleu defines it (Post, WMT 2018): clipped n-gram precisions up to 4, geometric mean, brevity
 * penalty by the reference that is closest in length (the shorter of two), smoothing after Chen and Cherry (WMT 2014).
 */
import { type BleuTokeniser, bleuTokens } from './bleu-tokens.ts';
import { createNgramMatcher } from './ngram-matcher.ts';

export const BLEU_VERSION = '1.0.0';
export const BLEU_ORDER = 4;
export const BLEU_SMOOTHINGS = ['exp', 'none', 'floor', 'add-k'] as const;
export type BleuSmoothing = (typeof BLEU_SMOOTHINGS)[number];

/** What a zero precision adds to the sum of logarithms: the whole becomes 0. */
const LOG_ZERO = -9999999999;
const FLOOR = 0.1;
const ADD_K = 1;

export interface BleuCounter {
  /**
   * Writes of one row: tokens of the hypothesis, tokens of the closest reference, and the matches of order 1 to 4. All that BLEU needs of
   * a corpus is their sums, and how many n-grams each hypothesis has (its tokens less n - 1).
   */
  readonly count: (hypothesis: string, references: readonly string[], parts: Float64Array) => void;
}

function closestLength(length: number, references: readonly (readonly unknown[])[]): number {
  let closest = -1;
  for (const reference of references) {
    const [distance, least] = [Math.abs(length - reference.length), Math.abs(length - closest)];
    if (closest < 0 || distance < least || (distance === least && reference.length < closest)) closest = reference.length;
  }
  return closest;
}

/** One per process and tokeniser is enough: it keeps its working memory. */
export function createBleuCounter(tokeniser: BleuTokeniser): BleuCounter {
  const matcher = createNgramMatcher(BLEU_ORDER);
  const numberOf = new Map<string, number>();
  const numbered = (token: string): number => {
    const known = numberOf.get(token);
    if (known !== undefined) return known;
    const number = numberOf.size;
    numberOf.set(token, number);
    return number;
  };
  return {
    count: (hypothesis, references, parts) => {
      numberOf.clear();
      matcher.reset();
      const tokenised = references.map((reference) => bleuTokens(reference, tokeniser));
      for (const tokens of tokenised) matcher.addReference(tokens.map(numbered));
      const tokens = bleuTokens(hypothesis, tokeniser);
      parts.fill(0, 0, 2 + BLEU_ORDER);
      parts[0] = tokens.length;
      parts[1] = closestLength(tokens.length, tokenised);
      matcher.match(
        tokens.map((token) => numberOf.get(token) ?? -1),
        parts,
        2,
      );
    },
  };
}

/** n-grams of order n in a text of so many tokens. */
export function ngramsIn(tokens: number, order: number): number {
  return Math.max(0, tokens - order + 1);
}

interface BleuOptions {
  readonly smoothing: BleuSmoothing;
  /** Leave out orders for which the hypothesis is too short: for single sentences. */
  readonly effectiveOrder: boolean;
}

/**
 * The score from 0 to 100. `sums`: tokens of hypotheses and of references, matches of order 1 to 4, n-grams of order 1 to 4. 0 where nothing
 * matches at all, whatever the smoothing.
 */
export function bleuScore(sums: ArrayLike<number>, offset: number, { smoothing, effectiveOrder }: BleuOptions): number {
  const [hypothesisLength, referenceLength] = [sums[offset] ?? 0, sums[offset + 1] ?? 0];
  let matches = 0;
  for (let n = 0; n < BLEU_ORDER; n++) matches += sums[offset + 2 + n] ?? 0;
  if (matches === 0) return 0;
  let halving = 1;
  let orders = BLEU_ORDER;
  let logs = 0;
  for (let n = 1; n <= BLEU_ORDER; n++) {
    const added = smoothing === 'add-k' && n > 1 ? ADD_K : 0;
    const correct = (sums[offset + 1 + n] ?? 0) + added;
    const total = (sums[offset + 1 + BLEU_ORDER + n] ?? 0) + added;
    if (total === 0) {
      // Orders beyond the longest hypothesis: their precision is 0, or they do not count.
      if (!effectiveOrder) logs += LOG_ZERO * (BLEU_ORDER - n + 1);
      break;
    }
    if (effectiveOrder) orders = n;
    let precision = (100 * correct) / total;
    if (correct === 0 && smoothing === 'exp') {
      halving *= 2;
      precision = 100 / (halving * total);
    } else if (correct === 0 && smoothing === 'floor') precision = (100 * FLOOR) / total;
    logs += precision === 0 ? LOG_ZERO : Math.log(precision);
  }
  const penalty = hypothesisLength < referenceLength ? Math.exp(1 - referenceLength / hypothesisLength) : 1;
  return penalty * Math.exp(logs / orders);
}

/** In the form of sacrebleu's signatures; the version is that of this implementation, which agrees with sacrebleu 2.6.0. */
export function bleuSignature(references: number | 'var', tokeniser: BleuTokeniser, { smoothing, effectiveOrder }: BleuOptions): string {
  const value = smoothing === 'floor' ? `[${FLOOR.toFixed(2)}]` : smoothing === 'add-k' ? `[${ADD_K.toFixed(2)}]` : '';
  const parts = [
    `nrefs:${references}`,
    'case:mixed',
    `eff:${effectiveOrder ? 'yes' : 'no'}`,
    `tok:${tokeniser}`,
    `smooth:${smoothing}${value}`,
  ];
  return [...parts, `version:bakeoff-${BLEU_VERSION}`].join('|');
}
