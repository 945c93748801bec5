/** The SQLite adapter of the local API keeps its contract beside the run store, in the same file. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sqliteRunIndex } from '../../lib/adapters/local/sqlite-run-index.ts';
import { sqliteRunStore } from '../../lib/adapters/local/sqlite-run-store.ts';
import { runRecord } from './contract-records.ts';
import { runIndexContract } from './run-index-contract.ts';

const newPath = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'bakeoff-records-')), 'records.sqlite');

runIndexContract('an SQLite file', async () => {
  const path = await newPath();
  return { runs: sqliteRunStore(path), index: sqliteRunIndex(path) };
});

it('opens a file that the run store has made before, and one that it makes later', async () => {
  const path = await newPath();
  const before = sqliteRunStore(path);
  await before.createRun(runRecord('r1'));
  before.close();
  const first = sqliteRunIndex(path);
  expect((await first.newestRuns({ limit: 1, cursor: null })).items).toEqual([runRecord('r1')]);
  const other = await newPath();
  const index = sqliteRunIndex(other);
  const after = sqliteRunStore(other);
  await after.createRun(runRecord('r2'));
  expect((await index.newestRuns({ limit: 1, cursor: null })).items).toEqual([runRecord('r2')]);
});
