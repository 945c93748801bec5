/** Runs of this machine know of each other as long as they overlap, and not of those that were over before. */
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { announceRun } from '../../lib/adapters/local/live-runs.ts';

const newFolder = (): string => join(mkdtempSync(join(tmpdir(), 'bakeoff-live-test-')), 'live');

/** A clock that moves by one at each look. */
function ticking(): () => number {
  let nowMs = 0;
  return () => {
    nowMs += 1;
    return nowMs;
  };
}

it('is alone until another is announced, and then both know', async () => {
  const [folder, clock] = [newFolder(), ticking()];
  const first = await announceRun('first', clock, folder);
  expect(await first.others()).toEqual([]);
  const second = await announceRun('second', clock, folder);
  expect([await first.others(), await second.others()]).toEqual([['second'], ['first']]);
});

it('remembers one that has ended meanwhile, and a later one does not', async () => {
  const [folder, clock] = [newFolder(), ticking()];
  const long = await announceRun('long', clock, folder);
  const short = await announceRun('short', clock, folder);
  await short.close();
  expect(await long.others()).toEqual(['short']);
  const later = await announceRun('later', clock, folder);
  expect(await later.others()).toEqual(['long']);
});

it('counts one that was killed while this run was under way, but not one that was dead before', async () => {
  const [folder, clock] = [newFolder(), ticking()];
  const dead = { runId: 'dead', pid: 4_194_304, startedAt: '1', fromMs: 0, untilMs: null };
  const run = await announceRun('run', clock, folder);
  writeFileSync(join(folder, '4194304-x.json'), JSON.stringify(dead));
  expect(await run.others()).toEqual(['dead']);
  expect(await (await announceRun('next', clock, folder)).others()).toEqual(['run']);
});

it('passes over what it cannot read, and sweeps it', async () => {
  const [folder, clock] = [newFolder(), ticking()];
  const run = await announceRun('run', clock, folder);
  writeFileSync(join(folder, 'torn.json'), '{"runId":');
  expect(await run.others()).toEqual([]);
  await announceRun('next', clock, folder);
  expect(readdirSync(folder)).not.toContain('torn.json');
});
