/** The order of gaps: exact while few, within its stated error beyond, the same whatever the order in which they come. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGapOrder, GAP_ERROR } from '../../lib/core/latency/gap-order.ts';
import { empiricalPercentile, LATENCY_PERCENTILES } from '../../lib/core/measures/percentile.ts';

const summaryOf = (gaps: readonly number[], mostExact?: number) => {
  const order = createGapOrder(mostExact);
  for (const gap of gaps) order.add(gap);
  return order.summary();
};
const exactly = (gaps: readonly number[]) => {
  const sorted = Float64Array.from(gaps).sort();
  return LATENCY_PERCENTILES.map((p) => empiricalPercentile(sorted, p));
};
const gap = fc.oneof(fc.double({ min: 0, max: 1e-7, noNaN: true }), fc.double({ min: 1e-6, max: 1e7, noNaN: true }), fc.constant(0));

describe('the order of gaps', () => {
  it('has no percentile without a gap', () => {
    expect(summaryOf([])).toEqual({ n: 0, method: 'exact', percentiles: [null, null, null, null, null], maxMs: null, leftOut: 0 });
  });

  it('is sorted[floor(n p)] while gaps are few', () => {
    expect(summaryOf([40, 10, 30, 20])).toMatchObject({ n: 4, method: 'exact', percentiles: [30, 40, 40, 40, 40], maxMs: 40 });
  });

  it('becomes a histogram with the first gap too many, and says so', () => {
    const most = summaryOf([3, 1, 2], 3);
    const more = summaryOf([3, 1, 2, 4], 3);

    expect(most.method).toBe('exact');
    expect(more.method).toBe('logarithmic histogram, relative error at most 0.1 %');
    expect(more).toMatchObject({ n: 4, maxMs: 4 });
    expect(more.percentiles).not.toEqual(exactly([3, 1, 2, 4]));
  });

  it('differs as a histogram from the exact order by no more than it states', () => {
    fc.assert(
      fc.property(fc.array(gap, { minLength: 1, maxLength: 300 }), (gaps) => {
        const wanted = exactly(gaps);
        for (const [at, found] of summaryOf(gaps, 0).percentiles.entries()) {
          const value = wanted[at]!;
          // The last addend is the rounding of a logarithm.
          expect(Math.abs(found! - value)).toBeLessThanOrEqual(value < 1e-6 ? 1e-6 : value * (GAP_ERROR + 1e-9));
        }
      }),
    );
  });

  it('does not depend on the order in which gaps come, on either side of the limit', () => {
    fc.assert(
      fc.property(fc.array(gap, { minLength: 2, maxLength: 40 }), fc.integer({ min: 0, max: 60 }), (gaps, most) => {
        expect(summaryOf(gaps.toReversed(), most)).toEqual(summaryOf(gaps, most));
      }),
    );
  });

  it('stays small when gaps are many', () => {
    const order = createGapOrder(1000);
    for (let index = 0; index < 3_000_000; index++) order.add(1 + (index % 1000));

    const { percentiles, n } = order.summary();

    expect(n).toBe(3_000_000);
    expect(percentiles[0]! / 501).toBeCloseTo(1, 2);
    // Were they kept, they would take 24 MB.
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(16 * 2 ** 20);
  });
});
