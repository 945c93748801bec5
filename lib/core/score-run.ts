/**
 * The scores of a run: every job's, their ranking and the Pareto front. Pure over columns; called by the report step and by
 * `rescore`.
 */
import type { JobColumns, SuiteColumns } from './columns.ts';
import { formulaOf, rankedColumn, rankedName } from './composite.ts';
import type { Load } from './job.ts';
import { paretoOf } from './pareto.ts';
import { type Candidate, rankJobs } from './ranking.ts';
import { type ScoreOptions, scoreJob } from './score-job.ts';
import type { JobScores, RunScores } from './scores.ts';

export interface RunJob {
  readonly columns: JobColumns;
  readonly load: Load;
  /** Shown, never ranked. */
  readonly reference: boolean;
}

function candidateOf(job: RunJob, scores: JobScores, options: ScoreOptions): Candidate {
  const head = { jobId: job.columns.jobId, reference: job.reference };
  const ranked = rankedColumn(job.columns.metrics, options.score);
  if ('reason' in ranked) return { ...head, column: null, value: null, reason: ranked.reason, interval: null };
  const score = options.score?.kind === 'weighted' ? scores.total : scores.metrics.find((metric) => metric.name === ranked.column.name);
  return {
    ...head,
    column: ranked.column,
    value: score?.value ?? null,
    reason: score === undefined || score === null ? 'not scored' : score.reason,
    interval: score?.interval ?? null,
  };
}

/** The scores of all jobs, their comparisons, the ranking and the Pareto front. Pure. */
export function scoreRun(jobs: readonly RunJob[], suite: SuiteColumns, options: ScoreOptions): RunScores {
  const scores = jobs.map((job) => scoreJob(job.columns, suite, job.load, options));
  const candidates = jobs.flatMap((job, index) => {
    const scored = scores[index];
    return scored === undefined ? [] : [candidateOf(job, scored, options)];
  });
  const metric = rankedName(options.score);
  const direction = candidates.find(({ column }) => column !== null)?.column?.info.direction === 'lower' ? 'lower' : 'higher';
  const ranking = rankJobs(candidates, suite, { metric, direction, formula: formulaOf(options.score), confidence: options.confidence });
  const timed = jobs.map(({ columns }, index) => ({
    jobId: columns.jobId,
    latencyMs: columns.latencyMs,
    latency: scores[index]?.latency ?? null,
  }));
  return { schema: 1, ranking, pareto: paretoOf(timed, ranking, suite, options.confidence), jobs: scores };
}
