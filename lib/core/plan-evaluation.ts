/**
 * From the scorers that somebody wants of a run that is over to the pass that adds them, or to why there is none. Pure; called by
 * lib/workflow/ask-evaluation.ts with what the run has stored.
 */
import { BUILTIN_SCORERS, type Task } from './builtin-scorers.ts';
import { BakeoffError } from './errors.ts';
import { type EvaluationPass, everyEvaluator, type JobEvaluator, stageOfEvaluator, withPasses } from './evaluation-pass.ts';
import type { Job, JobRecord } from './job.ts';
import { mayHaveAnswers } from './advance.ts';
import { TASKS } from './manifest.ts';
import { checkScorers } from './parse-spec-scorers.ts';
import { evaluatorsOf } from './plan.ts';
import type { Registry } from './registry.ts';
import { problemAt, type ProblemDraft } from './spec-problem.ts';

export interface EvaluationWish {
  readonly scorers: readonly string[];
  /** Evaluates once more by evaluators that have evaluated all already. */
  readonly again: boolean;
}

export interface EvaluatedRun {
  readonly runId: string;
  /** As the plan froze it; its scorers are those of every job. */
  readonly job: Job;
  readonly passes: readonly EvaluationPass[];
  /** A pass was begun and has not come to its end: whatever is asked of it goes on. */
  readonly isOpen: boolean;
  readonly records: readonly JobRecord[];
  /** The items' truths, in order of issue. */
  readonly references: readonly { readonly id: string; readonly reference: Readonly<Record<string, unknown>> | null }[];
}

/** Null: nothing is added; what was asked for was begun by an earlier pass, and goes on. */
export type PlannedEvaluation = Pick<EvaluationPass, 'scorers' | 'builtinScorers' | 'evaluators'> | null;

/** Throws `evaluation-invalid` with all that is wrong with the names, and `already-scored` where nothing is left to do for one of them. */
export function planEvaluation(wish: EvaluationWish, run: EvaluatedRun, registry: Registry): PlannedEvaluation {
  checkNames(wish.scorers, run, registry);
  const counting = withPasses(run.job, run.passes);
  const wanted = evaluatorsOf(wish.scorers, registry);
  const known = wish.scorers.filter((scorer) => isKnown(scorer, counting, wanted));
  const done = run.isOpen ? [] : known.filter((scorer) => !isUnfinished(scorer, counting, run.records));
  const refused = wish.again ? done.filter((scorer) => BUILTIN_SCORERS.has(scorer)) : done;
  if (refused.length > 0) throw alreadyScored(run.runId, refused, counting);
  const repeated = wish.again ? done : [];
  const scorers = wish.scorers.filter((scorer) => !known.includes(scorer) || repeated.includes(scorer));
  if (scorers.length === 0) return null;
  const earlier = everyEvaluator(run.job, run.passes);
  return {
    scorers,
    builtinScorers: scorers.filter((scorer) => BUILTIN_SCORERS.has(scorer)),
    evaluators: evaluatorsOf(scorers, registry).map((evaluator) => numbered(evaluator, earlier)),
  };
}

/** The stages of a job that an earlier pass left before their end: they go on where they were stopped. */
export function stoppedStages({ stages }: Pick<JobRecord, 'stages'>): JobRecord['stages'] {
  return stages.filter(({ name, outcome }) => name.startsWith('evaluate:') && outcome !== null && outcome.stopped !== null);
}

/** Rows and stages of a package's passes are told apart by their number; the first has none. */
function numbered(evaluator: JobEvaluator, earlier: readonly JobEvaluator[]): JobEvaluator {
  const passes = earlier.filter((each) => each.package.id === evaluator.package.id).map(({ pass }) => pass ?? 1);
  return passes.length === 0 ? evaluator : { ...evaluator, pass: Math.max(...passes) + 1 };
}

/** Whether what counts of a scorer now was made by what is registered now. */
function isKnown(scorer: string, counting: Job, wanted: readonly JobEvaluator[]): boolean {
  if (BUILTIN_SCORERS.has(scorer)) return counting.builtinScorers.includes(scorer);
  const found = evaluatorOf(scorer, counting.evaluators);
  return found !== undefined && found.package.digest === evaluatorOf(scorer, wanted)?.package.digest;
}

/** Whether a job with answers lacks what the scorer's evaluator would say of them. */
function isUnfinished(scorer: string, { evaluators }: Job, records: readonly JobRecord[]): boolean {
  const evaluator = evaluatorOf(scorer, evaluators);
  if (evaluator === undefined) return false;
  const name = stageOfEvaluator(evaluator);
  return records.filter(mayHaveAnswers).some((record) => {
    const stage = record.stages.find((each) => each.name === name);
    return stage?.status !== 'finished' || stoppedStages(record).includes(stage);
  });
}

function evaluatorOf(scorer: string, evaluators: readonly JobEvaluator[]): JobEvaluator | undefined {
  return evaluators.find(({ scorers }) => scorers.includes(scorer));
}

/** The very checks of a spec, on the items that the run has frozen. */
function checkNames(scorers: readonly string[], { runId, job, references }: EvaluatedRun, registry: Registry): void {
  const problems: ProblemDraft[] = [];
  const placed = scorers.map((scorer, index) => ({ index, scorer }));
  const task: Task | null = TASKS.find((known) => known === job.task) ?? null;
  const items = references.map(({ id, reference }) => ({ id, reference, input: {}, attributes: {} }));
  checkScorers(placed, task, { task, items, pathOfItem: () => [] }, registry, problems);
  if (problems.length === 0) return;
  const told = problems.map((draft) => {
    const { message, seen, expected, nearest } = problemAt(draft, { line: 1, column: 1 });
    const hints = [seen, expected === null ? null : `expected ${expected}`, nearest === null ? null : `did you mean ${nearest}?`];
    return `${message} (${hints.filter((hint) => hint !== null).join('; ')})`;
  });
  throw new BakeoffError({
    code: 'evaluation-invalid',
    message: `run ${runId} cannot be evaluated so: ${told.join('. ')}`.slice(0, 2000),
    remedy: 'Name scorers that are built in or that an evaluator package offers, and whose truths the items of the run have.',
  });
}

function alreadyScored(runId: string, scorers: readonly string[], counting: Job): BakeoffError {
  const told = scorers.map((scorer) => {
    const found = evaluatorOf(scorer, counting.evaluators);
    const by =
      found === undefined ? 'built in' : `by ${found.package.id} ${found.package.version}, digest ${found.package.digest.slice(0, 12)}`;
    return `${scorer} (${by})`;
  });
  const isBuiltin = scorers.some((scorer) => BUILTIN_SCORERS.has(scorer));
  return new BakeoffError({
    code: 'already-scored',
    message: `run ${runId} is scored already by ${told.join(', ')}`,
    remedy: isBuiltin
      ? `Leave it out; \`bakeoff rescore ${runId}\` computes built-in scorers again.`
      : 'Leave it out; or say "again" (--again) to evaluate every output once more by the same evaluator.',
  });
}
