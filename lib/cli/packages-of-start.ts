/** The packages that a start of a run needs on this machine: what is installed before anything is measured. Called by who drives a run. */
import type { LocalStores } from '../compose/local.ts';
import { type JobEvaluator, stageOfEvaluator, withPasses } from '../core/evaluation-pass.ts';
import type { Job, JobRecord, PackageRef, RunRecord } from '../core/job.ts';
import { packagesOfJobs } from '../core/packages-of-jobs.ts';
import { readEvaluations } from '../workflow/read-evaluations.ts';

/** `jobs`: as planned, with or without the passes that were added. Of a start that only evaluates: the evaluators that have something to do. */
export async function packagesOfStart(run: RunRecord, jobs: readonly Job[], { objects, runs }: LocalStores): Promise<PackageRef[]> {
  const passes = await readEvaluations(objects, run.runId);
  const scored = jobs.map((job) => withPasses(job, passes));
  if (run.scope !== 'evaluate') return packagesOfJobs(scored);
  const records = await runs.listJobs(run.runId);
  const needed = (scored[0]?.evaluators ?? []).filter((evaluator) => records.some((record) => hasWork(evaluator, record)));
  return [...new Map(needed.map((evaluator) => [evaluator.package.id, evaluator.package])).values()];
}

function hasWork(evaluator: JobEvaluator, { stages }: JobRecord): boolean {
  const stage = stages.find(({ name }) => name === stageOfEvaluator(evaluator));
  return stage?.status !== 'finished' || (stage.outcome?.stopped ?? null) !== null;
}
