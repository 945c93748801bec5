/**
 * The Settle step: an error outside every job ended the workflow; the run's record says so. Idempotent, and never overwrites
 * a run that has settled already. On AWS the end of the parent execution calls it too, and nothing of the run stays alive.
 */
import type { Failure } from '../../core/failure.ts';
import type { RunRecord } from '../../core/job.ts';
import type { Clock, EventSink, RunStore, TaskStopper } from '../../core/ports.ts';
import { changeRun, isSettledRun } from '../change-run.ts';
import { describeError } from '../describe-error.ts';
import { publishRun } from '../run-events.ts';
import type { RunInput } from './step-input.ts';

export interface SettlePorts {
  readonly runs: RunStore;
  readonly clock: Clock;
  /** Where tasks outlive the workflow; absent on one machine. */
  readonly cluster?: { readonly stopper: TaskStopper; readonly events: EventSink };
}

export interface SettleAnswer {
  /** The state of the run afterwards; null when there is no such run. */
  readonly state: RunRecord['state'] | null;
  /** Whether this call settled it. */
  readonly settled: boolean;
}

/** Tasks are stopped again by every call for the current start: the one before may have died in between. */
export async function settleStep(input: RunInput & { readonly error: unknown }, ports: SettlePorts): Promise<SettleAnswer> {
  const { runs, clock, cluster } = ports;
  if ((await runs.getRun(input.run)) === null) return { state: null, settled: false };
  const failure = describeError(input.error);
  const { run, changed } = await changeRun(runs, input.run, (found) =>
    found.start !== input.start || isSettledRun(found) ? null : failed(found, failure, clock.nowMs()),
  );
  if (run.start !== input.start) return { state: run.state, settled: false };
  await cluster?.stopper.stopTasks({ runId: input.run, jobId: null });
  if (changed && cluster !== undefined) await publishRun(cluster.events, run, await runs.listJobs(input.run));
  return { state: run.state, settled: changed };
}

function failed(run: RunRecord, failure: Failure, nowMs: number): RunRecord {
  return { ...run, state: 'failed', updatedAtMs: nowMs, finishedAtMs: nowMs, owner: null, failure };
}
