/** Recomputes the scores and the report of a run from its stored rows alone. Used by `rescore` and `report`. */
import { systemClock } from '../compose/clock.ts';
import type { LocalStores } from '../compose/local.ts';
import type { ScoreRule } from '../core/composite.ts';
import { BakeoffError } from '../core/errors.ts';
import type { RunRecord } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import { type HostFacts, hostFactsSchema, type Report } from '../report/report-model.ts';
import { readJsonObject } from '../workflow/read-json-object.ts';
import { makeReport, writeReport } from '../workflow/steps/report-step.ts';
import { scoreStep } from '../workflow/steps/score-step.ts';
import { readStoredRun, type StoredRun } from '../workflow/stored-run.ts';

/** Throws `run-not-planned`, and whatever makes a row unreadable. */
export async function recomputeRun(stores: LocalStores, run: RunRecord): Promise<Report> {
  const { objects, runs } = stores;
  const stored = await readPlannedRun(stores, run);
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
  const records = await runs.listJobs(run.runId);
  return writeReport(run, records, stored, { objects, runs, clock: systemClock, host: await hostOf(stores, run), environment: 'process' });
}

/** The report as it would be by another rule. Nothing of the run is changed. Throws what recomputeRun throws. */
export async function reportByRule(stores: LocalStores, run: RunRecord, stored: StoredRun, score: ScoreRule): Promise<Report> {
  const records = await stores.runs.listJobs(run.runId);
  const other = { ...stored, scoring: { ...stored.scoring, score } };
  return makeReport(run, records, other, { objects: stores.objects, host: await hostOf(stores, run), environment: 'process' });
}

/** Throws `run-not-planned`. */
export async function readPlannedRun({ objects }: LocalStores, run: RunRecord): Promise<StoredRun> {
  if ((await objects.get(keys.plan(run.runId))) === null) {
    throw new BakeoffError({
      code: 'run-not-planned',
      message: `run ${run.runId} ended before it was planned; it has no rows`,
      remedy: 'Go on with it: bakeoff run SPEC --resume.',
    });
  }
  return readStoredRun(objects, run.runId);
}

async function hostOf({ objects }: LocalStores, run: RunRecord): Promise<HostFacts | null> {
  const key = keys.host(run.runId);
  return (await objects.get(key)) === null ? null : readJsonObject(objects, key, hostFactsSchema);
}
