/** Measures of ranks: weights are copies, the interval is that of drawn items, and what is not affordable says so. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aucEstimator } from '../../lib/core/labels/auc-estimator.ts';
import { estimate } from '../../lib/core/measures/estimate.ts';
import { differenceEstimator, meanEstimator } from '../../lib/core/measures/estimator.ts';
import { createRandomStream } from '../../lib/core/measures/random.ts';
import { rankSampleOf } from '../../lib/core/measures/rank-bootstrap.ts';
import type { RankEstimator } from '../../lib/core/measures/rank-estimator.ts';
import { spearman } from '../../lib/core/numbers/spearman.ts';
import { spearmanEstimator } from '../../lib/core/numbers/spearman-estimator.ts';

const grid = fc.integer({ min: -3, max: 3 });
const pairs = fc.array(fc.tuple(grid, grid, fc.integer({ min: 0, max: 3 })), { minLength: 2, maxLength: 25 });
const numbersOf = (a: readonly number[], b: readonly number[]) => ({ predictions: Float64Array.from(a), references: Float64Array.from(b) });
const slotsOf = (count: number) => Uint32Array.from({ length: count }, (_, slot) => slot);
const copies = <T>(values: readonly T[], weights: readonly number[]): T[] =>
  values.flatMap((value, index) => new Array<T>(weights[index]!).fill(value));
const all = (items: number, repeats = 1) => ({ items: slotsOf(items), repeats });
const options = { confidence: 0.95, label: 'ranks' };

const expectClose = (value: number, expected: number): void => {
  if (Number.isNaN(expected)) expect(value).toBeNaN();
  else expect(value).toBeCloseTo(expected, 12);
};
const uniforms = (label: string, count: number): number[] => {
  const target = new Uint32Array(count);
  createRandomStream(label).fill(target);
  return [...target].map((value) => value / 2 ** 32);
};
/** Answers that follow the references, more or less. */
const correlated = (count: number) => {
  const [truth, noise] = [uniforms('truth', count), uniforms('noise', count)];
  return numbersOf(
    truth.map((value, index) => value + noise[index]!),
    truth,
  );
};

describe('a weight', () => {
  it('is so many copies of the sample for Spearman', () => {
    fc.assert(
      fc.property(pairs, (drawn) => {
        const [a, b, weights] = [drawn.map(([x]) => x), drawn.map(([, y]) => y), drawn.map(([, , weight]) => weight)];

        const value = spearmanEstimator(numbersOf(a, b)).prepare(slotsOf(a.length))(Uint32Array.from(weights));

        expectClose(value, spearman(copies(a, weights), copies(b, weights)) ?? Number.NaN);
      }),
    );
  });

  it('is so many copies of the sample for AUC', () => {
    fc.assert(
      fc.property(pairs, (drawn) => {
        const auc = (scores: readonly number[], truths: readonly number[]): RankEstimator =>
          aucEstimator({
            classes: 2,
            truths: Int32Array.from(truths),
            values: Float64Array.from(scores.flatMap((score) => [-score, score])),
          });
        const [scores, truths, weights] = [
          drawn.map(([x]) => x),
          drawn.map(([, y]) => (y > 0 ? 1 : 0)),
          drawn.map(([, , weight]) => weight),
        ];
        const copied = copies(scores, weights);

        const value = auc(scores, truths).prepare(slotsOf(scores.length))(Uint32Array.from(weights));

        expectClose(value, auc(copied, copies(truths, weights)).prepare(slotsOf(copied.length))(new Uint32Array(copied.length).fill(1)));
      }),
    );
  });
});

describe('the interval of a measure of ranks', () => {
  it('is a BCa bootstrap over items with all their repeats', () => {
    const { predictions, references } = correlated(60);
    const twice = (values: Float64Array) => Float64Array.from([...values].flatMap((value) => [value, value]));
    const once = estimate(spearmanEstimator({ predictions, references }), all(60), options);

    const doubled = estimate(spearmanEstimator({ predictions: twice(predictions), references: twice(references) }), all(60, 2), options);

    expect(once.interval).toMatchObject({ method: 'bca-bootstrap' });
    expect(once.interval!.low).toBeLessThan(once.value!);
    expect(once.interval!.high).toBeGreaterThan(once.value!);
    expect(doubled).toMatchObject({ samples: 120, clusters: 60 });
    // Copies tie with each other: the ranks are those of the originals, but for the share that a tie takes.
    expect(doubled.interval!.low).toBeCloseTo(once.interval!.low, 2);
  });

  it('is bias-corrected alone where the jackknife costs too much, and none where resamples do', () => {
    const [large, huge] = [correlated(9_000), correlated(120_000)].map((numbers) =>
      estimate(spearmanEstimator(numbers), all(numbers.references.length), options),
    );

    expect(large!.interval?.method).toBe('bc-bootstrap');
    expect(huge).toMatchObject({ value: expect.any(Number), interval: null, intervalReason: expect.stringContaining('affordable') });
  });

  it('is absent, with the reason, under ten items', () => {
    expect(estimate(spearmanEstimator(correlated(9)), all(9), options)).toMatchObject({
      interval: null,
      intervalReason: 'fewer than 10 items (9)',
    });
  });

  it('covers the difference of two jobs on their common samples', () => {
    const { predictions, references } = correlated(80);
    const worse = Float64Array.from(uniforms('worse', 80)).fill(Number.NaN, 0, 5);
    const difference = differenceEstimator(
      spearmanEstimator({ predictions, references }),
      spearmanEstimator({ predictions: worse, references }),
    );

    const { value, samples, interval } = estimate(difference, all(80), options);

    const common = [...references.keys()].slice(5);
    const of = (values: Float64Array) =>
      spearman(
        common.map((slot) => values[slot]!),
        common.map((slot) => references[slot]!),
      )!;
    expect(samples).toBe(75);
    expect(value).toBeCloseTo(of(predictions) - of(worse), 12);
    expect(interval!.low).toBeGreaterThan(0);
  });

  it('is the same for a measure of sums, weighed', () => {
    const values = Float64Array.from(uniforms('mean', 50));
    const { predictions, references } = correlated(50);
    const zero = differenceEstimator(spearmanEstimator({ predictions, references }), spearmanEstimator({ predictions, references }));
    const mixed = differenceEstimator(meanEstimator(values, false), zero);

    expect(estimate(mixed, all(50), options).value).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 50, 12);
  });

  it('draws items in the order of the selection, leaving out those without a value', () => {
    const { slots, starts } = rankSampleOf(
      spearmanEstimator(numbersOf([1, Number.NaN, 3, 4, Number.NaN, Number.NaN], [1, 2, 3, 4, 5, 6])),
      {
        items: Uint32Array.of(2, 1, 0),
        repeats: 2,
      },
    );

    expect([...slots]).toEqual([2, 3, 0]);
    expect([...starts]).toEqual([0, 2, 3]);
  });
});
