/**
 * The scores of a run: every job's, their ranking and the Pareto front. Pure over columns; called by the report step and by
 * `rescore`.
 */
import type { JobColumns, SuiteColumns } from './columns.ts';
import { formulaOf, isJoint, rankedColumn, rankedName, TOTAL_NAME } from './composite.ts';
import { compositeOf } from './composites/describe-composite.ts';
import type { JointScores } from './composites/company.ts';
import { scoreJointly } from './composites/joint-scores.ts';
import { type MeasuredSlots, measuredSlots } from './composites/profile-column.ts';
import type { Load } from './job.ts';
import { paretoOf } from './pareto.ts';
import { dimensionsOf } from './profiles/profile.ts';
import { findProfile } from './profiles/profiles.ts';
import { type Candidate, correctedConfidence, rankJobs } from './ranking.ts';
import { absentTotal, type ScoreOptions, scoreJob } from './score-job.ts';
import type { JobScores, RunScores } from './scores.ts';

export interface RunJob {
  readonly columns: JobColumns;
  readonly load: Load;
  /** Shown, never ranked. */
  readonly reference: boolean;
}

/** What is read once for all jobs of a run. */
interface Shared {
  readonly options: ScoreOptions;
  readonly measured: MeasuredSlots | null;
  readonly joint: JointScores | null;
}

function candidateOf(job: RunJob, scores: JobScores, { options, measured, joint }: Shared): Candidate {
  const head = { jobId: job.columns.jobId, reference: job.reference };
  if (joint !== null) {
    const { value, reason, interval } = scores.total ?? { value: null, reason: 'not scored', interval: null };
    return { ...head, column: null, value, reason, interval };
  }
  const ranked = rankedColumn(job.columns, options.score, measured);
  if ('reason' in ranked) return { ...head, column: null, value: null, reason: ranked.reason, interval: null };
  const { name } = ranked.column;
  const score = name === TOTAL_NAME ? scores.total : scores.metrics.find((metric) => metric.name === name);
  return {
    ...head,
    column: ranked.column,
    value: score?.value ?? null,
    reason: score === undefined || score === null ? 'not scored' : score.reason,
    interval: score?.interval ?? null,
  };
}

/** Of a composite that takes all jobs; null for every other. */
function jointScores(jobs: readonly RunJob[], suite: SuiteColumns, { score, confidence }: ScoreOptions): JointScores | null {
  if (!isJoint(score)) return null;
  const all = jobs.map(({ columns: { jobId, metrics }, reference }) => ({ jobId, metrics, reference }));
  const corrected = (company: number): number => correctedConfidence(confidence, (company * (company - 1)) / 2);
  return scoreJointly(score, all, suite, { confidence, correctedConfidence: corrected });
}

function measuredOf(jobs: readonly RunJob[], suite: SuiteColumns, { score }: ScoreOptions): MeasuredSlots | null {
  if (score?.kind !== 'profile') return null;
  const metrics = dimensionsOf(findProfile(score.profile)).map((dimension) => score.dimensions[dimension] ?? '');
  return measuredSlots(
    jobs.map(({ columns }) => columns.metrics),
    metrics,
    suite,
  );
}

/** The scores of all jobs, their comparisons, the ranking and the Pareto front. Pure. */
export function scoreRun(jobs: readonly RunJob[], suite: SuiteColumns, options: ScoreOptions): RunScores {
  const shared: Shared = { options, measured: measuredOf(jobs, suite, options), joint: jointScores(jobs, suite, options) };
  const scores = jobs.map((job) => withJointTotal(scoreJob(job.columns, suite, job.load, options), shared));
  const candidates = jobs.flatMap((job, index) => {
    const scored = scores[index];
    return scored === undefined ? [] : [candidateOf(job, scored, shared)];
  });
  const metric = rankedName(options.score);
  const direction = candidates.find(({ column }) => column !== null)?.column?.info.direction === 'lower' ? 'lower' : 'higher';
  const ranking = rankJobs(candidates, suite, {
    metric,
    direction,
    formula: formulaOf(options.score),
    confidence: options.confidence,
    ...(shared.joint === null ? {} : { joint: shared.joint.compare }),
    ...compositeOf(options.score, jobs, shared.joint, suite),
  });
  const timed = jobs.map(({ columns }, index) => ({
    jobId: columns.jobId,
    latencyMs: columns.latencyMs,
    latency: scores[index]?.latency ?? null,
  }));
  return { schema: 1, ranking, pareto: paretoOf(timed, ranking, suite, options.confidence), jobs: scores };
}

/** A job's scores with the number that only the company of the others gives it. */
function withJointTotal(scores: JobScores, { joint, options }: Shared): JobScores {
  const found = joint?.jobs.get(scores.jobId);
  if (found === undefined || scores.total === null || !isJoint(options.score)) return scores;
  const { figures: _, ...rest } = found;
  return { ...scores, total: { ...absentTotal(options.score, '', scores.planned), ...rest } };
}
