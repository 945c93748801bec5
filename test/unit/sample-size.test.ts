/** Sample sizes: they do what they promise when t tests are simulated, and they are each other's inverse. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../lib/core/measures/normal.ts';
import { createRandomStream } from '../../lib/core/measures/random.ts';
import { requiredForDifference, requiredForHalfWidth, resolvableDifference } from '../../lib/core/measures/sample-size.ts';

const OPTIONS = { confidence: 0.95, power: 0.8 };
/** Two-sided 5 % points of Student's t by degrees of freedom, from tables. */
const T_975: Readonly<Record<number, number>> = {
  11: 2.20098516,
  19: 2.09302405,
  22: 2.07387307,
  38: 2.02439416,
  79: 1.99045021,
  158: 1.97509207,
};

function normals(label: string): () => number {
  const stream = createRandomStream(label);
  const draw = new Uint32Array(1);
  return () => {
    stream.fill(draw);
    return normalQuantile((draw[0]! + 0.5) / 2 ** 32);
  };
}

function moments(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, squares: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) };
}

const RUNS = 4000;
/** Five standard errors of a share of 0.8 in so many runs. */
const SLACK = 5 * Math.sqrt((0.8 * 0.2) / RUNS);

describe('the resolvable difference', () => {
  it.each([12, 20, 80])('of %i pairs is found by a t test in 80 %% of simulated experiments', (n) => {
    const normal = normals(`paired ${n}`);
    const shift = resolvableDifference(n, 1, 'paired', OPTIONS)!;
    let found = 0;
    for (let run = 0; run < RUNS; run++) {
      const { mean, squares } = moments(Array.from({ length: n }, () => normal() + shift));
      if (Math.abs(mean) / Math.sqrt(squares / (n - 1) / n) > T_975[n - 1]!) found++;
    }
    expect(Math.abs(found / RUNS - 0.8)).toBeLessThan(SLACK);
  });

  it.each([12, 20, 80])('of two sets of %i is found by a t test in 80 %% of simulated experiments', (n) => {
    const normal = normals(`independent ${n}`);
    const shift = resolvableDifference(n, 1, 'independent', OPTIONS)!;
    let found = 0;
    for (let run = 0; run < RUNS; run++) {
      const a = moments(Array.from({ length: n }, normal));
      const b = moments(Array.from({ length: n }, () => normal() + shift));
      const error = Math.sqrt(((a.squares + b.squares) / (2 * n - 2)) * (2 / n));
      if (Math.abs(a.mean - b.mean) / error > T_975[2 * n - 2]!) found++;
    }
    expect(Math.abs(found / RUNS - 0.8)).toBeLessThan(SLACK);
  });

  it('is absent for fewer numbers than the formula can carry', () => {
    expect(resolvableDifference(2, 1, 'paired', OPTIONS)).toBeNull();
    expect(resolvableDifference(3, 1, 'paired', OPTIONS)).toBeGreaterThan(0);
  });

  it('grows with the spread, shrinks with the count, and is undone by the required count', () => {
    const sd = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 100_000 }), sd, fc.constantFrom('paired', 'independent'), (n, spread, design) => {
        const difference = resolvableDifference(n, spread, design, OPTIONS)!;
        expect(resolvableDifference(n + 1, spread, design, OPTIONS)).toBeLessThan(difference);
        expect(resolvableDifference(n, 2 * spread, design, OPTIONS)).toBeCloseTo(2 * difference, 9);
        expect(Math.abs(requiredForDifference(difference, spread, design, OPTIONS) - n)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('the count for a precision', () => {
  it('gives intervals of that width on average', () => {
    const normal = normals('precision');
    const n = requiredForHalfWidth(0.45, 1, 0.95);
    expect(n).toBe(21);
    let width = 0;
    for (let run = 0; run < RUNS; run++) {
      const { squares } = moments(Array.from({ length: n }, normal));
      width += 2.08596345 * Math.sqrt(squares / (n - 1) / n);
    }
    expect(width / RUNS).toBeGreaterThan(0.45 * 0.95);
    expect(width / RUNS).toBeLessThanOrEqual(0.45 * 1.01);
  });
});
