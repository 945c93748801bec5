/** The SQLite adapter keeps the run store's contract, also with a second process's connection open. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sqliteRunStore } from '../../lib/adapters/local/sqlite-run-store.ts';
import { runStoreContract } from './run-store-contract.ts';

const newPath = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'bakeoff-records-')), 'records.sqlite');

runStoreContract('an SQLite file', async () => sqliteRunStore(await newPath()));

it('shows one connection what another has written', async () => {
  const path = await newPath();
  const writer = sqliteRunStore(path);
  const reader = sqliteRunStore(path);
  const beat = {
    runId: 'r',
    jobId: 'j',
    stage: 'infer',
    attempt: 1,
    phase: 'drive',
    planned: 2,
    done: 1,
    failed: 0,
    ratePerSecond: 3,
    atMs: 4,
  };
  await writer.putBeat(beat);
  expect(await reader.listBeats('r')).toEqual([beat]);
});

it('explains a file that is no database', async () => {
  const path = await newPath();
  await writeFile(path, 'this is no database, but long enough to be read as the head of one');
  expect(() => sqliteRunStore(path)).toThrow(expect.objectContaining({ code: 'records-unusable', kind: 'environment' }));
});
