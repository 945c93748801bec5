/** Everything that a run has frozen, read back: the score and report steps and the verbs of the CLI start from it. */
import { z } from 'zod';
import type { ScoreRule } from '../core/composite.ts';
import { BakeoffError } from '../core/errors.ts';
import { type Job, jobSchema, type Plan, planSchema } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';
import { type Spec, specSchema } from '../core/spec.ts';
import { readJsonObject } from './read-json-object.ts';
import type { StoredScoring } from './score-stored-run.ts';

export interface StoredRun {
  readonly spec: Spec;
  readonly plan: Plan;
  /** By ordinal; never empty. */
  readonly jobs: readonly [Job, ...Job[]];
  readonly scoring: StoredScoring;
  /** Jobs that may run side by side. */
  readonly slots: number;
}

/** Throws `object-missing` or `object-corrupt`, naming the key. */
export async function readStoredRun(objects: ObjectStore, runId: string): Promise<StoredRun> {
  const spec = await readJsonObject(objects, keys.spec(runId), specSchema);
  const plan = await readJsonObject(objects, keys.plan(runId), planSchema);
  const [first, ...rest] = await Promise.all(plan.jobs.map(({ jobId }) => readJsonObject(objects, keys.job(runId, jobId), jobSchema)));
  if (first === undefined) {
    throw new BakeoffError({
      code: 'plan-empty',
      message: `the plan of run ${runId} has no jobs`,
      remedy: 'Start the run anew.',
      kind: 'internal',
    });
  }
  const slots = Math.min(spec.compute.maxParallelJobs, plan.jobs.length);
  const contended = slots > 1 || (await readContention(objects, runId)).length > 0;
  const scoring = { confidence: spec.stats.confidence, score: ruleOf(spec), contended, categories: plan.suite.categories };
  return { spec, plan, jobs: [first, ...rest], scoring, slots };
}

const contentionSchema = z.object({ others: z.array(z.string()) });

/** Ids of the runs that went on beside this one, on its machine. */
async function readContention(objects: ObjectStore, runId: string): Promise<string[]> {
  const key = keys.contention(runId);
  return (await objects.get(key)) === null ? [] : (await readJsonObject(objects, key, contentionSchema)).others;
}

/** Adds to what is known; true when that changes whether the run is contended. */
export async function noteContention(objects: ObjectStore, runId: string, others: readonly string[]): Promise<boolean> {
  const known = await readContention(objects, runId);
  const all = [...new Set([...known, ...others])].sort();
  if (all.length === known.length) return false;
  await objects.put(keys.contention(runId), `${JSON.stringify({ others: all })}\n`);
  return known.length === 0;
}

/** The stored spec names its rule: planning filled it in, where there is any. */
function ruleOf(spec: Spec): ScoreRule | null {
  if (spec.score?.weights !== undefined) return { kind: 'weighted', weights: spec.score.weights };
  if (spec.score?.rankBy !== undefined) return { kind: 'rankBy', metric: spec.score.rankBy };
  return null;
}
