/** Cursors: walking a listing gives everything exactly once, whatever the limit; a cursor that is not of this listing is refused. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../lib/api/cursor.ts';
import { keys } from '../../lib/core/object-key.ts';
import { z } from 'zod';
import { addJob, type ApiFixture, apiFixture, storeRun } from '../fixtures/api-fixture.ts';
import { runRecord } from '../fixtures/run-records.ts';
import { jobOf, succeededRow } from '../fixtures/scoring/stored-run.ts';

const PARTS = [3, 1, 7, 2];
const STATES = ['succeeded', 'failed', 'succeeded', 'cancelled', 'failed', 'succeeded', 'running'] as const;
let api: ApiFixture;
let jobId = '';
beforeAll(async () => {
  api = await apiFixture();
  const [job] = await storeRun(api, { runId: 'done-1' });
  jobId = job?.jobId ?? '';
  await storeParts();
  for (const [index, state] of STATES.entries()) {
    await api.stores.runs.createRun(runRecord({ runId: `other-${index}`, state, createdAtMs: index }));
  }
});
afterAll(() => api.close());

/** Attempts 2 and 10: their parts sort otherwise by bytes than by number. */
async function storeParts(): Promise<void> {
  const job = jobOf('long', 100, { runId: 'done-1' });
  await addJob(api, 'done-1', { jobId: 'long', ordinal: 2 });
  let ordinal = 0;
  for (const attempt of [2, 10]) {
    for (const [n, rows] of PARTS.entries()) {
      const lines = Array.from({ length: rows }, () =>
        JSON.stringify(succeededRow({ itemId: `i${ordinal}`, ordinal: ordinal++, attempt }, { value: 1 })),
      );
      await api.stores.objects.put(keys.samplePart(job.runId, job.jobId, attempt, n), `${lines.join('\n')}\n`);
    }
  }
}

async function walk(path: string, limit: number): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = [];
  const join = path.includes('?') ? '&' : '?';
  for (let cursor: string | null = ''; cursor !== null; ) {
    const response = await api.request(`${path}${join}limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`);
    expect(response.status).toBe(200);
    const page = z
      .object({ items: z.array(z.record(z.string(), z.unknown())), cursor: z.string().nullable() })
      .parse(await response.json());
    expect(page.items.length).toBeLessThanOrEqual(limit);
    all.push(...page.items);
    cursor = page.cursor;
  }
  return all;
}

describe('walking', () => {
  const LISTINGS: readonly [string, string, number][] = [
    ['/v1/runs', 'runId', STATES.length + 1],
    ['/v1/runs?state=succeeded', 'runId', 4],
    ['/v1/runs?state=rejected', 'runId', 0],
    ['/v1/runs/done-1/jobs', 'jobId', 3],
    ['/v1/runs/done-1/jobs/long/samples', 'itemId', 26],
    ['/v1/models', 'id', 4],
    ['/v1/suites', 'id', 3],
  ];

  it.each(LISTINGS)('%s gives everything exactly once, whatever the limit', async (path, id, count) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30 }), async (limit) => {
        const ids = (await walk(path, limit)).map((item) => item[id]);
        expect(ids).toHaveLength(count);
        expect(new Set(ids).size).toBe(count);
      }),
      { numRuns: 12 },
    );
  });

  it('gives rows in the order of attempt, part and line', async () => {
    const ordinals = (await walk('/v1/runs/done-1/jobs/long/samples', 4)).map(({ ordinal }) => ordinal);
    expect(ordinals).toEqual(Array.from({ length: 26 }, (_, index) => index));
  });

  it('ends a page of samples before it grows too large for an answer', async () => {
    const row = (ordinal: number) => JSON.stringify(succeededRow({ itemId: `b${ordinal}`, ordinal }, { text: 'x'.repeat(60_000) }));
    const job = jobOf('large', 100, { runId: 'done-1' });
    await addJob(api, 'done-1', { jobId: 'large', ordinal: 3 });
    await api.stores.objects.put(
      keys.samplePart('done-1', job.jobId, 1, 1),
      Array.from({ length: 100 }, (_, at) => `${row(at)}\n`).join(''),
    );

    const first = await (await api.request('/v1/runs/done-1/jobs/large/samples?limit=1000')).text();

    expect(first.length).toBeLessThan(4 << 20);
    expect(await walk('/v1/runs/done-1/jobs/large/samples', 1000)).toHaveLength(100);
  });
});

describe('a cursor', () => {
  it('that was changed anywhere is refused', () => {
    const schema = z.strictObject({ attempt: z.int(), n: z.int(), line: z.int() });
    const cursor = encodeCursor('samples/a/b', { attempt: 1, n: 2, line: 3 });
    fc.assert(
      fc.property(fc.nat(cursor.length - 1), fc.constantFrom(...'ABCxyz019_-.'), (at, letter) => {
        const changed = `${cursor.slice(0, at)}${letter}${cursor.slice(at + 1)}`;
        if (changed === cursor) return;
        expect(() => decodeCursor('samples/a/b', schema, changed)).toThrow(expect.objectContaining({ code: 'bad-cursor' }));
      }),
    );
  });

  it.each([
    ['/v1/runs/done-1/jobs/long/samples', '/v1/runs/done-1/jobs?'],
    ['/v1/runs', '/v1/runs?state=failed&'],
    ['/v1/models', '/v1/suites?'],
  ])('of %s is refused by %s', async (from, to) => {
    const { cursor } = z.object({ cursor: z.string() }).parse(await (await api.request(`${from}?limit=1`)).json());

    const response = await api.request(`${to}cursor=${cursor}`);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'bad-cursor' });
  });

  it('of another job is refused', async () => {
    const { cursor } = z
      .object({ cursor: z.string() })
      .parse(await (await api.request('/v1/runs/done-1/jobs/long/samples?limit=1')).json());
    expect((await api.request(`/v1/runs/done-1/jobs/${jobId}/samples?cursor=${cursor}`)).status).toBe(400);
  });
});

describe('a limit', () => {
  it.each(['0', '-1', '1.5', '1e2', '101', '99999999999', '', 'all', '٣'])('of %j is refused', async (limit) => {
    const response = await api.request(`/v1/runs?limit=${encodeURIComponent(limit)}`);
    expect(await response.json()).toMatchObject({ status: 400, code: 'bad-parameter' });
  });
});
