/**
 * A later pass over the saved outputs of a run (`bakeoff evaluate`): which scorers it adds, and what a job is with them. The plan and job.json
 * stay what they were; every reader of a job who asks for its scorers applies the passes. Pure.
 */
import { z } from 'zod';
import { BUILTIN_SCORERS } from './builtin-scorers.ts';
import type { ScoreRule } from './composite.ts';
import { idSchema } from './ids.ts';
import { type Job, jobSchema, type StageName } from './job.ts';
import { splitMetricName } from './resolve-scorers.ts';

/** `runs/<run>/evaluations/<n>.json`, written once. */
export const evaluationPassSchema = z.object({
  schema: z.literal(1),
  runId: idSchema,
  /** 1 for the first; a later one counts where both have a scorer. */
  n: z.int().positive(),
  askedAtMs: z.number(),
  /** As they were asked for, in that order. */
  scorers: z.array(z.string()).min(1),
  builtinScorers: jobSchema.shape.builtinScorers,
  evaluators: jobSchema.shape.evaluators,
  /** Of whoever asked. */
  softwareVersion: z.string(),
});
export type EvaluationPass = z.infer<typeof evaluationPassSchema>;

export type JobEvaluator = Job['evaluators'][number];
type Scored = Pick<Job, 'builtinScorers' | 'evaluators'>;

/** What tells an evaluator's rows and stage from those of its earlier passes: `<package>`, later `<package>:<pass>`. Ids hold no colon. */
export function ownerOf({ package: { id }, pass }: Pick<JobEvaluator, 'package' | 'pass'>): string {
  return pass === undefined ? id : `${id}:${pass}`;
}

export function stageOfEvaluator(evaluator: Pick<JobEvaluator, 'package' | 'pass'>): StageName {
  return `evaluate:${ownerOf(evaluator)}`;
}

/** The owner of an evaluate stage's rows; null for other stages. */
export function ownerOfStage(stage: string): string | null {
  return stage.startsWith('evaluate:') ? stage.slice('evaluate:'.length) : null;
}

/** The package that an owner's rows come from. */
export function packageIdOfOwner(owner: string): string {
  return owner.split(':')[0] ?? owner;
}

/** All stages of a job, in their order. */
export function stagesOfJob({ evaluators }: Pick<Job, 'evaluators'>): StageName[] {
  return ['infer', ...evaluators.map(stageOfEvaluator), 'score'];
}

/** The job with what the passes add, given in their order. Of two passes with one scorer the later counts, whatever became of it. */
export function withPasses<T extends Scored>(job: T, passes: readonly EvaluationPass[]): T {
  if (passes.length === 0) return job;
  const builtinScorers = [...new Set([...job.builtinScorers, ...passes.flatMap((pass) => pass.builtinScorers)])];
  return { ...job, builtinScorers, evaluators: countingEvaluators(everyEvaluator(job, passes)) };
}

/** Of the plan and of all passes, oldest first; those that count no more, too. */
export function everyEvaluator(job: Pick<Job, 'evaluators'>, passes: readonly Pick<EvaluationPass, 'evaluators'>[]): JobEvaluator[] {
  return [...job.evaluators, ...passes.flatMap(({ evaluators }) => evaluators)];
}

/** Each with the scorers that no later one has; left out where none is left. */
function countingEvaluators(all: readonly JobEvaluator[]): JobEvaluator[] {
  return all.flatMap((evaluator, index) => {
    const later = new Set(all.slice(index + 1).flatMap(({ scorers }) => scorers));
    const scorers = evaluator.scorers.filter((scorer) => !later.has(scorer));
    if (scorers.length === 0) return [];
    if (scorers.length === evaluator.scorers.length) return [evaluator];
    return [{ ...evaluator, scorers, metrics: evaluator.metrics.filter(({ name }) => scorers.includes(splitMetricName(name)[0])) }];
  });
}

/** How a run is ranked that measured nothing with a direction until it was evaluated again: by the first such metric. Null without one. */
export function ruleOfPasses(passes: readonly EvaluationPass[]): ScoreRule | null {
  for (const { scorers, evaluators } of passes) {
    for (const scorer of scorers) {
      const offered = evaluators.flatMap(({ metrics }) => metrics).filter(({ name }) => splitMetricName(name)[0] === scorer);
      const builtin = (BUILTIN_SCORERS.get(scorer)?.metrics ?? []).map((info) => ({ ...info, name: `${scorer}.${info.name}` }));
      const metric = [...offered, ...builtin].find(({ direction }) => direction !== 'none');
      if (metric !== undefined) return { kind: 'rankBy', metric: metric.name };
    }
  }
  return null;
}
