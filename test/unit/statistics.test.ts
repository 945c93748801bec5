/** The statistics behind the intervals, against values computed with scipy (test/fixtures/golden/make_statistics.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bcaInterval } from '../../lib/core/measures/bca.ts';
import { logBinomialCdf } from '../../lib/core/measures/binomial.ts';
import { bootstrapDistribution, clusterTable, jackknife, totalsOf } from '../../lib/core/measures/bootstrap.ts';
import { meanEstimator } from '../../lib/core/measures/estimator.ts';
import { normalCdf, normalQuantile } from '../../lib/core/measures/normal.ts';
import { createRandomStream } from '../../lib/core/measures/random.ts';
import { newcombePairedInterval, wilsonInterval } from '../../lib/core/measures/wilson.ts';

interface Statistics {
  normal: { x: number[]; cdf: number[]; p: number[]; quantile: number[] };
  wilson: { k: number; n: number; confidence: number; low: number; high: number }[];
  binomial_cdf: { k: number; n: number; q: number; log_cdf: number }[];
  bca: { data: number[]; confidence: number; estimate: number; distribution: number[]; low: number; high: number }[];
  bca_large: { name: string; data: number[]; low: number; high: number }[];
}
const golden: Statistics = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/golden/statistics.json'), 'utf8'));

function meanOf(data: readonly number[]) {
  const estimator = meanEstimator(Float64Array.from(data), false);
  const selection = { items: Uint32Array.from(data, (_, index) => index), repeats: 1 };
  const totals = totalsOf(estimator, selection);
  return { estimator, selection, totals, value: estimator.value(totals.sums, 0) };
}

describe('the normal distribution', () => {
  it.each(golden.normal.x.map((x, i) => [x, golden.normal.cdf[i]!]))('has P(Z <= %d) = %d', (x, expected) => {
    expect(Math.abs(normalCdf(x) / expected - 1)).toBeLessThan(1e-13);
  });

  it.each(golden.normal.p.map((p, i) => [p, golden.normal.quantile[i]!]))('has its %d quantile at %d', (p, expected) => {
    expect(normalQuantile(p)).toBeCloseTo(expected, 12);
  });

  it('has quantiles that its distribution undoes', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (p) => {
        expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 13);
      }),
    );
  });

  it('has no quantile outside 0..1', () => {
    expect([normalQuantile(0), normalQuantile(1), normalQuantile(-0.1), normalQuantile(1.1)]).toEqual([-Infinity, Infinity, NaN, NaN]);
  });
});

describe('binomial tails', () => {
  it.each(golden.binomial_cdf)('log P(Binomial($n, $q) <= $k)', ({ k, n, q, log_cdf }) => {
    expect(Math.abs(logBinomialCdf(k, n, q) / log_cdf - 1)).toBeLessThan(1e-9);
  });
});

describe("Wilson's interval", () => {
  it.each(golden.wilson)('of $k in $n at $confidence', ({ k, n, confidence, low, high }) => {
    const interval = wilsonInterval(k / n, n, confidence);

    expect(interval.low).toBeCloseTo(low, 12);
    expect(interval.high).toBeCloseTo(high, 12);
  });
});

describe("Newcombe's paired interval", () => {
  it('of two shares without spread comes from the Wilson bounds alone', () => {
    const interval = newcombePairedInterval({ a: 1, b: 0, correlation: 0, n: 64 }, 0.95);

    const gap = wilsonInterval(0, 64, 0.95).high;
    expect(interval.low).toBeCloseTo(1 - Math.SQRT2 * gap, 12);
    expect(interval.high).toBe(1);
  });

  it('is mirrored when the two are swapped, and holds the difference', () => {
    const share = fc.integer({ min: 0, max: 40 }).map((count) => count / 40);
    fc.assert(
      fc.property(share, share, fc.double({ min: -1, max: 1, noNaN: true }), (a, b, correlation) => {
        const forth = newcombePairedInterval({ a, b, correlation, n: 40 }, 0.95);
        const back = newcombePairedInterval({ a: b, b: a, correlation, n: 40 }, 0.95);
        expect(forth.low).toBeCloseTo(-back.high, 12);
        expect(forth.low).toBeLessThanOrEqual(a - b);
        expect(forth.high).toBeGreaterThanOrEqual(a - b);
      }),
    );
  });
});

describe('BCa endpoints', () => {
  it.each(golden.bca)('equal those of scipy on the same resamples (estimate $estimate, $confidence)', (vector) => {
    const { estimator, selection, totals, value } = meanOf(vector.data);

    const interval = bcaInterval(
      Float64Array.from(vector.distribution),
      vector.estimate,
      jackknife(estimator, selection, totals).acceleration,
      vector.confidence,
    );

    expect(value).toBeCloseTo(vector.estimate, 12);
    expect(interval?.low).toBeCloseTo(vector.low, 9);
    expect(interval?.high).toBeCloseTo(vector.high, 9);
  });

  it.each(golden.bca_large)('agree with scipy on resamples of our own: $name', ({ data, low, high }) => {
    const { estimator, selection, totals, value } = meanOf(data);

    const distribution = bootstrapDistribution(estimator, clusterTable(estimator, selection, totals.clusters), 20_000, 'test');
    const interval = bcaInterval(distribution, value, jackknife(estimator, selection, totals).acceleration, 0.95);

    // Endpoints of independent bootstraps of this size scatter by about a hundredth of the width.
    const tolerance = (high - low) * 0.04;
    expect(Math.abs(interval!.low - low)).toBeLessThan(tolerance);
    expect(Math.abs(interval!.high - high)).toBeLessThan(tolerance);
  });
});

describe('the random stream', () => {
  it('goes on where it stopped', () => {
    const [whole, first, second] = [new Uint32Array(10), new Uint32Array(3), new Uint32Array(7)];
    createRandomStream('a').fill(whole);
    const stream = createRandomStream('a');
    stream.fill(first);
    stream.fill(second);

    expect([...first, ...second]).toEqual([...whole]);
  });

  it('is the published one: the state is SHA-256 of the label, the generator xoshiro128**', () => {
    const draws = new Uint32Array(4);
    createRandomStream('bakeoff').fill(draws);

    // Computed independently from the published algorithm with unbounded integers.
    expect([...draws]).toEqual([353445881, 3362926564, 2564225299, 4138239123]);
  });

  it('draws every index of a small range about equally often', () => {
    const counts = new Array<number>(7).fill(0);
    const picks = new Uint32Array(70_000);
    createRandomStream('evenness').fillBelow(picks, 7);
    for (const pick of picks) counts[pick]!++;

    expect(Math.max(...counts.map((count) => Math.abs(count - 10_000)))).toBeLessThan(400);
  });
});
