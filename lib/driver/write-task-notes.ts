/**
 * Leaves what the driver knows of its task where the workflow finds it. Called by main.ts on AWS before the driver exits, whatever became
 * of the attempt.
 */
import { messageOf } from '../core/errors.ts';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { TaskNotes } from '../core/task-notes.ts';
import type { Logger } from './logger.ts';

interface Attempt {
  readonly runId: string;
  readonly jobId: string;
  readonly stage: string;
  readonly attempt: number;
}

/** Without overwrite. Never rejects: an attempt does not fail for want of its figures. */
export async function writeTaskNotes(objects: ObjectStore, of: Attempt, notes: Omit<TaskNotes, 'schema'>, logger: Logger): Promise<void> {
  const key = keys.task(of.runId, of.jobId, of.stage, of.attempt);
  const whole: TaskNotes = { schema: 1, ...notes };
  try {
    await objects.put(key, JSON.stringify(whole), { ifAbsent: true });
  } catch (error) {
    logger(`the notes about the task could not be written: ${messageOf(error)}`);
  }
}
