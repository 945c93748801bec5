/** Runs of this machine know of each other as long as they overlap, and not of those that were over before. */
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { announceRun } from '../../lib/adapters/local/live-runs.ts';

const newFolder = (): string => join(mkdtempSync(join(tmpdir(), 'bakeoff-live-test-')), 'live');

/** The entry of a process that is gone: no process has an id so high. */
const leaveDead = (folder: string): void =>
  writeFileSync(join(folder, '4194304-x.json'), JSON.stringify({ runId: 'dead', pid: 4_194_304, startedAt: '1' }));

it('is alone until another is announced, and then both know', async () => {
  const folder = newFolder();
  const first = await announceRun('first', folder);
  expect(await first.others()).toEqual([]);
  const second = await announceRun('second', folder);
  expect([await first.others(), await second.others()]).toEqual([['second'], ['first']]);
});

it('counts one that ended while this run was under way, but not one that was over before', async () => {
  const folder = newFolder();
  const run = await announceRun('run', folder);
  leaveDead(folder);
  expect(await run.others()).toEqual(['dead']);
  expect(await (await announceRun('next', folder)).others()).toEqual(['run']);
});

it('still knows of somebody when a later run has swept the one that ended', async () => {
  const folder = newFolder();
  const run = await announceRun('run', folder);
  leaveDead(folder);
  await announceRun('next', folder);
  expect(await run.others()).toEqual(['next']);
});

it('passes over what it cannot read, and sweeps it', async () => {
  const folder = newFolder();
  const run = await announceRun('run', folder);
  writeFileSync(join(folder, 'torn.json'), '{"runId":');
  expect(await run.others()).toEqual([]);
  await announceRun('next', folder);
  expect(readdirSync(folder)).not.toContain('torn.json');
});
