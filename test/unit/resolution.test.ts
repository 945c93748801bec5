/** What a plan says that a run can tell apart: it follows the ranking's own correction, counts in items, and is never more than the range. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandomStream } from '../../lib/core/measures/random.ts';
import { measuredSpread, plannedMetric, type ResolutionInput, resolutionOf } from '../../lib/core/resolution.ts';
import type { Ranking } from '../../lib/core/scores.ts';
import { testRegistry } from '../fixtures/registry-fixture.ts';

const alignment = plannedMetric({ kind: 'rankBy', metric: 'shapes.alignment' }, testRegistry);
const NOTHING = { difference: null, precision: null };
const resolve = (more: Partial<ResolutionInput> = {}) =>
  resolutionOf({ metric: alignment, items: 100, jobs: 2, confidence: 0.95, wanted: NOTHING, ...more });
const differences = (more: Partial<ResolutionInput> = {}) => resolve(more).spreads.map(({ difference }) => difference);

describe('the difference that a run can find', () => {
  it('is that of a paired t test: 100 items, half the range, 80 % power', () => {
    // (1.959964 + 0.841621) * 0.5 / sqrt(100 - 1.920729)
    expect(differences()).toEqual([expect.closeTo(0.14144, 4), expect.closeTo(0.28288, 4)]);
    expect(resolve()).toMatchObject({ metric: 'shapes.alignment', pairs: 1, power: 0.8, correctedConfidence: 0.95, reason: null });
  });

  it('is corrected for the number of pairs, as the ranking is', () => {
    expect(resolve({ jobs: 5 })).toMatchObject({ pairs: 10, correctedConfidence: expect.closeTo(0.995, 12) });
    expect(differences({ jobs: 5 })[0]).toBeGreaterThan(differences()[0]!);
  });

  it('shrinks with more items and grows with more jobs and more confidence', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 5000 }),
        fc.integer({ min: 2, max: 12 }),
        fc.double({ min: 0.8, max: 0.99, noNaN: true }),
        (items, jobs, confidence) => {
          const at = (more: Partial<ResolutionInput>) => differences({ items, jobs, confidence, ...more })[0]!;
          expect(at({ items: items + 1 })).toBeLessThan(at({}));
          expect(at({ jobs: jobs + 1 })).toBeGreaterThan(at({}));
          expect(at({ confidence: confidence + 0.005 })).toBeGreaterThan(at({}));
        },
      ),
    );
  });

  it('is none where it would be wider than the range, or the items are too few for the formula', () => {
    expect(differences({ items: 6 })).toEqual([expect.closeTo(0.6936, 3), null]);
    expect(differences({ items: 2 })).toEqual([null, null]);
  });

  it('is found in four of five simulated runs of a metric that is 0 or 1', () => {
    const items = 200;
    const difference = differences({ items })[0]!;
    // Half the range is the spread where wins plus losses, less the difference squared, are a quarter.
    const together = 0.25 + difference ** 2;
    const [wins, losses] = [(together + difference) / 2, (together - difference) / 2];
    const stream = createRandomStream('resolution');
    const draws = new Uint32Array(items);
    const runs = 2000;
    let found = 0;
    for (let run = 0; run < runs; run++) {
      stream.fill(draws);
      const values = Array.from(draws, (draw): number => (draw / 2 ** 32 < wins ? 1 : draw / 2 ** 32 < wins + losses ? -1 : 0));
      const mean = values.reduce((sum, value) => sum + value, 0) / items;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (items - 1);
      // 97.5 % point of Student's t with 199 degrees of freedom, from tables.
      if (mean / Math.sqrt(variance / items) > 1.971957) found++;
    }
    expect(found / runs).toBeGreaterThan(0.8 - 5 * Math.sqrt(0.16 / runs));
    expect(found / runs).toBeLessThan(0.8 + 5 * Math.sqrt(0.16 / runs));
  });
});

describe('what is asked for', () => {
  it('needs so many items that they find it, and one fewer would not', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.02, max: 0.5, noNaN: true }), fc.integer({ min: 2, max: 8 }), (difference, jobs) => {
        const { forDifference } = resolve({ jobs, wanted: { difference, precision: null } });
        for (const [at, items] of forDifference!.items.entries()) {
          expect(differences({ jobs, items })[at]).toBeLessThanOrEqual(difference * (1 + 1e-9));
          const fewer = differences({ jobs, items: items - 1 })[at];
          if (fewer !== null && fewer !== undefined) expect(fewer).toBeGreaterThan(difference * (1 - 1e-9));
        }
      }),
    );
  });

  it('as a precision is planned at the spec’s own confidence, for values that spread as far as their range lets them', () => {
    // (1.959964 * 0.5 / 0.05)² + 1.92
    expect(resolve({ jobs: 5, wanted: { difference: null, precision: 0.05 } }).forPrecision).toEqual({ halfWidth: 0.05, items: 387 });
  });

  it('as a precision needs no second job', () => {
    expect(resolve({ jobs: 1, wanted: { difference: 0.1, precision: 0.1 } })).toMatchObject({
      spreads: [],
      reason: 'one job alone is compared with none',
      forDifference: null,
      forPrecision: { items: 98 },
    });
  });
});

describe('a spread that an earlier run has measured', () => {
  const comparison = (a: string, b: string, half: number) => ({
    ...({ metric: 'numbers.mae', a, b, difference: 1, commonItems: 100, leftOut: 0, verdict: 'a', reason: null } as const),
    interval: { low: 1 - half, high: 1 + half, confidence: 0.95, method: 'bca-bootstrap' },
  });
  const ranking: Ranking = {
    ...({ metric: 'numbers.mae', direction: 'lower', formula: '', correction: '', entries: [] } as const),
    comparisons: [
      comparison('x', 'y', 0.1),
      comparison('y', 'z', 0.2),
      comparison('x', 'gone', 9),
      { ...comparison('x', 'z', 9), interval: null },
    ],
  };

  it('is that of the widest pair of the planned jobs', () => {
    // 0.2 * sqrt(100) / 1.959964
    expect(measuredSpread(ranking, new Set(['x', 'y', 'z']), 'run-1')).toEqual({
      sd: expect.closeTo(1.02043, 4),
      runId: 'run-1',
      pairs: 2,
    });
    expect(measuredSpread(ranking, new Set(['x', 'z']), 'run-1')).toBeNull();
  });

  it('takes the place of half the range, and plans for a metric that has none', () => {
    const measured = { sd: 0.1, runId: 'run-1', pairs: 3 };
    expect(resolve({ measured }).spreads).toMatchObject([{ sd: 0.1, because: 'as in run run-1, the widest of 3 pairs' }, { sd: 1 }]);

    const mae = plannedMetric({ kind: 'rankBy', metric: 'numbers.mae' }, testRegistry);
    expect(resolve({ metric: mae, measured, wanted: { difference: 0.05, precision: 0.05 } })).toMatchObject({
      reason: null,
      // 2.801585 * 0.1 / sqrt(98.08); (2.801585 * 0.1 / 0.05)² + 1.92
      spreads: [{ sd: 0.1, difference: expect.closeTo(0.028288, 5) }],
      forDifference: { items: [34] },
      forPrecision: { halfWidth: 0.05, items: null },
    });
  });
});

describe('nothing is named', () => {
  const named = (metric: ResolutionInput['metric']) => resolve({ metric, wanted: { difference: 1, precision: 1 } });

  it.each([
    ['without a direction', plannedMetric(null, testRegistry), /nothing that is measured has a direction/],
    [
      'for a metric without a finite range',
      plannedMetric({ kind: 'rankBy', metric: 'text.cer' }, testRegistry),
      /text\.cer has no finite range/,
    ],
    ['for one that is no mean', plannedMetric({ kind: 'rankBy', metric: 'numbers.r2' }, testRegistry), /no finite range/],
    [
      'for one that nobody declared',
      plannedMetric({ kind: 'rankBy', metric: 'shapes.nothing' }, testRegistry),
      /no range that is known before/,
    ],
  ])('%s, with the reason', (_, metric, reason) => {
    expect(named(metric)).toMatchObject({
      spreads: [],
      forDifference: null,
      forPrecision: { items: null },
      reason: expect.stringMatching(reason),
    });
  });

  it('but for a weighted total, in points', () => {
    const metric = plannedMetric({ kind: 'weighted', weights: { 'shapes.alignment': 1 } }, testRegistry);
    expect(resolve({ metric })).toMatchObject({ metric: 'score.total', unit: 'points', spreads: [{ sd: 50 }, { sd: 100 }] });
  });
});
