/** Changes a run's record conditionally, reading again after a lost race. Used by launch, cancel, resume and Plan. */
import { BakeoffError } from '../core/errors.ts';
import type { RunRecord } from '../core/job.ts';
import type { RunStore } from '../core/ports.ts';

const CONTENTION_TRIES = 20;

/**
 * The record as written, or as found when `change` answers null (nothing to do). Throws `run-missing`, `record-contended`, and what
 * `change` throws.
 */
export async function changeRun(
  runs: RunStore,
  runId: string,
  change: (run: RunRecord) => RunRecord | null,
): Promise<{ readonly run: RunRecord; readonly changed: boolean }> {
  for (let tries = 0; tries < CONTENTION_TRIES; tries += 1) {
    const found = await runs.getRun(runId);
    if (found === null) throw runMissing(runId);
    const wanted = change(found);
    if (wanted === null) return { run: found, changed: false };
    const run = { ...wanted, version: found.version + 1 };
    if (await runs.replaceRun(run)) return { run, changed: true };
  }
  throw new BakeoffError({
    code: 'record-contended',
    message: `the record of run ${runId} changed under every one of ${CONTENTION_TRIES} tries to write it`,
    remedy: 'Try again.',
    kind: 'internal',
  });
}

export function runMissing(runId: string): BakeoffError {
  return new BakeoffError({
    code: 'run-missing',
    message: `there is no record of run ${runId}`,
    remedy: 'Name a run that `bakeoff list` shows.',
    kind: 'usage',
  });
}

/** At its end; a resume can begin it anew. */
export function isSettledRun({ state }: Pick<RunRecord, 'state'>): boolean {
  return state !== 'accepted' && state !== 'running';
}
