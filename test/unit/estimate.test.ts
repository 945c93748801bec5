/** Intervals: how each is made, what they cover, and that nothing but the data moves them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimate, resamplesFor } from '../../lib/core/measures/estimate.ts';
import { meanEstimator, ratioEstimator } from '../../lib/core/measures/estimator.ts';
import { createRandomStream } from '../../lib/core/measures/random.ts';

const all = (items: number, repeats = 1) => ({ items: Uint32Array.from({ length: items }, (_, item) => item), repeats });
const options = { confidence: 0.95, label: 'test' };
const ofMean = (values: readonly number[], repeats = 1, binary = false) =>
  estimate(meanEstimator(Float64Array.from(values), binary), all(values.length / repeats, repeats), options);

/** Standard normal draws from a named stream, by the sum of twelve uniforms. */
function normalStream(label: string): () => number {
  const { fill } = createRandomStream(label);
  const uniforms = new Uint32Array(12);
  return () => {
    fill(uniforms);
    return uniforms.reduce((sum, value) => sum + value / 2 ** 32, -6);
  };
}

/** Share of simulated data sets whose interval holds the truth. */
function coverage(runs: number, truth: number, draw: () => number[], repeats = 1): number {
  let covered = 0;
  for (let run = 0; run < runs; run++) {
    const { interval } = ofMean(draw(), repeats);
    if (interval !== null && interval.low <= truth && truth <= interval.high) covered++;
  }
  return covered / runs;
}

describe('the interval of a mean', () => {
  it('is a BCa bootstrap from ten items on', () => {
    const ten = ofMean([1, 2, 3, 4, 5, 6, 7, 8, 9, 20]);

    expect(ten.interval).toMatchObject({ confidence: 0.95, method: 'bca-bootstrap' });
    expect(ten.interval!.low).toBeLessThan(6.5);
    expect(ten.interval!.high).toBeGreaterThan(6.5);
  });

  it('is absent, with the reason, for nine items', () => {
    expect(ofMean([1, 2, 3, 4, 5, 6, 7, 8, 9])).toMatchObject({ value: 5, interval: null, intervalReason: 'fewer than 10 items (9)' });
  });

  it('is absent, never of zero width, where the items do not vary', () => {
    expect(ofMean(new Array<number>(20).fill(0.7))).toMatchObject({ interval: null, intervalReason: 'the items do not vary' });
  });

  it('is absent where all resamples lie on one side, and not for items that do not vary', () => {
    const { fill } = createRandomStream('one side');
    const draws = new Uint32Array(40);
    fill(draws);
    const mean = draws.reduce((sum, value) => sum + value / 40, 0);
    const { add, ...rest } = meanEstimator(
      Float64Array.from(draws, (value) => value - mean),
      false,
    );
    const distance = { ...rest, add, value: (sums: Float64Array, at: number) => Math.abs(rest.value(sums, at)) };

    expect(estimate(distance, all(40), options)).toMatchObject({
      interval: null,
      intervalReason: 'the resamples of the items lie on one side of the value',
    });
  });

  it("is Wilson's for 0 of n, n of n and few items of 0/1 outcomes", () => {
    const [none, every, few] = [new Array<number>(64).fill(0), new Array<number>(64).fill(1), [1, 0, 1]].map((v) => ofMean(v, 1, true));

    expect(none!.interval).toMatchObject({ low: 0, method: 'wilson' });
    expect(none!.interval!.high).toBeCloseTo(0.0566, 3);
    expect(every!.interval).toMatchObject({ high: 1, method: 'wilson' });
    expect(few!.interval).toMatchObject({ method: 'wilson' });
  });

  it('counts items, not repeats, as the trials of Wilson', () => {
    expect(ofMean(new Array<number>(40).fill(1), 4, true).interval).toEqual(ofMean(new Array<number>(10).fill(1), 1, true).interval);
  });

  it('is a normal approximation, and says so, for more than 10,485 items', () => {
    const normal = normalStream('large');
    const many = ofMean(Array.from({ length: 11_000 }, normal));

    expect(many.interval).toMatchObject({ method: 'normal-jackknife' });
    expect(many.interval!.high - many.interval!.low).toBeCloseTo((2 * 1.96) / Math.sqrt(11_000), 3);
  });

  it('hardly differs between bootstrap and normal approximation where one takes over from the other', () => {
    const normal = normalStream('seam');
    const values = Array.from({ length: 10_486 }, normal);

    const [bootstrap, approximate] = [ofMean(values.slice(0, 10_485)), ofMean(values)];

    expect([bootstrap.interval!.method, approximate.interval!.method]).toEqual(['bca-bootstrap', 'normal-jackknife']);
    const width = approximate.interval!.high - approximate.interval!.low;
    expect(Math.abs(bootstrap.interval!.low - approximate.interval!.low)).toBeLessThan(width / 8);
  });

  it('covers the truth about as often as it says: skewed data, 30 items', () => {
    const { fill } = createRandomStream('exponential');
    const uniforms = new Uint32Array(30);
    const exponential = () => {
      fill(uniforms);
      return Array.from(uniforms, (value) => -Math.log((value + 1) / 2 ** 32));
    };

    expect(coverage(400, 1, exponential)).toBeGreaterThan(0.9);
    expect(coverage(400, 1, exponential)).toBeLessThan(0.98);
  });

  it('covers the truth with repeats that resemble each other: items are resampled whole', () => {
    const normal = normalStream('repeats');
    const clustered = () => Array.from({ length: 30 }, normal).flatMap((item) => Array.from({ length: 5 }, () => item + 0.2 * normal()));

    expect(coverage(400, 0, clustered, 5)).toBeGreaterThan(0.9);
  });
});

describe('the interval of a corpus ratio', () => {
  it('is undefined nowhere and holds the ratio', () => {
    const lengths = Float32Array.from({ length: 40 }, (_, index) => 5 + (index % 11));
    const errors = lengths.map((length, index) => (index % 3 === 0 ? Math.floor(length / 3) : 0));

    const result = estimate(ratioEstimator(errors, lengths), all(40), options);

    const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);
    expect(result.value).toBeCloseTo(sum(errors) / sum(lengths), 14);
    expect(result.interval!.low).toBeLessThan(result.value!);
    expect(result.interval!.high).toBeGreaterThan(result.value!);
  });

  it('has no value where no reference has a length', () => {
    expect(estimate(ratioEstimator(new Float32Array(12), new Float32Array(12)), all(12), options).value).toBeNull();
  });
});

describe('intervals', () => {
  const data = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 12, maxLength: 40 });

  it('move with a shift and stretch with a scale', () => {
    fc.assert(
      fc.property(data, fc.integer({ min: -20, max: 20 }), fc.constantFrom(2, 0.5), (values, shift, scale) => {
        const base = ofMean(values);
        const moved = ofMean(values.map((value) => value * scale + shift));
        fc.pre(base.interval !== null);
        expect(moved.interval!.low).toBeCloseTo(base.interval!.low * scale + shift, 9);
        expect(moved.interval!.high).toBeCloseTo(base.interval!.high * scale + shift, 9);
      }),
      { numRuns: 40 },
    );
  });

  it('stay within the range of the data', () => {
    fc.assert(
      fc.property(data, (values) => {
        const { interval } = ofMean(values);
        fc.pre(interval !== null);
        expect(interval!.low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(interval!.high).toBeLessThanOrEqual(Math.max(...values));
        expect(interval!.low).toBeLessThan(interval!.high);
      }),
      { numRuns: 60 },
    );
  });

  it('do not care where in memory an item lies, only in which order items are resampled', () => {
    fc.assert(
      fc.property(data, fc.infiniteStream(fc.nat()), (values, stream) => {
        const slots = Uint32Array.from(values, (_, index) => index);
        const order = [...slots].map((slot) => ({ slot, key: stream.next().value })).sort((a, b) => a.key - b.key);
        const scattered = new Float64Array(values.length);
        for (const [index, { slot }] of order.entries()) scattered[slot] = values[index]!;
        const items = Uint32Array.from(order, ({ slot }) => slot);
        expect(estimate(meanEstimator(scattered, false), { items, repeats: 1 }, options)).toEqual(ofMean(values));
      }),
      { numRuns: 40 },
    );
  });

  it('are the same every time, and others under another label', () => {
    const values = Float64Array.from({ length: 50 }, (_, index) => (index * 37) % 11);
    const under = (label: string) => estimate(meanEstimator(values, false), all(50), { confidence: 0.95, label }).interval;

    expect(under('a')).toEqual(under('a'));
    expect(under('a')).not.toEqual(under('b'));
  });

  it('widen with the confidence', () => {
    const values = Float64Array.from({ length: 50 }, (_, index) => (index * 37) % 11);
    const widths = [0.8, 0.95, 0.99, 0.999].map((confidence) => {
      const { interval } = estimate(meanEstimator(values, false), all(50), { confidence, label: 'test' });
      return interval!.high - interval!.low;
    });

    expect(widths).toEqual(widths.toSorted((a, b) => a - b));
  });
});

describe('the number of resamples', () => {
  it('is 2,000 at 95 %, more for a longer tail, bounded by the work, and 0 where the normal approximation takes over', () => {
    expect([resamplesFor(64, 0.95), resamplesFor(64, 1 - 0.05 / 21)]).toEqual([2000, 10_080]);
    expect([resamplesFor(5000, 0.95), resamplesFor(10_485, 0.95), resamplesFor(10_486, 0.95)]).toEqual([838, 400, 0]);
  });
});
