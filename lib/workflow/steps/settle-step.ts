/**
 * The Settle step: an error outside every job ended the workflow; the run's record says so. Idempotent, and never overwrites
 * a run that has settled already.
 */
import type { RunRecord } from '../../core/job.ts';
import type { Clock, RunStore } from '../../core/ports.ts';
import type { RunInput } from './step-input.ts';

const UNSETTLED = new Set<RunRecord['state']>(['accepted', 'running']);

/** The state of the run afterwards; null when there is no such run. */
export async function settleStep(
  input: RunInput & { readonly error: unknown },
  ports: { readonly runs: RunStore; readonly clock: Clock },
): Promise<{ state: RunRecord['state'] | null }> {
  const { runs, clock } = ports;
  for (;;) {
    const run = await runs.getRun(input.run);
    if (run === null) return { state: null };
    if (run.start !== input.start || !UNSETTLED.has(run.state)) return { state: run.state };
    const nowMs = clock.nowMs();
    const settled: RunRecord = {
      ...run,
      version: run.version + 1,
      state: 'failed',
      updatedAtMs: nowMs,
      finishedAtMs: nowMs,
      owner: null,
      failure: { class: 'infra', code: 'workflow-failed', message: describeError(input.error) },
    };
    if (await runs.replaceRun(settled)) return { state: 'failed' };
  }
}

/** Step Functions hands `{Error, Cause}`. */
function describeError(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error).slice(0, 2000);
  const name = 'Error' in error ? String(error.Error) : 'an error';
  const cause = 'Cause' in error ? String(error.Cause) : '';
  return `${name}${cause === '' ? '' : `: ${cause}`}`.slice(0, 2000);
}
