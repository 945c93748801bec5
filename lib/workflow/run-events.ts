/**
 * Tells the world that a run has changed its state. Called by whoever writes the state (launch, Plan, Report, Settle); a sink that fails
 * is its own business and never stops a run.
 */
import type { JobRecord, RunRecord } from '../core/job.ts';
import type { EventSink } from '../core/ports.ts';
import type { RunEvent } from '../core/run-event.ts';

/** The event that a record stands for. Messages are cut to what a rule's target can show. */
export function runEventOf(run: RunRecord, jobs: readonly JobRecord[] = []): RunEvent {
  const byState: Record<string, number> = {};
  for (const { state } of jobs) byState[state] = (byState[state] ?? 0) + 1;
  return {
    schema: 1,
    runId: run.runId,
    name: run.name,
    state: run.state,
    start: run.start,
    atMs: run.updatedAtMs,
    failure: run.failure === null ? null : { code: run.failure.code, message: run.failure.message.slice(0, 1000) },
    jobs: byState,
  };
}

/** Publishes, and swallows what the sink throws: a lost event never stops a run. */
export async function publishRun(events: EventSink, run: RunRecord, jobs: readonly JobRecord[] = []): Promise<void> {
  await events.publish(runEventOf(run, jobs)).catch(() => undefined);
}
