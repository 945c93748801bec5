/** A start that failed before the workflow could: what the record says of it, and whose record is left alone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type SqliteRunStore, sqliteRunStore } from '../../lib/adapters/local/sqlite-run-store.ts';
import { failRun } from '../../lib/cli/fail-run.ts';
import { thisOwner } from '../../lib/compose/run-owner.ts';
import { BakeoffError } from '../../lib/core/errors.ts';
import { runRecord } from '../contract/contract-records.ts';

const NO_UV = new BakeoffError({ code: 'uv-missing', message: 'there is no uv', remedy: 'Install it.' });

let folder: string;
let runs: SqliteRunStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bakeoff-fail-run-'));
  runs = sqliteRunStore(join(folder, 'records.sqlite'));
});
afterEach(async () => {
  runs.close();
  await rm(folder, { recursive: true, force: true });
});

it.each([
  ['the code of the error', NO_UV, 'uv-missing'],
  ['the code given for errors that have none', new Error('odd'), 'install-failed'],
])('ends our run as failed with %s, and nobody owns it', async (_what, error, code) => {
  await runs.createRun({ ...runRecord('r1'), state: 'running', owner: thisOwner() });

  await failRun(runs, 'r1', error, 'install-failed');

  const run = await runs.getRun('r1');
  expect(run).toMatchObject({ state: 'failed', owner: null, failure: { class: 'infra', code } });
  expect(run?.finishedAtMs).toBe(run?.updatedAtMs);
});

it('leaves a run alone that another process has taken since', async () => {
  const taken = { ...runRecord('r1'), state: 'running', owner: `${thisOwner()}0` } as const;
  await runs.createRun(taken);

  await failRun(runs, 'r1', NO_UV, 'install-failed');

  expect(await runs.getRun('r1')).toEqual(taken);
});
