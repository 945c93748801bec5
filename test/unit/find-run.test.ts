/** Which run a user means. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRun, openRuns } from '../../lib/cli/find-run.ts';
import { type LocalStores, openLocalStores } from '../../lib/compose/local.ts';
import { runRecord, STARTED_MS } from '../fixtures/run-records.ts';

let dir = '';
let stores: LocalStores;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bakeoff-find-'));
  stores = openLocalStores(dir);
});
afterEach(async () => {
  stores.close();
  await rm(dir, { recursive: true, force: true });
});

async function haveRuns(...runIds: readonly string[]): Promise<void> {
  for (const [index, runId] of runIds.entries()) await stores.runs.createRun(runRecord({ runId, createdAtMs: STARTED_MS + index }));
}

describe('the name of a run', () => {
  it('may be its id, even where that begins another id', async () => {
    await haveRuns('demo-1', 'demo-12');

    expect((await findRun(stores, 'demo-1')).runId).toBe('demo-1');
  });

  it('may be the start of one id', async () => {
    await haveRuns('demo-1', 'ocr-2');

    expect((await findRun(stores, 'oc')).runId).toBe('ocr-2');
  });

  it('may be "latest", the one that began last', async () => {
    await haveRuns('demo-1', 'demo-3', 'demo-2');

    expect((await findRun(stores, 'latest')).runId).toBe('demo-2');
  });

  it('is refused when several runs begin so', async () => {
    await haveRuns('demo-1', 'demo-2');

    await expect(findRun(stores, 'demo')).rejects.toMatchObject({
      code: 'run-unknown',
      message: expect.stringContaining('2 runs begin so'),
    });
  });

  it('is refused with the nearest id', async () => {
    await haveRuns('demo-1');

    await expect(findRun(stores, 'dmeo-1')).rejects.toMatchObject({
      code: 'run-unknown',
      message: expect.stringContaining('did you mean demo-1?'),
    });
  });

  it('is refused when it is empty', async () => {
    await haveRuns('demo-1');

    await expect(findRun(stores, '')).rejects.toMatchObject({ code: 'run-unknown' });
  });

  it('is refused with how to start a run where there is none', async () => {
    await expect(findRun(stores, 'latest')).rejects.toMatchObject({ code: 'run-unknown', remedy: expect.stringContaining('bakeoff run') });
  });
});

describe('a folder without runs', () => {
  it('is refused, and not made by looking into it', () => {
    const absent = join(dir, 'absent');

    expect(() => openRuns(absent)).toThrow(`there are no runs in ${absent}`);
    expect(existsSync(absent)).toBe(false);
  });
});
