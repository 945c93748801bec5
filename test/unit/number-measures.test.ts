/** MAE, RMSE, R² and the reading of numbers out of answers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { totalsOf } from '../../lib/core/measures/bootstrap.ts';
import type { Estimator } from '../../lib/core/measures/estimator.ts';
import { maeEstimator, type NumberColumns, r2Estimator, rmseEstimator } from '../../lib/core/numbers/errors.ts';
import { parseNumber } from '../../lib/core/numbers/number-columns.ts';

const columnsOf = (predictions: readonly number[], references: readonly number[]): NumberColumns => ({
  predictions: Float64Array.from(predictions),
  references: Float64Array.from(references),
});

function measured(estimator: Estimator, slots: number): number {
  const selection = { items: Uint32Array.from({ length: slots }, (_, index) => index), repeats: 1 };
  return estimator.value(totalsOf(estimator, selection).sums, 0);
}

describe('errors of numbers', () => {
  // The example in scikit-learn's documentation of these metrics.
  const columns = columnsOf([2.5, 0, 2, 8], [3, -0.5, 2, 7]);

  it('are the published values', () => {
    expect(measured(maeEstimator(columns), 4)).toBe(0.5);
    expect(measured(rmseEstimator(columns), 4)).toBeCloseTo(Math.sqrt(0.375), 15);
    expect(measured(r2Estimator(columns), 4)).toBeCloseTo(0.9486081370449679, 14);
  });

  it('leave out samples without a prediction, and measure R² against the mean of the rest', () => {
    const gaps = columnsOf([2.5, Number.NaN, 2, 8], [3, -0.5, 2, 7]);

    expect(measured(maeEstimator(gaps), 4)).toBe(0.5);
    expect(measured(r2Estimator(gaps), 4)).toBeCloseTo(1 - 1.25 / 14, 14);
  });

  it('give no R² for references that do not vary', () => {
    expect(measured(r2Estimator(columnsOf([1, 2], [5, 5])), 2)).toBeNaN();
  });

  it('give R² 0 to the mean of the references, however far they lie from 0', () => {
    const references = [1e9, 1e9 + 1, 1e9 + 2, 1e9 + 5];

    expect(measured(r2Estimator(columnsOf(new Array<number>(4).fill(1e9 + 2), references)), 4)).toBeCloseTo(0, 9);
  });

  it('hold MAE <= RMSE, both scaling with the unit, R² not', () => {
    const numbers = fc.array(fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: -1000, max: 1000 })), { minLength: 3 });
    fc.assert(
      fc.property(numbers, (pairs) => {
        const of = (factor: number) =>
          columnsOf(
            pairs.map(([prediction]) => prediction * factor),
            pairs.map(([, reference]) => reference * factor),
          );
        const [mae, rmse] = [measured(maeEstimator(of(1)), pairs.length), measured(rmseEstimator(of(1)), pairs.length)];
        expect(mae).toBeLessThanOrEqual(rmse * (1 + 1e-12));
        expect(measured(rmseEstimator(of(4)), pairs.length)).toBeCloseTo(rmse * 4, 9);
        expect(measured(r2Estimator(of(4)), pairs.length)).toBe(measured(r2Estimator(of(1)), pairs.length));
      }),
    );
  });
});

describe('the number in an answer', () => {
  it.each([
    [{ value: 151.5 }, 151.5],
    [{ value: '151.5' }, 151.5],
    [{ text: ' -1.5e2\n' }, -150],
    [{ value: 0 }, 0],
    [{ value: '' }, null],
    [{ value: '0x10' }, null],
    [{ value: 'Infinity' }, null],
    [{ value: '1e999' }, null],
    [{ text: 'about 151' }, null],
    [{ value: null }, null],
    [{}, null],
  ])('%j reads as %s', (output, expected) => {
    expect(parseNumber(output)).toBe(expected);
  });
});
