/** Percentiles: the empirical rule, the certified bound against MLPerf's published anchors, and what failures do to both. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianInterval } from '../../lib/core/measures/median-interval.ts';
import {
  certifiedPercentile,
  empiricalPercentile,
  LATENCY_PERCENTILES,
  minimumSamples,
  requiredWithinBound,
  scorePercentile,
} from '../../lib/core/measures/percentile.ts';

const golden: {
  early_stopping: { published_min_samples: Record<string, number>; published_anchor: Record<string, number | string> };
} = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/golden/early-stopping.json'), 'utf8'));
const { published_min_samples: minima, published_anchor: anchors } = golden.early_stopping;

const ascending = (n: number): Float64Array => Float64Array.from({ length: n }, (_, index) => index);
const latencies = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 });
const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();

describe('the empirical percentile', () => {
  it.each([
    [1, 5000, 0],
    [2, 5000, 1],
    [3, 5000, 1],
    [10, 9000, 9],
    [100, 9900, 99],
    [64, 9000, 57],
    [1000, 9990, 999],
    // 0.7 * 10 is 7.000000000000001 and 0.29 * 100 is 28.999999999999996 in floating point; integer ranks know better.
    [10, 7000, 7],
    [100, 2900, 29],
  ])('of %i ordered values at %i ten-thousandths is the one of rank %i', (n, perMyriad, rank) => {
    expect(empiricalPercentile(ascending(n), perMyriad)).toBe(rank);
  });

  it('of nothing is absent', () => {
    expect(scorePercentile(new Float64Array(0), 5000, null)).toMatchObject({
      empirical: null,
      empiricalReason: 'no samples',
      certified: null,
    });
  });

  it('that lands on a failed sample is censored', () => {
    const half = sorted([...ascending(50), ...new Array<number>(50).fill(Number.POSITIVE_INFINITY)]);

    const [p50, p90] = [scorePercentile(half, 5000, null), scorePercentile(sorted([1, 2, 3, Infinity, 5]), 5000, null)];

    expect(p50).toMatchObject({ empirical: null, empiricalReason: expect.stringContaining('censored'), certified: null });
    expect(p90.empirical).toBe(3);
  });
});

describe('the certified percentile', () => {
  it.each(Object.entries(minima))('of p%s needs %i samples, as published', (percent, minimum) => {
    const perMyriad = Math.round(Number(percent) * 100);

    expect(minimumSamples(perMyriad)).toBe(minimum);
    expect(certifiedPercentile(ascending(minimum - 1), perMyriad)).toBeNull();
    expect(certifiedPercentile(ascending(minimum), perMyriad)).toBe(minimum - 1);
  });

  it('meets the published anchors', () => {
    expect(requiredWithinBound(9900, 0)).toBe(anchors['h_min(t=0,p=.99)']);
    expect(requiredWithinBound(9000, 0)).toBe(anchors['h_min(t=0,p=.90)']);
    expect(requiredWithinBound(9900, 1)).toBe(anchors['h_min(t=1,p=.99)']);
    expect(anchors['n=10000,p99']).toBe('t=77');
    expect(certifiedPercentile(ascending(10_000), 9900)).toBe(10_000 - 77);
  });

  it('is never below the empirical one', () => {
    fc.assert(
      fc.property(latencies, fc.constantFrom(...LATENCY_PERCENTILES), (values, p) => {
        const certified = certifiedPercentile(sorted(values), p);
        fc.pre(certified !== null);
        expect(certified).toBeGreaterThanOrEqual(empiricalPercentile(sorted(values), p)!);
      }),
    );
  });

  it('is absent, with the reason, where other work ran beside it', () => {
    const score = scorePercentile(ascending(64), 9000, 'contended');

    expect(score).toMatchObject({ p: 0.9, empirical: 57, certified: null, certifiedReason: 'contended', minN: 64 });
  });

  it('covers the true percentile in at least 99 % of simulated runs', () => {
    // Uniform latencies: the true p90 is 0.9. 2,000 runs of 200 samples, a fixed linear congruential stream.
    let state = 12345;
    const uniform = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    let covered = 0;
    for (let run = 0; run < 2000; run++)
      if (certifiedPercentile(Float64Array.from({ length: 200 }, uniform).sort(), 9000)! >= 0.9) covered++;

    expect(covered / 2000).toBeGreaterThanOrEqual(0.985);
  });
});

describe('percentiles', () => {
  const pairOf = (values: readonly number[], p: number) => [empiricalPercentile(sorted(values), p), certifiedPercentile(sorted(values), p)];

  it('grow with p', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const found = LATENCY_PERCENTILES.map((p) => empiricalPercentile(sorted(values), p)!);
        expect(found).toEqual(found.toSorted((a, b) => a - b));
      }),
    );
  });

  it('scale with the unit', () => {
    fc.assert(
      fc.property(latencies, fc.constantFrom(...LATENCY_PERCENTILES), (values, p) => {
        const doubled = pairOf(
          values.map((value) => value * 2),
          p,
        );
        expect(doubled).toEqual(pairOf(values, p).map((value) => (value === null ? null : value * 2)));
      }),
    );
  });

  it('never shrink when a sample fails', () => {
    fc.assert(
      fc.property(latencies, fc.nat(), fc.constantFrom(...LATENCY_PERCENTILES), (values, index, p) => {
        const failed = values.with(index % values.length, Number.POSITIVE_INFINITY);
        const [before, after] = [pairOf(values, p), pairOf(failed, p)];
        for (const [i, value] of before.entries()) if (value !== null) expect(after[i]).toBeGreaterThanOrEqual(value!);
      }),
    );
  });
});

describe('the interval of a median', () => {
  it('has the tabulated ranks: the 2nd and 9th of 10 values at 95 %', () => {
    expect(medianInterval(ascending(10), 10, 0.95)).toMatchObject({ low: 1, high: 8, method: 'order-statistic' });
  });

  it('is absent for five items, which cannot give 95 %', () => {
    expect(medianInterval(ascending(5), 5, 0.95)).toBeNull();
  });

  it('is as wide for repeats as for the items alone', () => {
    const repeated = Float64Array.from({ length: 40 }, (_, index) => Math.floor(index / 4));

    expect(medianInterval(repeated, 10, 0.95)).toMatchObject({ low: 1, high: 8 });
  });

  it('is absent where it reaches a failed sample', () => {
    expect(medianInterval(sorted([1, 2, 3, 4, 5, 6, 7, 8, Infinity, Infinity]), 10, 0.95)).toBeNull();
  });
});
