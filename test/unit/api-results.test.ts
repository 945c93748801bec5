/** Leaderboards and histories over runs that the real report step has published: asked for without a version, as users do. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { historySchema, leaderboardSchema } from '../../lib/api/schemas/result.ts';
import { type ApiFixture, apiFixture, storeRun } from '../fixtures/api-fixture.ts';
import { testRegistry } from '../fixtures/registry-fixture.ts';

const SPEC = JSON.stringify({
  apiVersion: 'bakeoff/v1',
  name: 'ranked',
  suite: 'diabetes',
  models: [{ model: 'ridge', matrix: { alpha: [0.1, 1, 10] } }],
  scorers: ['latency', 'numbers'],
});

let api: ApiFixture;
beforeAll(async () => {
  api = await apiFixture();
  await storeRun(api, { runId: 'first', specText: SPEC, errorOf: (ordinal) => 3 - ordinal });
  await storeRun(api, { runId: 'second', specText: SPEC, errorOf: (ordinal) => 10 + ordinal });
});
afterAll(() => api.close());

const get = async (path: string) => (await api.request(path)).json();

describe('the leaderboard of a suite', () => {
  it('lists all runs, best first, whether less or more is better', async () => {
    const board = leaderboardSchema.parse(await get('/v1/leaderboard?suite=diabetes&metric=numbers.mae'));
    const r2 = leaderboardSchema.parse(await get('/v1/leaderboard?suite=diabetes&metric=numbers.r2'));

    expect(board.items.map(({ value }) => value)).toEqual([1, 2, 3, 10, 11, 12]);
    expect([board.direction, r2.direction]).toEqual(['lower', 'higher']);
    expect(r2.items[0]?.jobId).toBe(board.items[0]?.jobId);
  });

  it('is the same by the digest of the suite', async () => {
    const digest = testRegistry.suites.get('diabetes')?.digest;
    expect(await get(`/v1/leaderboard?suite=${digest}&metric=numbers.mae`)).toEqual(
      await get('/v1/leaderboard?suite=diabetes&metric=numbers.mae'),
    );
  });

  it('has latencies too', async () => {
    const board = leaderboardSchema.parse(await get('/v1/leaderboard?suite=diabetes&metric=latency.p50.empirical'));
    expect(board.items.map(({ value }) => value)).toEqual([10, 10, 11, 11, 12, 12]);
  });

  it('goes on by cursors, each entry once', async () => {
    const values: number[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = leaderboardSchema.parse(
        await get(`/v1/leaderboard?suite=diabetes&metric=numbers.mae&limit=4${cursor === '' ? '' : `&cursor=${cursor}`}`),
      );
      values.push(...page.items.map(({ value }) => value));
      cursor = page.cursor;
    }
    expect(values).toEqual([1, 2, 3, 10, 11, 12]);
  });
});

describe('the history of a model', () => {
  it('lists its results, newest run first', async () => {
    const { items } = historySchema.parse(await get('/v1/models/ridge/history?limit=100'));
    const runs = items.map(({ runId }) => runId);
    expect(runs[0]).toBe('second');
    expect(runs.lastIndexOf('second')).toBeLessThan(runs.indexOf('first'));
  });

  it('is empty for a model that never ran', async () => {
    expect(await get('/v1/models/tesseract/history')).toEqual({ items: [], cursor: null });
  });
});
