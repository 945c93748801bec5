/** An interrupt of the workflow on one machine, with the real interpreter and the real definition. */
import { describe, expect, it } from 'vitest';
import { interpretWorkflow, type TaskHandler } from '../../lib/adapters/local/workflow-interpreter.ts';
import { watchHandlers } from '../../lib/compose/watched-handlers.ts';
import { workflowDefinition } from '../../lib/workflow/definition.ts';

const arn = (step: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${step}`;
const definition = workflowDefinition({
  functions: { plan: arn('plan'), advance: arn('advance'), score: arn('score'), report: arn('report'), settle: arn('settle') },
  runTaskParameters: { 'task.$': '$.step.task', step: { 'timeoutSeconds.$': '$.step.timeoutSeconds' } },
});
const unprepared: TaskHandler = () => Promise.reject(new Error('not prepared for this call'));

/** Five jobs, one at a time; the first one's task ends when it is told to. */
function interruptible() {
  const calls: string[] = [];
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const step = { action: 'run', waitSeconds: 1, timeoutSeconds: 100, task: {} };
  const watched = watchHandlers({
    Plan: async () => ({ run: 'run-1', start: 1, maxConcurrency: 1, ordinals: [0, 1, 2, 3, 4] }),
    Advance: async () => {
      calls.push('advance');
      return step;
    },
    'Run task': async () => {
      calls.push('task');
      begin();
      await ended;
      calls.push('task ended');
      throw new Error('stopped');
    },
    ...{ Score: unprepared, Report: unprepared, 'Settle run': unprepared },
  });
  return { calls, begun, end, watched, execution: interpretWorkflow(definition, watched.handlers, { run: 'run-1', start: 1 }) };
}

describe('an interrupt', () => {
  it('lets nothing new begin, though the interpreter calls the jobs that waited', async () => {
    const { calls, begun, end, watched, execution } = interruptible();
    await begun;

    watched.close();
    execution.abort();
    await expect(execution.result).rejects.toThrow();
    end();
    await watched.settled();
    await new Promise((resolve) => setTimeout(resolve, 200));

    expect(calls).toEqual(['advance', 'task', 'task ended']);
  });

  it('can wait for what is in flight', async () => {
    const { calls, begun, end, watched, execution } = interruptible();
    await begun;
    watched.close();
    execution.abort();
    await expect(execution.result).rejects.toThrow();

    setTimeout(end, 50);
    await watched.settled();

    expect(calls.at(-1)).toBe('task ended');
    expect(watched.thrown).toEqual([new Error('stopped')]);
  });
});
