/**
 * Compares the jobs that two runs share, paired by sample, over their stored rows. Scores are recomputed here, for both runs by the same
 * formulas. What cannot be compared is told with its reason. Called by the route of comparisons and by `bakeoff compare`.
 */
import { BUILTIN_SCORERS } from '../core/builtin-scorers.ts';
import { canonicalJson } from '../core/canonical-json.ts';
import { BakeoffError } from '../core/errors.ts';
import { isJoint } from '../core/composite.ts';
import type { Job, RunRecord } from '../core/job.ts';
import type { ObjectStore } from '../core/ports.ts';
import { correctedConfidence } from '../core/ranking.ts';
import { readStoredRun, type StoredRun } from './stored-run.ts';
import { alignItems } from './align-columns.ts';
import { comparePair, type JobPair } from './compare-pair.ts';
import { identityWarnings } from './identity-warnings.ts';
import { readItemIdentities } from './read-item-identities.ts';
import type { MatchedJob, RunComparison } from '../core/run-comparison.ts';

/** Most that is compared at once: pairs of jobs, and samples of both runs together. */
export interface ComparisonBounds {
  readonly pairs: number;
  readonly samples: number;
}

export interface ComparisonOptions {
  /** Only this one; null for all that have a direction. */
  readonly metric: string | null;
  /** Null for a caller who has time. */
  readonly bounds: ComparisonBounds | null;
}

/** Throws `comparison-too-large`, and what reading the rows throws. */
export async function compareRuns(
  objects: ObjectStore,
  runs: { a: RunRecord; b: RunRecord },
  { metric, bounds }: ComparisonOptions,
): Promise<RunComparison> {
  const [a, b] = [await readStoredRun(objects, runs.a.runId), await readStoredRun(objects, runs.b.runId)];
  const { pairs, unmatched } = matchJobs(a.jobs, b.jobs);
  if (bounds !== null) checkSize(pairs, bounds);
  const [itemsA, itemsB] = [await readItemIdentities(objects, a.jobs[0]), await readItemIdentities(objects, b.jobs[0])];
  const alignment = alignItems(itemsA, itemsB);
  // One pair at a time stands in memory; each is told how many metrics all have, so that their intervals hold together.
  const confidence = Math.min(a.scoring.confidence, b.scoring.confidence);
  const comparisons = pairs.reduce((sum, pair) => sum + metricCount(pair, metric, a, b), 0);
  const corrected = correctedConfidence(confidence, comparisons);
  const jobs: MatchedJob[] = [];
  for (const pair of pairs) jobs.push(await comparePair(objects, pair, { alignment, a, b, metric, confidence: corrected }));
  const commonItems = alignment.suite.itemCount;
  return {
    a: runs.a.runId,
    b: runs.b.runId,
    confidence,
    correction: `Bonferroni over at most ${comparisons} comparisons: each interval at ${Number(corrected.toFixed(6))}`,
    commonItems,
    itemsLeftOut: { a: itemsA.items.length - commonItems, b: itemsB.items.length - commonItems },
    warnings: await identityWarnings(objects, { ...runs, storedA: a, storedB: b, pairs }),
    jobs,
    unmatched,
  };
}

/** What makes two jobs of different runs the same one. */
export function jobIdentity({ model, params }: { readonly model: { readonly id: string }; readonly params: unknown }): string {
  return canonicalJson({ model: model.id, params });
}

/** Same model, same params, whatever the version: an upgrade is what one wants to compare, and warnings tell of it. */
function matchJobs(a: readonly Job[], b: readonly Job[]): { pairs: JobPair[]; unmatched: RunComparison['unmatched'] } {
  const ofB = new Map(b.map((job) => [jobIdentity(job), job]));
  const ofA = new Set(a.map(jobIdentity));
  const pairs = a.flatMap((job): JobPair[] => {
    const other = ofB.get(jobIdentity(job));
    return other === undefined ? [] : [{ a: job, b: other }];
  });
  const reason = 'the other run has no job of this model with these params';
  const alone = (run: 'a' | 'b', jobs: readonly Job[], others: { has: (key: string) => boolean }) =>
    jobs.filter((job) => !others.has(jobIdentity(job))).map(({ jobId }) => ({ run, jobId, reason }));
  return { pairs, unmatched: [...alone('a', a, ofB), ...alone('b', b, ofA)] };
}

/** Throws `comparison-too-large`. */
export function checkSize(pairs: readonly JobPair[], bounds: ComparisonBounds): void {
  const samples = pairs.reduce((sum, { a, b }) => sum + a.itemCount * a.repeats + b.itemCount * b.repeats, 0);
  if (pairs.length <= bounds.pairs && samples <= bounds.samples) return;
  throw new BakeoffError({
    code: 'comparison-too-large',
    message: `the runs share ${pairs.length} jobs with ${samples} samples; one answer compares at most ${bounds.pairs} with ${bounds.samples}`,
    remedy: 'Compare the reports of the two runs, or runs of fewer jobs.',
  });
}

/** Latency is compared beside the metrics, by one. */
const LATENCY_COMPARISONS = 1;

/**
 * Most comparisons of a pair: what both jobs asked for, known before their rows are read. More of them than there are widen the intervals, fewer
 * would narrow them.
 */
function metricCount({ a, b }: JobPair, metric: string | null, runA: StoredRun, runB: StoredRun): number {
  if (metric !== null) return 1;
  const evaluated = new Set(a.evaluators.flatMap((evaluator) => evaluator.metrics.map(({ name }) => name)));
  const both = b.evaluators.flatMap((evaluator) => evaluator.metrics).filter(({ name }) => evaluated.has(name)).length;
  const shared = a.builtinScorers.filter((scorer) => b.builtinScorers.includes(scorer));
  const builtin = shared.reduce((sum, scorer) => sum + (BUILTIN_SCORERS.get(scorer)?.metrics.length ?? 0), LATENCY_COMPARISONS);
  return both + builtin + (hasOwnTotal(runA) && hasOwnTotal(runB) ? 1 : 0);
}

/** Whether a job of the run has a composite that needs no other job. */
function hasOwnTotal({ scoring: { score } }: StoredRun): boolean {
  return score !== null && score.kind !== 'rankBy' && !isJoint(score);
}
