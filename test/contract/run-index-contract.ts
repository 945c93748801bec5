/** What every RunIndex does. Each adapter's test file calls this with a way to make an empty index beside the runs that it is over. */
import { describe, expect, it } from 'vitest';
import type { Page, PageRequest, RunIndex, RunStore } from '../../lib/core/ports.ts';
import type { ResultRecord } from '../../lib/core/result-record.ts';
import { runRecord } from './contract-records.ts';

const SUITE = 'c'.repeat(64);

function result(over: Partial<ResultRecord>): ResultRecord {
  const identity = {
    schema: 1,
    runId: 'r1',
    jobId: 'j1',
    modelId: 'm1',
    modelVersion: '1',
    modelDigest: 'd',
    params: { steps: 4 },
  } as const;
  const measured = { metric: 'score.total', metricVersion: '1', unit: '', direction: 'higher', value: 1, interval: null, n: 3 } as const;
  return {
    ...{ ...identity, ...measured, suiteId: 's', suiteDigest: SUITE },
    ...{ coverage: 1, reference: false, finishedAtMs: 1_000, ...over },
  };
}

const cursorOf = (content: unknown): string => Buffer.from(JSON.stringify(content)).toString('base64url');

/** Every page to the end, of `limit` entries each. */
async function pages<T>(limit: number, read: (page: PageRequest) => Promise<Page<T>>): Promise<(readonly T[])[]> {
  const seen: (readonly T[])[] = [];
  for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
    const page: Page<T> = await read({ limit, cursor });
    seen.push(page.items);
    cursor = page.cursor;
    if (seen.length > 100) throw new Error('the pages do not end');
  }
  return seen;
}

const board = { suiteDigest: SUITE, metric: 'score.total', metricVersion: '1', direction: 'higher' } as const;

export function runIndexContract(name: string, make: () => Promise<{ runs: RunStore; index: RunIndex }>): void {
  describe(`${name} as an index of runs`, () => {
    it('pages through the newest runs, each once, also those of one moment', async () => {
      const { runs, index } = await make();
      for (const [id, at] of [...'abcdefg'].map((letter, n) => [letter, Math.floor(n / 3)] as const))
        await runs.createRun(runRecord(id, at));
      const seen = await pages(2, index.newestRuns);
      expect(seen.map((page) => page.length)).toEqual([2, 2, 2, 1]);
      expect(seen.flat().map(({ runId }) => runId)).toEqual(['g', 'f', 'e', 'd', 'c', 'b', 'a']);
    });

    it('shows a run as it was last written, in its place', async () => {
      const { runs, index } = await make();
      await runs.createRun(runRecord('old', 1));
      await runs.createRun(runRecord('new', 2));
      await runs.replaceRun({ ...runRecord('old', 1), version: 2, state: 'succeeded', updatedAtMs: 9 });
      const { items, cursor } = await index.newestRuns({ limit: 2, cursor: null });
      expect(items.map(({ runId, state }) => [runId, state])).toEqual([
        ['new', 'accepted'],
        ['old', 'succeeded'],
      ]);
      expect(cursor).toBeNull();
    });

    it('has an empty first page when there is nothing', async () => {
      const { index } = await make();
      const nothing = { items: [], cursor: null };
      const page = { limit: 5, cursor: null };
      expect(await index.newestRuns(page)).toEqual(nothing);
      expect(await index.leaderboard({ ...board, ...page })).toEqual(nothing);
      expect(await index.modelHistory({ modelId: 'm1', ...page })).toEqual(nothing);
    });

    it.each([
      ['higher', [1e200, 10, 9.5, 0.25, 1e-7, 0, -1, -1e200]],
      ['lower', [-1e200, -1, 0, 1e-7, 0.25, 9.5, 10, 1e200]],
    ] as const)('ranks by number, %s first', async (direction, order) => {
      const { index } = await make();
      const values = [9.5, 10, -1, 0.25, 1e-7, 0, 1e200, -1e200];
      await index.putResults(
        'r1',
        values.map((value, n) => result({ jobId: `j${n}`, value })),
      );
      const seen = await pages(3, (page) => index.leaderboard({ ...board, direction, ...page }));
      expect(seen.flat().map(({ value }) => value)).toEqual(order);
    });

    it('pages through equal values, each once', async () => {
      const { index } = await make();
      const jobs = Array.from({ length: 11 }, (_, n) => `j${n}`);
      await index.putResults(
        'r1',
        jobs.map((jobId) => result({ jobId, value: 0.5 })),
      );
      const seen = await pages(4, (page) => index.leaderboard({ ...board, ...page }));
      expect(
        seen
          .flat()
          .map(({ jobId }) => jobId)
          .sort(),
      ).toEqual([...jobs].sort());
      expect(seen.map((page) => page.length)).toEqual([4, 4, 3]);
    });

    it('keeps suites, metrics and their versions apart, whatever is in their names', async () => {
      const { index } = await make();
      const names = [
        { metric: 'a', metricVersion: 'b#c' },
        { metric: 'a#b', metricVersion: 'c' },
        { metric: 'a%23b', metricVersion: 'c' },
        { metric: 'a', metricVersion: 'b#c', suiteDigest: 'd'.repeat(64) },
      ];
      await index.putResults(
        'r1',
        names.map((over, n) => result({ jobId: `j${n}`, ...over })),
      );
      for (const [n, over] of names.entries()) {
        const { items } = await index.leaderboard({ ...board, ...over, limit: 9, cursor: null });
        expect(items.map(({ jobId }) => jobId)).toEqual([`j${n}`]);
      }
    });

    it('gives back every field of a result', async () => {
      const { index } = await make();
      const whole = result({ interval: [0.1, 0.30000000000000004], coverage: null, params: { 'a b': [1, 'ü', null] } });
      await index.putResults('r1', [whole]);
      expect((await index.leaderboard({ ...board, limit: 1, cursor: null })).items).toEqual([whole]);
    });

    it('replaces the results of a run as a whole, and no other run’s', async () => {
      const { index } = await make();
      await index.putResults('r1', [result({ value: 1 }), result({ jobId: 'gone', value: 2 })]);
      await index.putResults('r2', [result({ runId: 'r2', value: 3 })]);
      await index.putResults('r1', [result({ value: 4, finishedAtMs: 2_000 }), result({ jobId: 'new', value: 5 })]);
      const { items } = await index.leaderboard({ ...board, limit: 9, cursor: null });
      expect(items.map(({ runId, jobId, value }) => [runId, jobId, value])).toEqual([
        ['r1', 'new', 5],
        ['r1', 'j1', 4],
        ['r2', 'j1', 3],
      ]);
      const history = await index.modelHistory({ modelId: 'm1', limit: 9, cursor: null });
      expect(history.items.map(({ value }) => value).sort()).toEqual([3, 4, 5]);
      await index.putResults('r1', []);
      expect((await index.leaderboard({ ...board, limit: 9, cursor: null })).items).toHaveLength(1);
    });

    it('tells a model’s history newest first, page by page', async () => {
      const { index } = await make();
      for (const n of [1, 3, 2]) {
        const of = { runId: `r${n}`, finishedAtMs: n * 1_000 };
        await index.putResults(of.runId, [
          result({ ...of, metric: 'a' }),
          result({ ...of, metric: 'b' }),
          result({ ...of, modelId: 'm2' }),
        ]);
      }
      const seen = await pages(4, (page) => index.modelHistory({ modelId: 'm1', ...page }));
      expect(seen.map((page) => page.length)).toEqual([4, 2]);
      expect(seen.flat().map(({ runId }) => runId)).toEqual(['r3', 'r3', 'r2', 'r2', 'r1', 'r1']);
    });

    it('writes more results than one request holds', async () => {
      const { index } = await make();
      const many = Array.from({ length: 120 }, (_, n) => result({ jobId: `j${n}`, value: n }));
      await index.putResults('r1', many);
      await index.putResults('r1', many.slice(0, 60));
      const seen = await pages(50, (page) => index.leaderboard({ ...board, ...page }));
      expect(seen.flat().map(({ value }) => value)).toEqual(
        many
          .slice(0, 60)
          .map(({ value }) => value)
          .reverse(),
      );
    });

    it.each([
      ['no JSON', 'x'],
      ['empty', ''],
      ['no base64', '[]'],
      ['null', cursorOf(null)],
      ['a list of something else', cursorOf([1, { PK: 'RUN#r1' }])],
      ['too many parts', cursorOf(Array.from({ length: 9 }, String))],
      ['a part that is too long', cursorOf(['RUNS down', '1', 'x'.repeat(2_000), 'y'])],
      ['very long', 'A'.repeat(100_000)],
      ['a way out of SQL', "' OR 1=1 --"],
    ])('refuses a cursor that is %s', async (_, cursor) => {
      const { index } = await make();
      const bad = { code: 'bad-cursor', kind: 'usage' };
      await expect(index.newestRuns({ limit: 1, cursor })).rejects.toMatchObject(bad);
      await expect(index.leaderboard({ ...board, limit: 1, cursor })).rejects.toMatchObject(bad);
      await expect(index.modelHistory({ modelId: 'm1', limit: 1, cursor })).rejects.toMatchObject(bad);
    });

    it('refuses the cursor of another question', async () => {
      const { index } = await make();
      const metrics = ['a', 'b'];
      await index.putResults(
        'r1',
        [...metrics, ...metrics].map((metric, n) => result({ jobId: `j${n}`, metric })),
      );
      const question = { ...board, metric: 'a', limit: 1 };
      const { cursor } = await index.leaderboard({ ...question, cursor: null });
      const bad = { code: 'bad-cursor' };
      expect((await index.leaderboard({ ...question, cursor })).items).toHaveLength(1);
      await expect(index.leaderboard({ ...question, metric: 'b', cursor })).rejects.toMatchObject(bad);
      await expect(index.leaderboard({ ...question, direction: 'lower', cursor })).rejects.toMatchObject(bad);
      await expect(index.newestRuns({ limit: 1, cursor })).rejects.toMatchObject(bad);
      await expect(index.modelHistory({ modelId: 'm1', limit: 1, cursor })).rejects.toMatchObject(bad);
    });

    it('never leaves the question that is asked, whatever a cursor says', async () => {
      const { index } = await make();
      await index.putResults('r1', [
        result({ jobId: 'j1', value: 1 }),
        result({ jobId: 'j2', value: 2 }),
        result({ jobId: 'j3', metric: 'other.metric', value: 1.5 }),
        result({ jobId: 'j4', modelId: 'm2', metric: 'third.metric', value: 1.5 }),
      ]);
      const { cursor } = await index.leaderboard({ ...board, limit: 1, cursor: null });
      const parts: unknown[] = JSON.parse(Buffer.from(cursor!, 'base64url').toString('utf8'));
      const forged = (at: number, value: string) => cursorOf(parts.map((part, n) => (n === at ? value : part)));
      const cursors = [cursor!, ...parts.flatMap((_, at) => ['LB#x', '~', '1e999', "';--"].map((value) => forged(at, value)))];
      for (const each of cursors) {
        const page = await index.leaderboard({ ...board, limit: 9, cursor: each }).catch((error: { code?: string }) => error.code);
        const seen = typeof page === 'object' ? page.items.map(({ metric }) => metric) : page;
        expect(seen === 'bad-cursor' || (Array.isArray(seen) && seen.every((metric) => metric === 'score.total'))).toBe(true);
      }
    });
  });
}
