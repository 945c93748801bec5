/**
 * Goes on with a run whose execution has ended: a new execution of the same workflow, under the next start. What the records call
 * finished is not done again. Called by the API on an explicit wish only; a redelivered upload never resumes.
 */
import { BakeoffError } from '../core/errors.ts';
import type { RunRecord } from '../core/job.ts';
import type { Clock, Executions, RunStore } from '../core/ports.ts';
import { changeRun, isSettledRun } from './change-run.ts';
import { executionName } from './run-id.ts';

export interface ResumePorts {
  readonly runs: RunStore;
  readonly executions: Executions;
  readonly clock: Clock;
}

/** Throws `run-missing`, `run-rejected`, `run-succeeded` and `run-live`. Of two callers at once one starts it, the other finds it live. */
export async function resumeRun(runId: string, { runs, executions, clock }: ResumePorts): Promise<{ readonly start: number }> {
  const begin = (start: number): Promise<'started' | 'exists'> => executions.start(executionName(runId, start), { run: runId, start });
  const { run: found } = await changeRun(runs, runId, () => null);
  if (found.state === 'rejected') throw runRejected(runId);
  if (found.state === 'succeeded') throw runSucceeded(runId);
  // A start that was put on record and never began (a crash in between): begin it, do not skip it.
  if (found.state === 'accepted' && (await begin(found.start)) === 'started') return { start: found.start };
  if (await executions.isLive(executionName(runId, found.start))) throw runLive(runId);
  const { run } = await changeRun(runs, runId, (seen) => {
    if (seen.start !== found.start) throw runLive(runId);
    return restarted(seen, clock.nowMs());
  });
  await begin(run.start);
  return { start: run.start };
}

/** A cancel belonged to the start that it ended. An evaluation that never came to its end goes on as one. */
function restarted(run: RunRecord, nowMs: number): RunRecord {
  const start = run.start + 1;
  const scope = isSettledRun(run) ? 'all' : (run.scope ?? 'all');
  return {
    ...run,
    start,
    scope,
    state: 'accepted',
    updatedAtMs: nowMs,
    finishedAtMs: null,
    cancelRequested: false,
    owner: null,
    failure: null,
  };
}

function runRejected(runId: string): BakeoffError {
  return new BakeoffError({
    code: 'run-rejected',
    message: `run ${runId} was rejected: its spec is not valid`,
    remedy: 'Correct the spec and upload it again.',
  });
}

function runSucceeded(runId: string): BakeoffError {
  return new BakeoffError({
    code: 'run-succeeded',
    message: `run ${runId} has succeeded: there is nothing left to do`,
    remedy: 'Submit the spec again for another run.',
  });
}

function runLive(runId: string): BakeoffError {
  return new BakeoffError({
    code: 'run-live',
    message: `run ${runId} has an execution that goes on`,
    remedy: 'Wait for its end, or cancel it first.',
  });
}
