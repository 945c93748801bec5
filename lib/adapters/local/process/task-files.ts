/**
 * What a task leaves on the disk while it runs: its record (`DIR/tasks/<taskId>.json`: who runs it, under which token) and its
 * scratch folder (`DIR/scratch/<taskId>/`). Called by the compute, at a start also for what a killed one left.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { killByToken } from './kill-by-token.ts';
import { isAlive, readProcess } from './process-table.ts';

const taskRecordSchema = z.object({
  taskId: z.string().regex(/^local-[0-9a-f-]{36}$/),
  instance: z.string().min(16),
  runId: z.string(),
  jobId: z.string(),
  stage: z.string(),
  attempt: z.int(),
  /** The process whose death ends the task. */
  owner: z.object({ pid: z.int().positive(), startedAt: z.string() }),
});
export type TaskRecord = z.infer<typeof taskRecordSchema>;

export interface TaskFiles {
  readonly open: (task: Omit<TaskRecord, 'owner'>) => Promise<string>;
  /** Removes record and scratch. */
  readonly close: (taskId: string) => Promise<void>;
  readonly find: (taskId: string) => Promise<TaskRecord | null>;
  /** Ends and removes all tasks whose owner is dead, and scratch folders without a record. Returns how many. */
  readonly sweep: () => Promise<number>;
}

/** For the tasks of one folder, `DIR`, whoever runs them. */
export function taskFiles(dir: string): TaskFiles {
  const records = join(dir, 'tasks');
  const scratch = join(dir, 'scratch');
  const recordPath = (taskId: string) => join(records, `${taskId}.json`);
  const scratchPath = (taskId: string) => join(scratch, taskId);

  const find = async (taskId: string) => {
    const text = await readFile(recordPath(taskId), 'utf8').catch(() => null);
    return text === null ? null : parseRecord(text);
  };
  const close = async (taskId: string) => {
    await rm(scratchPath(taskId), { recursive: true, force: true, maxRetries: 3 });
    await rm(recordPath(taskId), { force: true });
  };

  return {
    find,
    close,
    open: async (task) => {
      const owner = { pid: process.pid, startedAt: readProcess(process.pid)?.startedAt ?? '' };
      await mkdir(records, { recursive: true });
      // The record is there before anything of the task is: what it names can always be ended.
      writeFileSync(recordPath(task.taskId), JSON.stringify({ ...task, owner }), { flush: true });
      await mkdir(scratchPath(task.taskId), { recursive: true });
      return scratchPath(task.taskId);
    },
    sweep: async () => {
      // Before the records: what is opened while the sweep goes on is then in neither list, or in both.
      const folders = await readdir(scratch).catch(() => []);
      const live = new Set<string>();
      let swept = 0;
      for (const name of await readdir(records).catch(() => [])) {
        const taskId = name.replace(/\.json$/, '');
        const task = await find(taskId);
        if (task !== null && isAlive(task.owner.pid, task.owner.startedAt)) {
          live.add(taskId);
          continue;
        }
        if (task !== null) await killByToken(task.instance);
        await close(taskId);
        swept += 1;
      }
      const left = folders.filter((name) => !live.has(name) && existsSync(scratchPath(name)));
      await Promise.all(left.map((name) => rm(join(scratch, name), { recursive: true, force: true })));
      return swept + left.length;
    },
  };
}

/** Null for a record that a full disk or a power cut left half-written: it was written before its task began. */
function parseRecord(text: string): TaskRecord | null {
  try {
    return taskRecordSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
