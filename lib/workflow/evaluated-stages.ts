/**
 * Brings the records of a run's jobs in line with the passes that were added to it: stages of later passes join, those that no scorer counts on
 * any more leave, and what stopped before its end goes on. Called by Plan at every start; idempotent.
 */
import { mayHaveAnswers, withStages } from '../core/advance.ts';
import { boundJobRecord } from '../core/bound-job-record.ts';
import { BakeoffError } from '../core/errors.ts';
import { type EvaluationPass, stagesOfJob, withPasses } from '../core/evaluation-pass.ts';
import { type Job, type JobRecord, jobSchema, type Plan, type RunRecord, type StageName } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import { stoppedStages } from '../core/plan-evaluation.ts';
import type { ObjectStore, RunStore } from '../core/ports.ts';
import { recordMissing } from './job-ordinals.ts';
import { mapBounded } from './map-bounded.ts';
import { readJsonObject } from './read-json-object.ts';

interface Stores {
  readonly objects: ObjectStore;
  readonly runs: RunStore;
}

const WRITES_IN_FLIGHT = 64;
const CONTENTION_TRIES = 20;

/** Nothing for a run without passes whose start does more than evaluate. */
export async function alignStages(run: RunRecord, plan: Plan, passes: readonly EvaluationPass[], stores: Stores): Promise<void> {
  if (passes.length === 0 && run.scope !== 'evaluate') return;
  const [first] = plan.jobs;
  if (first === undefined) return;
  // The evaluators of one job are those of all.
  const job: Job = await readJsonObject(stores.objects, keys.job(run.runId, first.jobId), jobSchema);
  const names = stagesOfJob(withPasses(job, passes));
  await mapBounded(plan.jobs, WRITES_IN_FLIGHT, ({ jobId }) => alignJob(run, jobId, names, stores.runs));
}

async function alignJob(run: RunRecord, jobId: string, names: readonly StageName[], runs: RunStore): Promise<void> {
  for (let tries = 0; tries < CONTENTION_TRIES; tries += 1) {
    const record = await runs.getJob(run.runId, jobId);
    if (record === null) throw recordMissing(run.runId, jobId);
    const aligned = alignedRecord(record, run, names);
    if (aligned === null || (await runs.replaceJob({ ...boundJobRecord(aligned), version: record.version + 1 }))) return;
  }
  throw new BakeoffError({
    code: 'record-contended',
    message: `the record of job ${jobId} changed under every one of ${CONTENTION_TRIES} tries to plan it`,
    remedy: 'Resume the run; if it happens again, look for a second process that drives the same run.',
    kind: 'internal',
  });
}

/** Null where this start has begun with the job already, and where nothing is to be done. */
export function alignedRecord(record: JobRecord, run: Pick<RunRecord, 'start' | 'scope'>, names: readonly StageName[]): JobRecord | null {
  // A record that Plan has just made is of this start and has its stages of the plan alone.
  const isNew = record.start === run.start && record.version === 1;
  if (record.start >= run.start && !isNew) return null;
  const same = record.stages.length === names.length && record.stages.every(({ name }, index) => name === names[index]);
  if (same && run.scope !== 'evaluate') return null;
  const again = run.scope === 'evaluate' && mayHaveAnswers(record) ? stoppedStages(record).map(({ name }) => name) : [];
  return withStages(record, names, new Set(again));
}
