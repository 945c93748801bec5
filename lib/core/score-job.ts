/**
 * The scores of one job from its columns: every metric with its interval, latency, failures, breakdown by category. Pure;
 * called by the score step and by `rescore`.
 */
import { type AuditOptions, auditResends } from './audits/resend-audit.ts';
import type { CategoryColumn, JobColumns, SuiteColumns } from './columns.ts';
import { FAILED, NOT_DUE, SUCCEEDED } from './columns.ts';
import { type CompositeRule, compositeName, rankedColumn, type ScoreRule, TOTAL_NAME, totalInfoOf } from './composite.ts';
import type { Load } from './job.ts';
import type { Selection } from './measures/estimator.ts';
import { confusionOf } from './labels/confusion.ts';
import { scoreLatency } from './latency/score-latency.ts';
import { scoreMetric, scoreWholeMetric } from './score-metric.ts';
import type { JobScores, MetricScore } from './scores.ts';

export interface ScoreOptions {
  readonly confidence: number;
  readonly score: ScoreRule | null;
  /** Whether something else ran on the machine beside this job. */
  readonly contended: boolean;
}

/** More values than this make no breakdown that anyone can read: the attribute is left out. */
const MAX_CATEGORY_VALUES = 100;

/** A total without a value: refused, or that of a rule which takes more than one job. */
export function absentTotal(rule: CompositeRule, reason: string, planned: number): MetricScore {
  const absent = { value: null, reason, interval: null, intervalReason: reason };
  const aggregation = rule.kind === 'weighted' ? 'mean' : compositeName(rule);
  return { name: TOTAL_NAME, info: totalInfoOf(rule), aggregation, ...absent, n: 0, clusters: 0, planned, unparsed: 0 };
}

function scoreTotal(columns: JobColumns, suite: SuiteColumns, { score, confidence }: ScoreOptions): MetricScore | null {
  if (score === null || score.kind === 'rankBy') return null;
  const ranked = rankedColumn(columns, score);
  if ('reason' in ranked) return absentTotal(score, ranked.reason, columns.state.length - countState(columns.state, NOT_DUE));
  return scoreWholeMetric(ranked.column, columns.state, wholeSuite(suite), confidence);
}

/** Every sample of the suite, as a selection. */
export function wholeSuite(suite: SuiteColumns): Selection {
  return { items: suite.order, repeats: suite.repeats };
}

type CategoryScores = Record<string, MetricScore[]>;

function scoreCategory(category: CategoryColumn, columns: JobColumns, suite: SuiteColumns, confidence: number): CategoryScores {
  const scores = category.values.map((value, code): [string, MetricScore[]] => {
    const selection = { items: suite.order.filter((item) => category.codes[item] === code), repeats: suite.repeats };
    return [value, columns.metrics.map((column) => scoreMetric(column, columns.state, selection, confidence))];
  });
  return Object.fromEntries(scores);
}

function countState(state: Uint8Array, bit: number): number {
  let count = 0;
  for (const value of state) if ((value & bit) !== 0) count++;
  return count;
}

/** Latencies are compared where both were of a closed load that had the machine to itself. */
function auditOptions({ mode }: Load, { confidence, contended }: ScoreOptions): AuditOptions {
  if (contended) return { confidence, untimed: 'contended: other work ran beside it' };
  return { confidence, untimed: mode === 'closed' ? null : `the latencies of a load of mode ${mode} are not those of single requests` };
}

/** Every number of a job with its interval, or the reason why it has none. Pure. */
export function scoreJob(columns: JobColumns, suite: SuiteColumns, load: Load, options: ScoreOptions): JobScores {
  const planned = columns.state.length - countState(columns.state, NOT_DUE);
  const succeeded = countState(columns.state, SUCCEEDED);
  const failed = countState(columns.state, FAILED);
  const confusion = confusionOf(columns.metrics);
  const shown = suite.categories.filter((category) => category.values.length <= MAX_CATEGORY_VALUES);
  const categories = shown.map((category) => [category.attribute, scoreCategory(category, columns, suite, options.confidence)]);
  return {
    schema: 1,
    jobId: columns.jobId,
    planned,
    succeeded,
    failed,
    missing: planned - succeeded - failed,
    metrics: columns.metrics.map((column) => scoreWholeMetric(column, columns.state, wholeSuite(suite), options.confidence)),
    latency: scoreLatency(columns, { suite, load, ...options }),
    total: scoreTotal(columns, suite, options),
    failures: [...columns.failures],
    ...(confusion === null ? {} : { confusion }),
    ...(columns.resends === undefined ? {} : { audit: auditResends(columns.resends, auditOptions(load, options)) }),
    ...(columns.videoMs === undefined ? {} : { videoMs: columns.videoMs }),
    categories: Object.fromEntries(categories),
  };
}
