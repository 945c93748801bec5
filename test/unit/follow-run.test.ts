/** Live progress: what it does when the records cannot be read. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followRun } from '../../lib/cli/progress.ts';
import { openLocalStores } from '../../lib/compose/local.ts';

let dir = '';
const unhandled: unknown[] = [];
const onUnhandled = (error: unknown): void => {
  unhandled.push(error);
};
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bakeoff-follow-'));
  process.on('unhandledRejection', onUnhandled);
});
afterEach(async () => {
  process.off('unhandledRejection', onUnhandled);
  await rm(dir, { recursive: true, force: true });
});

describe('live progress', () => {
  it('never ends the run that it shows, whatever becomes of the records', async () => {
    const { runs, close } = openLocalStores(dir);
    close();

    const progress = await followRun('run-1', runs, { nowMs: () => 0 }, { isTty: false, columns: 80, stderr: { write: () => true } });
    await new Promise((resolve) => setImmediate(resolve));
    await progress.stop();

    await expect(runs.getRun('run-1')).rejects.toThrow();
    expect(unhandled).toEqual([]);
  });
});
