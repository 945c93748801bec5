/** Recomputes the scores and the report of a run from its stored rows alone. Used by `rescore` and `report`. */
import { systemClock } from '../compose/clock.ts';
import type { LocalStores } from '../compose/local.ts';
import { BakeoffError } from '../core/errors.ts';
import type { RunRecord } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import { hostFactsSchema, type Report } from '../report/report-model.ts';
import { readJsonObject } from '../workflow/read-json-object.ts';
import { writeReport } from '../workflow/steps/report-step.ts';
import { scoreStep } from '../workflow/steps/score-step.ts';
import { readStoredRun } from '../workflow/stored-run.ts';

/** Throws `run-not-planned`, and whatever makes a row unreadable. */
export async function recomputeRun(stores: LocalStores, run: RunRecord): Promise<Report> {
  const { objects, runs } = stores;
  if ((await objects.get(keys.plan(run.runId))) === null) {
    throw new BakeoffError({
      code: 'run-not-planned',
      message: `run ${run.runId} ended before it was planned; it has no rows`,
      remedy: 'Go on with it: bakeoff run SPEC --resume.',
    });
  }
  const stored = await readStoredRun(objects, run.runId);
  for (const job of stored.jobs) {
    const { failure } = await scoreStep({ run: run.runId, start: run.start, ordinal: job.ordinal }, { objects, runs });
    if (failure !== null) {
      throw new BakeoffError({
        code: failure.code,
        message: `job ${job.jobId}: ${failure.message}`,
        remedy: 'Restore the named file, or start a new run.',
        kind: 'environment',
      });
    }
  }
  const hostKey = keys.host(run.runId);
  const host = (await objects.get(hostKey)) === null ? null : await readJsonObject(objects, hostKey, hostFactsSchema);
  const records = await runs.listJobs(run.runId);
  return writeReport(run, records, stored, { objects, runs, clock: systemClock, host, environment: 'process' });
}
