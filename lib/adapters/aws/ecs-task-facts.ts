/**
 * What "Run task" handed on, as the end of a task: pure.
 */
import type { TaskEnd } from '../../core/task-end.ts';

export function readTaskEnd(_raw: unknown): TaskEnd {
  return {
    kind: 'no-task',
    failure: { class: 'infra', code: 'task-lost', message: 'the end of the task was not understood' },
    mayLive: true,
  };
}
