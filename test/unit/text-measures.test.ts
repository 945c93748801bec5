/** CER, WER, ANLS and exact match: published vectors, properties, and what Unicode does to them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anls as anlsOf } from '../../lib/core/text/anls.ts';
import { characterErrors as charactersOf, type ErrorCount, wordErrors as wordsOf } from '../../lib/core/text/error-rate.ts';
import { exactMatch as matchOf } from '../../lib/core/text/exact-match.ts';
import { levenshtein } from '../../lib/core/text/levenshtein.ts';
import { normaliseText, prepareText } from '../../lib/core/text/normalise.ts';

interface TextVectors {
  wer_cer: {
    cases: { ref: string; hyp: string; wer: number; cer: number | null }[];
    corpus_cases: { refs: string[]; hyps: string[]; cer: number }[];
  };
  anls: {
    cases: { gts: string[]; pred: string; anls_star: number }[];
    rrc_published: { gts: string[]; cases: { pred: string; score_2dp: number }[] };
  };
}
const golden: TextVectors = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/golden/text-metrics.json'), 'utf8'));
const characterErrors = (answer: string, reference: string) => charactersOf(prepareText(answer), prepareText(reference));
const wordErrors = (answer: string, reference: string) => wordsOf(prepareText(answer), prepareText(reference));
const exactMatch = (answer: string, reference: string) => matchOf(prepareText(answer), prepareText(reference));
const anls = (answer: string, references: readonly string[]) => anlsOf(prepareText(answer), references.map(prepareText));
const rate = ({ errors, referenceLength }: ErrorCount): number => errors / referenceLength;

/** The definition, row by row. */
function definedDistance(a: readonly number[], b: readonly number[]): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, symbol] of a.entries()) {
    const current = [row + 1];
    for (const [column, other] of b.entries()) {
      current.push(Math.min(above[column + 1]! + 1, current[column]! + 1, above[column]! + (symbol === other ? 0 : 1)));
    }
    above = current;
  }
  return above.at(-1)!;
}

const sequence = fc.array(fc.nat({ max: 3 }), { maxLength: 110 });

describe('the Levenshtein distance', () => {
  it('is what its definition says, across the borders of its 32-row blocks', () => {
    fc.assert(
      fc.property(sequence, sequence, (a, b) => {
        expect(levenshtein(a, b)).toBe(definedDistance(a, b));
      }),
      { numRuns: 400 },
    );
  });

  it.each([31, 32, 33, 63, 64, 65, 96, 97])('is right for a pattern of %i symbols', (length) => {
    const a = Array.from({ length }, (_, index) => (index * 7) % 5);
    const b = Array.from({ length: length + 3 }, (_, index) => (index * 3 + 1) % 5);

    expect(levenshtein(a, b)).toBe(definedDistance(a, b));
  });

  it('is a metric: symmetric, zero only for equals, and within the triangle', () => {
    fc.assert(
      fc.property(sequence, sequence, sequence, (a, b, c) => {
        expect(levenshtein(a, b)).toBe(levenshtein(b, a));
        expect(levenshtein(a, b) === 0).toBe(JSON.stringify(a) === JSON.stringify(b));
        expect(levenshtein(a, c)).toBeLessThanOrEqual(levenshtein(a, b) + levenshtein(b, c));
      }),
    );
  });
});

describe('WER and CER', () => {
  it.each(golden.wer_cer.cases)('of "$hyp" against "$ref" are as published', ({ ref, hyp, wer, cer }) => {
    expect(rate(wordErrors(hyp, ref))).toBeCloseTo(wer, 14);
    if (cer !== null) expect(rate(characterErrors(hyp, ref))).toBeCloseTo(cer, 14);
  });

  it.each(golden.wer_cer.corpus_cases)('of a corpus are all errors over all lengths', ({ refs, hyps, cer }) => {
    const counts = refs.map((ref, index) => characterErrors(hyps[index]!, ref));
    const total = (key: 'errors' | 'referenceLength') => counts.reduce((sum, count) => sum + count[key], 0);

    expect(total('errors') / total('referenceLength')).toBeCloseTo(cer, 14);
  });

  it('count an empty answer as all deleted, and an empty reference as nothing to divide by', () => {
    expect(characterErrors('', 'abc')).toEqual({ errors: 3, referenceLength: 3 });
    expect(wordErrors(' \n', 'a b')).toEqual({ errors: 2, referenceLength: 2 });
    expect(wordErrors('a', '  ')).toEqual({ errors: 1, referenceLength: 0 });
  });

  it('count a character beyond the basic plane once', () => {
    expect(characterErrors('a', 'a😀')).toEqual({ errors: 1, referenceLength: 2 });
  });
});

describe('normalisation', () => {
  it('makes composed and decomposed letters equal, and white space one blank', () => {
    expect(normaliseText('  Cafe\u0301\u00a0\n au  lait ')).toBe('Caf\u00e9 au lait');
  });

  it('keeps case and punctuation', () => {
    expect([exactMatch('Yes.', 'yes.'), exactMatch('Yes', 'Yes.'), exactMatch(' Yes.\n', 'Yes.')]).toEqual([0, 0, 1]);
  });

  it('is done after one pass', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(normaliseText(normaliseText(text))).toBe(normaliseText(text));
        expect(prepareText(text).words.every((word) => word.length > 0)).toBe(true);
        expect(prepareText(text).symbols).toEqual(Array.from(normaliseText(text), (character) => character.codePointAt(0)));
      }),
    );
  });
});

describe('ANLS', () => {
  it.each(golden.anls.cases)('of "$pred" against $gts is as published', ({ gts, pred, anls_star }) => {
    expect(anls(pred, gts)).toBeCloseTo(anls_star, 6);
  });

  it.each(golden.anls.rrc_published.cases)(
    'of "$pred" is $score_2dp, as the Robust Reading Competition prints it',
    ({ pred, score_2dp }) => {
      expect(anls(pred, golden.anls.rrc_published.gts)).toBeCloseTo(score_2dp, 2);
    },
  );

  it('keeps a similarity of exactly one half and drops what is below', () => {
    expect([anls('abxy', ['abcd']), anls('abxyz', ['abcde'])]).toEqual([0.5, 0]);
  });

  it('is 0 or in 0.5..1, and 1 for the reference itself', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (answer, reference) => {
        const score = anls(answer, [reference]);
        expect(score === 0 || (score >= 0.5 && score <= 1)).toBe(true);
        expect(anls(reference, [reference])).toBe(1);
      }),
    );
  });
});
