/** The records and scratch folders of tasks, shared by all who run in one folder. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { taskFiles } from '../../lib/adapters/local/process/task-files.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bakeoff-tasks-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const task = (digit: number) => ({
  ...{ taskId: `local-00000000-0000-0000-0000-00000000000${digit}`, instance: `instance-of-a-test-${digit}` },
  ...{ runId: 'run-1', jobId: 'job-1', stage: 'infer', attempt: 1 },
});

describe('a sweep', () => {
  it('leaves alone what another process opens meanwhile', async () => {
    const files = taskFiles(dir);
    await mkdir(join(dir, 'tasks'), { recursive: true });
    const dead = { ...task(0), owner: { pid: 2 ** 22 + 1, startedAt: 'long ago' } };
    await writeFile(join(dir, 'tasks', `${dead.taskId}.json`), JSON.stringify(dead));

    const sweeping = files.sweep();
    const scratch = await files.open(task(1));
    await sweeping;

    expect(existsSync(scratch)).toBe(true);
    expect((await files.find(task(1).taskId))?.instance).toBe(task(1).instance);
    expect(await files.find(dead.taskId)).toBeNull();
  });

  it('removes scratch folders that no record names', async () => {
    await mkdir(join(dir, 'scratch', 'local-forgotten'), { recursive: true });

    expect(await taskFiles(dir).sweep()).toBe(1);
    expect(await readdir(join(dir, 'scratch'))).toEqual([]);
  });
});
