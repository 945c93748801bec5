/** The later passes over a run's outputs, and a job with all scorers that count. Whoever scores, evaluates or reports reads jobs here. */
import { type EvaluationPass, evaluationPassSchema, withPasses } from '../core/evaluation-pass.ts';
import { type Job, jobSchema } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';
import { readJsonObject } from './read-json-object.ts';

/** In their order; none for a run that was never evaluated again. Throws `object-corrupt`. */
export async function readEvaluations(objects: ObjectStore, runId: string): Promise<EvaluationPass[]> {
  const listed = await objects.list(keys.evaluations(runId));
  const passes = await Promise.all(listed.map((key) => readJsonObject(objects, key, evaluationPassSchema)));
  return passes.sort((a, b) => a.n - b.n);
}

/** As it is evaluated and scored now. Throws `object-missing` and `object-corrupt`. */
export async function readScoredJob(objects: ObjectStore, runId: string, jobId: string): Promise<Job> {
  const job = await readJsonObject(objects, keys.job(runId, jobId), jobSchema);
  return withPasses(job, await readEvaluations(objects, runId));
}
