/** Standard errors and effective sample sizes, against the formulas of means. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classEstimator } from '../../lib/core/labels/class-estimator.ts';
import { UNPARSED_ANSWER } from '../../lib/core/labels/label-columns.ts';
import { meanEstimator, ratioEstimator } from '../../lib/core/measures/estimator.ts';
import { spreadOf } from '../../lib/core/measures/spread.ts';
import { spearmanEstimator } from '../../lib/core/numbers/spearman-estimator.ts';

const all = (items: number, repeats = 1) => ({ items: Uint32Array.from({ length: items }, (_, item) => item), repeats });
const ofMean = (values: readonly number[], repeats = 1) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return spreadOf(meanEstimator(Float64Array.from(values), false), all(values.length / repeats, repeats), mean);
};
const variance = (values: readonly number[]): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
};
const lists = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 40 }).filter((list) => new Set(list).size > 1);

describe('the standard error', () => {
  it('of a mean is sd / √n, and every sample counts as one', () => {
    fc.assert(
      fc.property(lists, (values) => {
        const { standardError, effectiveN } = ofMean(values);

        expect(standardError).toBeCloseTo(Math.sqrt(variance(values) / values.length), 9);
        expect(effectiveN).toBe(values.length);
      }),
    );
  });

  it('counts copies of an item as one item', () => {
    fc.assert(
      fc.property(lists, (values) => {
        const { standardError, effectiveN } = ofMean(
          values.flatMap((value) => [value, value, value]),
          3,
        );
        const n = values.length;

        expect(standardError).toBeCloseTo(Math.sqrt(variance(values) / n), 9);
        // Three copies a value: as many independent samples as values, but for the n - 1 in the variance of either.
        expect(effectiveN! / n).toBeCloseTo((3 * (n - 1)) / (3 * n - 1), 6);
      }),
    );
  });

  it('is absent, with the reason, of one item, of items that do not vary, and where leaving one out leaves nothing', () => {
    expect(ofMean([1])).toMatchObject({ standardError: null, standardErrorReason: 'fewer than 2 items', effectiveN: null });
    expect(ofMean([2, 2, 2])).toMatchObject({
      standardError: null,
      standardErrorReason: 'the items do not vary',
      effectiveNReason: 'the items do not vary',
    });

    const once = ratioEstimator(Float32Array.of(1, 0), Float32Array.of(2, 0));
    expect(spreadOf(once, all(2), 0.5)).toMatchObject({ standardError: null, standardErrorReason: 'undefined without some of the items' });
  });

  it('stands without an effective n where one sample of an item less changes nothing', () => {
    // Two equal answers an item, each item a class of its own: half of an item leaves its class as right, or as wrong, as it was.
    const truths = Int32Array.of(0, 0, 1, 1, 2, 2);
    const answers = Int32Array.of(0, 0, 1, 1, UNPARSED_ANSWER, UNPARSED_ANSWER);
    const recall = classEstimator('macro-recall', { labels: ['a', 'b', 'c'], truths, answers });

    const { standardError, effectiveN, effectiveNReason } = spreadOf(recall, all(3, 2), 2 / 3);

    expect(standardError).toBeGreaterThan(0);
    expect([effectiveN, effectiveNReason]).toEqual([null, 'leaving out one sample of an item changes nothing']);
  });

  it('of ranks is that of leaving out each item', () => {
    const predictions = Float64Array.of(1, 2, 4, 3, 6, 5);
    const references = Float64Array.of(1, 2, 3, 4, 5, 6);

    const { standardError, effectiveN } = spreadOf(spearmanEstimator({ predictions, references }), all(6), 0.885);

    // Spearman without each of the six, by hand: 0.8, 0.8, 0.9, 0.9, 0.9, 0.9.
    expect(standardError).toBeCloseTo(Math.sqrt((5 / 6) * (2 * (0.8 - 5.2 / 6) ** 2 + 4 * (0.9 - 5.2 / 6) ** 2)), 9);
    expect(effectiveN).toBe(6);
  });
});

it('counts repeats that do not resemble each other almost as samples', () => {
  const noisy = Array.from({ length: 400 }, (_, index) => ((index * 7919) % 401) / 401);

  const { effectiveN } = ofMean(noisy, 4);

  expect(effectiveN).toBeGreaterThan(250);
});
