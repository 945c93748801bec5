/**
 * What a job of a run with a budget sets aside before its first task: the forecast from the same job's earlier runs, or, where there is
 * none, the price of its limits. Plan freezes it into the job; Advance reserves it, and at the job's end puts what it cost in its place. Jobs
 * in flight finish, so a run may end above its budget by what their shares were short of (docs/decisions/a-budget-is-held-by-shares.md).
 */
import { usdOf } from '../core/cost.ts';
import { stagesOfJob } from '../core/evaluation-pass.ts';
import { type EarlierJob, forecastJob } from '../core/forecast.ts';
import type { Job } from '../core/job.ts';
import { jobSchema, planSchema } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { Placements } from '../core/placements.ts';
import type { ObjectStore, RunIndex, RunStore } from '../core/ports.ts';
import { mapBounded } from './map-bounded.ts';
import { readJsonObject } from './read-json-object.ts';

export interface ReservePorts {
  readonly index: Pick<RunIndex, 'modelHistory'>;
}

export interface BudgetedRun {
  readonly maxUsd: number;
  readonly suiteDigest: string;
  readonly placements: Placements;
}

interface Stores {
  readonly objects: ObjectStore;
  readonly runs: Pick<RunStore, 'getJob'>;
}

/** Of a model's history, and of the runs found there. */
const HISTORY_RESULTS = 200;
const EARLIER_RUNS = 3;
const READS_IN_FLIGHT = 16;

/** The jobs with what each sets aside, dollars. */
export async function withReservations(jobs: readonly Job[], run: BudgetedRun, stores: Stores, { index }: ReservePorts): Promise<Job[]> {
  const histories = new Map<string, Promise<Map<string, string[]>>>();
  const historyOf = (modelId: string): Promise<Map<string, string[]>> => {
    const known = histories.get(modelId) ?? runsByJob(index, modelId);
    histories.set(modelId, known);
    return known;
  };
  return mapBounded(jobs, READS_IN_FLIGHT, async (job) => {
    const runIds = (await historyOf(job.model.id)).get(job.jobId) ?? [];
    const earlier = await Promise.all(runIds.map((runId) => earlierJob(runId, job.jobId, stores)));
    const known = earlier.filter((found) => found !== null);
    return { ...job, budget: { maxUsd: run.maxUsd, reserveUsd: reservationOf(job, known, run) } };
  });
}

/** Dollars. A package without a price takes all there is: what it may cost nobody knows. */
export function reservationOf(job: Job, earlier: readonly EarlierJob[], { maxUsd, suiteDigest, placements }: BudgetedRun): number {
  const packages = [job.model.id, ...job.evaluators.map((evaluator) => evaluator.package.id)];
  const prices = packages.map((id) => placements.packages[id]?.class.usdPerHour ?? null);
  const known = prices.filter((price) => price !== null);
  if (known.length < prices.length) return maxUsd;
  const stages = stagesOfJob(job).filter((stage) => stage !== 'score');
  const { ms } = forecastJob({ job, stages, suiteDigest }, earlier);
  // The forecast is of all stages together: at the dearest price of theirs it is never short for the price's sake.
  if (ms !== null) return usdOf(ms / 1000, Math.max(...known));
  return known.reduce((sum, price) => sum + usdOf((job.limits.readyMs + job.limits.jobMs) / 1000, price), 0);
}

/** Newest runs first, by job. */
async function runsByJob(index: ReservePorts['index'], modelId: string): Promise<Map<string, string[]>> {
  const { items } = await index.modelHistory({ modelId, limit: HISTORY_RESULTS, cursor: null });
  const byJob = new Map<string, string[]>();
  for (const { jobId, runId } of items) {
    const runs = byJob.get(jobId) ?? [];
    if (!runs.includes(runId) && runs.length < EARLIER_RUNS) runs.push(runId);
    byJob.set(jobId, runs);
  }
  return byJob;
}

/** Null for a run whose records or objects are gone: it tells nothing. */
async function earlierJob(runId: string, jobId: string, { objects, runs }: Stores): Promise<EarlierJob | null> {
  const record = await runs.getJob(runId, jobId);
  const [jobKey, planKey] = [keys.job(runId, jobId), keys.plan(runId)];
  if (record === null || (await objects.get(jobKey)) === null || (await objects.get(planKey)) === null) return null;
  const job = await readJsonObject(objects, jobKey, jobSchema);
  return { record, job, suiteDigest: (await readJsonObject(objects, planKey, planSchema)).suite.digest };
}
