/**
 * Cancels a run: a flag that Advance and every driver's beat read, then a stop for the tasks that are alive. The workflow goes on to the
 * report, so that what was answered is scored. Called by the API; idempotent.
 */
import { BakeoffError } from '../core/errors.ts';
import type { RunRecord } from '../core/job.ts';
import type { Clock, RunStore, TaskStopper } from '../core/ports.ts';
import { changeRun, isSettledRun } from './change-run.ts';

export interface CancelPorts {
  readonly runs: RunStore;
  readonly stopper: TaskStopper;
  readonly clock: Clock;
}

/** The flag first: a task that starts after the stop reads it. Throws `run-missing` and `run-settled`. */
export async function cancelRun(runId: string, { runs, stopper, clock }: CancelPorts): Promise<RunRecord> {
  const { run } = await changeRun(runs, runId, (found) => {
    if (isSettledRun(found)) throw runSettled(found);
    return found.cancelRequested ? null : { ...found, cancelRequested: true, updatedAtMs: clock.nowMs() };
  });
  await stopper.stopTasks({ runId, jobId: null });
  return run;
}

function runSettled({ runId, state }: RunRecord): BakeoffError {
  return new BakeoffError({
    code: 'run-settled',
    message: `run ${runId} is at its end already (${state}); there is nothing to cancel`,
    remedy: 'Cancel a run whose state is accepted or running.',
  });
}
