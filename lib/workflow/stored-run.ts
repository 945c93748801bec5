/** Everything that a run has frozen, read back: the score and report steps and the verbs of the CLI start from it. */
import { z } from 'zod';
import { scoreRuleSchema } from '../core/composite.ts';
import { BakeoffError } from '../core/errors.ts';
import { type EvaluationPass, ruleOfPasses, withPasses } from '../core/evaluation-pass.ts';
import { type Job, jobSchema, type Plan, planSchema } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';
import { ruleOfScore } from '../core/score-section.ts';
import { type Spec, specSchema } from '../core/spec.ts';
import { jobIdAt } from './job-ordinals.ts';
import { mapBounded } from './map-bounded.ts';
import { readEvaluations } from './read-evaluations.ts';
import { readJsonObject } from './read-json-object.ts';
import type { StoredScoring } from './score-stored-run.ts';

const READS_IN_FLIGHT = 64;

export interface StoredRun {
  readonly spec: Spec;
  readonly plan: Plan;
  /** Scorers that were added after the run was planned, in their order. The jobs have those that count. */
  readonly evaluations: readonly EvaluationPass[];
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
  const evaluations = await readEvaluations(objects, runId);
  const read = async ({ jobId }: Plan['jobs'][number]): Promise<Job> =>
    withPasses(await readJsonObject(objects, keys.job(runId, jobId), jobSchema), evaluations);
  const [first, ...rest] = await mapBounded(plan.jobs, READS_IN_FLIGHT, read);
  if (first === undefined) {
    throw new BakeoffError({
      code: 'plan-empty',
      message: `the plan of run ${runId} has no jobs`,
      remedy: 'Start the run anew.',
      kind: 'internal',
    });
  }
  const scoring = await scoringOf(objects, runId, scoringFactsOf(spec, plan), evaluations);
  return { spec, plan, evaluations, jobs: [first, ...rest], scoring, slots: slotsOf(spec, plan) };
}

/** What the score step needs of a run beside its own job, frozen by Plan: it must not grow with the number of jobs. */
export const scoringFactsSchema = z.object({
  schema: z.literal(1),
  confidence: z.number(),
  score: scoreRuleSchema.nullable(),
  /** Jobs share a machine, more than one at a time. */
  sideBySide: z.boolean(),
  categories: z.array(z.string()),
});
export type ScoringFacts = z.infer<typeof scoringFactsSchema>;

/** The stored spec names its rule with all that belongs to it: planning filled it in, where there is any. */
export function scoringFactsOf(spec: Spec, plan: Plan): ScoringFacts {
  const sideBySide = plan.machinePerJob !== true && slotsOf(spec, plan) > 1;
  return {
    schema: 1,
    confidence: spec.stats.confidence,
    score: spec.score === undefined ? null : ruleOfScore(spec.score, []),
    sideBySide,
    categories: plan.suite.categories,
  };
}

/** One job of a run and how it is scored. Throws `object-missing`, `object-corrupt` and `record-missing`. */
export async function readStoredJob(
  objects: ObjectStore,
  runId: string,
  ordinal: number,
): Promise<{ readonly job: Job; readonly scoring: StoredScoring }> {
  const jobId = await jobIdAt(objects, runId, ordinal);
  const evaluations = await readEvaluations(objects, runId);
  const job = withPasses(await readJsonObject(objects, keys.job(runId, jobId), jobSchema), evaluations);
  return { job, scoring: await scoringOf(objects, runId, await readScoringFacts(objects, runId), evaluations) };
}

async function readScoringFacts(objects: ObjectStore, runId: string): Promise<ScoringFacts> {
  const key = keys.scoring(runId);
  if ((await objects.get(key)) !== null) return readJsonObject(objects, key, scoringFactsSchema);
  // A run that an earlier version planned.
  const spec = await readJsonObject(objects, keys.spec(runId), specSchema);
  return scoringFactsOf(spec, await readJsonObject(objects, keys.plan(runId), planSchema));
}

/** The rule of the run stays what it was; a run that had none, because nothing it measured has a direction, gets that of its later passes. */
async function scoringOf(
  objects: ObjectStore,
  runId: string,
  facts: ScoringFacts,
  evaluations: readonly EvaluationPass[],
): Promise<StoredScoring> {
  const { confidence, sideBySide, categories } = facts;
  const score = facts.score ?? ruleOfPasses(evaluations);
  return { confidence, score, contended: sideBySide || (await readContention(objects, runId)).length > 0, categories };
}

/** Jobs that may run at the same time. */
function slotsOf(spec: Spec, plan: Plan): number {
  return Math.min(spec.compute.maxParallelJobs, plan.jobs.length);
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
