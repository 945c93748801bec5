/** The comparison of two runs: matched jobs, paired differences over equal items, warnings, and what cannot be compared. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alignItems, pickDoubles } from '../../lib/workflow/align-columns.ts';
import { runComparisonSchema } from '../../lib/core/run-comparison.ts';
import { type ApiFixture, apiFixture, storeRun } from '../fixtures/api-fixture.ts';

const ITEMS = 30;
const item = (index: number, changes: object = {}) => ({
  id: `i${index}`,
  input: { row: { x: index } },
  reference: { value: index },
  ...changes,
});
const spec = (changes: object = {}) =>
  JSON.stringify({
    apiVersion: 'bakeoff/v1',
    name: 'compared',
    items: Array.from({ length: ITEMS }, (_, index) => item(index)),
    models: [{ model: 'ridge', matrix: { alpha: [0.1, 1] } }],
    load: { mode: 'closed', concurrency: 1, warmup: 0 },
    scorers: ['latency', 'numbers'],
    ...changes,
  });

let api: ApiFixture;
beforeAll(async () => {
  api = await apiFixture();
  const noise = (_ordinal: number, at: number): number => 0.5 + (at % 7) / 10;
  await storeRun(api, { runId: 'a-1', specText: spec(), errorOf: noise });
  await storeRun(api, {
    runId: 'b-1',
    specText: spec(),
    errorOf: (ordinal, at) => (ordinal === 0 ? noise(ordinal, at) + 2 + (at % 3) : noise(ordinal, at)),
  });
  const fewer = { items: Array.from({ length: 12 }, (_, index) => (index === 3 ? item(3, { reference: { value: 99 } }) : item(index))) };
  await storeRun(api, {
    runId: 'c-1',
    specText: spec({ ...fewer, models: [{ model: 'ridge' }, { model: 'ridge', params: { alpha: 5 } }], samples: { seed: 7 } }),
  });
});
afterAll(() => api.close());

const compare = async (path: string) => runComparisonSchema.parse(await (await api.request(path)).json());

describe('two runs of one spec', () => {
  it('are compared job by job; what is separable and what is not is told apart', async () => {
    const { jobs, unmatched, warnings, commonItems } = await compare('/v1/runs/a-1/compare/b-1');

    const verdicts = jobs.map(({ params, metrics }) => [params.alpha, metrics.find(({ metric }) => metric === 'numbers.mae')?.verdict]);
    expect(commonItems).toBe(ITEMS);
    expect(unmatched).toEqual([]);
    expect(warnings).toEqual([]);
    expect(verdicts).toContainEqual([0.1, 'a']);
    expect(verdicts).toContainEqual([1, 'not separable']);
  });

  it('mirror when they change places', async () => {
    const [forth, back] = [await compare('/v1/runs/a-1/compare/b-1'), await compare('/v1/runs/b-1/compare/a-1')];
    const difference = (from: typeof forth) =>
      from.jobs[0]?.metrics.find(({ metric }) => metric === 'numbers.mae')?.difference ?? Number.NaN;
    expect(difference(forth)).toBeLessThan(0);
    expect(difference(back)).toBeCloseTo(-difference(forth), 12);
  });

  it('are compared by one metric on request; fewer comparisons make narrower intervals', async () => {
    const [one, all] = [await compare('/v1/runs/a-1/compare/b-1?metric=numbers.mae'), await compare('/v1/runs/a-1/compare/b-1')];
    const width = (from: typeof one) => {
      const interval = from.jobs[0]?.metrics.find(({ metric }) => metric === 'numbers.mae')?.interval;
      return interval === null || interval === undefined ? Number.NaN : interval.high - interval.low;
    };
    expect(one.jobs.map(({ metrics }) => metrics.length)).toEqual([1, 1]);
    expect(width(one)).toBeLessThan(width(all));
  });

  it('have no difference from themselves', async () => {
    const { jobs } = await compare('/v1/runs/a-1/compare/a-1');
    for (const { metrics } of jobs) {
      for (const { difference, verdict } of metrics) expect([difference, verdict]).toEqual([0, 'not separable']);
    }
  });

  it('say why a metric that neither has is missing', async () => {
    const { jobs } = await compare('/v1/runs/a-1/compare/b-1?metric=text.cer');
    expect(jobs[0]?.leftOut).toEqual([{ metric: 'text.cer', reason: 'neither run has it' }]);
  });
});

describe('runs of different specs', () => {
  it('are compared on equal items only; the rest is warned of or told with its reason', async () => {
    const { jobs, unmatched, warnings, commonItems, itemsLeftOut } = await compare('/v1/runs/a-1/compare/c-1');

    // c has 12 items, one of them with another truth.
    expect(commonItems).toBe(11);
    expect(itemsLeftOut).toEqual({ a: ITEMS - 11, b: 1 });
    expect(jobs.map(({ params }) => params)).toEqual([{ alpha: 1 }]);
    expect(unmatched.map(({ run }) => run)).toEqual(['a', 'b']);
    expect(warnings.map(({ code }) => code)).toEqual(['spec-differs', 'suite-differs', 'seed-differs', 'items-differ']);
  });
});

describe('alignment', () => {
  it('brings two orders and two numbers of repeats onto one', () => {
    const items = (ids: string) => [...ids].map((id) => ({ id, digest: id }));

    const { suite, slotsA, slotsB } = alignItems({ items: items('cab'), repeats: 2 }, { items: items('bdc'), repeats: 3 });

    expect(suite).toMatchObject({ itemCount: 2, repeats: 2 });
    // Common: b, c. In a: b is third (slots 4, 5), c is first (0, 1). In b: b is first (0, 1), c is third (6, 7).
    expect([...slotsA]).toEqual([4, 5, 0, 1]);
    expect([...slotsB]).toEqual([0, 1, 6, 7]);
    expect([...pickDoubles(Float64Array.of(9, 8, 7, 6, 5, 4), slotsA)]).toEqual([5, 4, 9, 8]);
  });
});

describe('what cannot be compared', () => {
  it('a run that was never planned is refused', async () => {
    await api.ports.launch({ runId: 'rejected-1', specText: Buffer.from('x'), fileName: 'x.yaml' });
    expect(await (await api.request('/v1/runs/a-1/compare/rejected-1')).json()).toMatchObject({ status: 409, code: 'run-not-planned' });
  });
});
