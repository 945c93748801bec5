/** Records that a run failed before its workflow could: what kept it from starting. Called by who drives a run on this machine. */
import { systemClock } from '../compose/clock.ts';
import { thisOwner } from '../compose/run-owner.ts';
import { BakeoffError, messageOf } from '../core/errors.ts';
import type { RunRecord } from '../core/job.ts';
import type { RunStore } from '../core/ports.ts';
import { changeRun } from '../workflow/change-run.ts';

/** `otherwise`: the code where `error` has none of its own. Changes nothing in a run that is settled or another process's. */
export async function failRun(runs: RunStore, runId: string, error: unknown, otherwise: string): Promise<void> {
  const nowMs = systemClock.nowMs();
  const code = error instanceof BakeoffError ? error.code : otherwise;
  const failure = { class: 'infra', code, message: messageOf(error).slice(0, 4000) } as const;
  const end = { state: 'failed', owner: null, updatedAtMs: nowMs, finishedAtMs: nowMs, failure } as const;
  const failed = (run: RunRecord): RunRecord => ({ ...run, ...end });
  await changeRun(runs, runId, (found) => (found.finishedAtMs === null && found.owner === thisOwner() ? failed(found) : null));
}
