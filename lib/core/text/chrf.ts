/**
 * chrF (Popovic, WMT 2015) and chrF++ (Popovic, WMT 2017), as sacrebleu defines them: F-beta of character n-grams up to 6, white space left
 * out, precision and recall averaged over the orders that both texts have; word n-grams beside them when `wordOrder` is above 0.
 */
import { codePoints } from './normalise.ts';
import { createNgramMatcher, type NgramMatcher } from './ngram-matcher.ts';
import { splitAtSpace } from './white-space.ts';

export const CHRF_VERSION = '1.0.0';
export const CHRF_CHARACTER_ORDER = 6;
const EPSILON = 1e-16;
const PUNCTUATION = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');

export interface ChrfOptions {
  /** How much more recall weighs than precision. */
  readonly beta: number;
  /** 0 for chrF, 1 for chrF+, 2 for chrF++. */
  readonly wordOrder: number;
  /** Every order counts, with 1e-16 where a text has none of it: as the first implementations did. */
  readonly epsilonSmoothing: boolean;
}

/** Words with one ASCII punctuation mark set apart: the last one, else the first. */
function chrfWords(text: string): string[] {
  const words: string[] = [];
  for (const word of splitAtSpace(text)) {
    const isSingle = word.length === 1 || (word.length === 2 && (word.codePointAt(0) ?? 0) > 0xffff);
    if (!isSingle && PUNCTUATION.has(word.slice(-1))) words.push(word.slice(0, -1), word.slice(-1));
    else if (!isSingle && PUNCTUATION.has(word.slice(0, 1))) words.push(word.slice(0, 1), word.slice(1));
    else words.push(word);
  }
  return words;
}

/**
 * F-beta in percent. `sums`: for each order n-grams of the hypothesis, n-grams of the reference, matches; characters first, then words.
 */
export function chrfScore(sums: ArrayLike<number>, offset: number, { beta, wordOrder, epsilonSmoothing }: ChrfOptions): number {
  const orders = CHRF_CHARACTER_ORDER + wordOrder;
  const factor = beta * beta;
  let [smoothed, precisions, recalls, effective] = [0, 0, 0, 0];
  for (let order = 0; order < orders; order++) {
    const at = offset + 3 * order;
    const [inHypothesis, inReference, matches] = [sums[at] ?? 0, sums[at + 1] ?? 0, sums[at + 2] ?? 0];
    const precision = inHypothesis > 0 ? matches / inHypothesis : EPSILON;
    const recall = inReference > 0 ? matches / inReference : EPSILON;
    const denominator = factor * precision + recall;
    smoothed += denominator > 0 ? ((1 + factor) * precision * recall) / denominator : EPSILON;
    if (inHypothesis === 0 || inReference === 0) continue;
    precisions += precision;
    recalls += recall;
    effective++;
  }
  if (epsilonSmoothing) return (100 * smoothed) / orders;
  if (precisions + recalls === 0) return 0;
  const [precision, recall] = [precisions / effective, recalls / effective];
  return (100 * ((1 + factor) * precision * recall)) / (factor * precision + recall);
}

/** Lengths of a row: what the numbers of n-grams follow from. Where the reference has none of an order, those of the hypothesis do not count. */
export function expandChrf(parts: ArrayLike<number>, wordOrder: number, sums: Float64Array, offset: number): void {
  const orders = CHRF_CHARACTER_ORDER + wordOrder;
  for (let order = 0; order < orders; order++) {
    const isWord = order >= CHRF_CHARACTER_ORDER;
    const n = isWord ? order - CHRF_CHARACTER_ORDER : order;
    const inHypothesis = Math.max(0, (parts[isWord ? 2 : 0] ?? 0) - n);
    const inReference = Math.max(0, (parts[isWord ? 3 : 1] ?? 0) - n);
    const at = offset + 3 * order;
    sums[at] = (sums[at] ?? 0) + (inReference > 0 ? inHypothesis : 0);
    sums[at + 1] = (sums[at + 1] ?? 0) + inReference;
    sums[at + 2] = (sums[at + 2] ?? 0) + (parts[4 + order] ?? 0);
  }
}

export interface ChrfCounter {
  /**
   * Writes of one row, for the reference with the highest score: characters of hypothesis and reference, words of both (0 without word
   * order), and the matches of each order.
   */
  readonly count: (hypothesis: string, references: readonly string[], parts: Float64Array) => void;
}

interface Side {
  readonly characters: readonly number[];
  readonly words: readonly string[];
}

function sideOf(text: string, wordOrder: number): Side {
  return { characters: codePoints(splitAtSpace(text).join('')), words: wordOrder > 0 ? chrfWords(text) : [] };
}

function matchWords(matcher: NgramMatcher, hypothesis: readonly string[], reference: readonly string[], parts: Float64Array): void {
  const numberOf = new Map(reference.map((word, index) => [word, index]));
  matcher.reset();
  matcher.addReference(reference.map((word) => numberOf.get(word) ?? 0));
  matcher.match(
    hypothesis.map((word) => numberOf.get(word) ?? -1),
    parts,
    4 + CHRF_CHARACTER_ORDER,
  );
}

/** It keeps its working memory from row to row. */
export function createChrfCounter(options: ChrfOptions): ChrfCounter {
  const { wordOrder } = options;
  const width = 4 + CHRF_CHARACTER_ORDER + wordOrder;
  const matchers = { characters: createNgramMatcher(CHRF_CHARACTER_ORDER), words: createNgramMatcher(Math.max(1, wordOrder)) };
  const candidate = new Float64Array(width);
  const sums = new Float64Array(3 * (CHRF_CHARACTER_ORDER + wordOrder));
  const countOne = (hypothesis: Side, reference: Side): void => {
    candidate.fill(0);
    candidate.set([hypothesis.characters.length, reference.characters.length, hypothesis.words.length, reference.words.length]);
    matchers.characters.reset();
    matchers.characters.addReference(reference.characters);
    matchers.characters.match(hypothesis.characters, candidate, 4);
    if (wordOrder > 0) matchWords(matchers.words, hypothesis.words, reference.words, candidate);
  };
  return {
    count: (text, references, parts) => {
      const hypothesis = sideOf(text, wordOrder);
      let best = -1;
      for (const reference of references) {
        countOne(hypothesis, sideOf(reference, wordOrder));
        sums.fill(0);
        expandChrf(candidate, wordOrder, sums, 0);
        const score = chrfScore(sums, 0, options);
        if (score > best) {
          best = score;
          parts.set(candidate);
        }
      }
    },
  };
}

/** In the form of sacrebleu's signatures; the version is that of this implementation, which agrees with sacrebleu 2.6.0. */
export function chrfSignature(references: number | 'var', { wordOrder, epsilonSmoothing }: ChrfOptions): string {
  const parts = [
    `nrefs:${references}`,
    'case:mixed',
    `eff:${epsilonSmoothing ? 'no' : 'yes'}`,
    `nc:${CHRF_CHARACTER_ORDER}`,
    `nw:${wordOrder}`,
  ];
  return [...parts, 'space:no', `version:bakeoff-${CHRF_VERSION}`].join('|');
}
