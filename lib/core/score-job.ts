/**
 * The scores of one job from its columns: every metric with its interval, latency, failures, breakdown by category. Pure;
 * called by the score step and by `rescore`.
 */
import type { CategoryColumn, JobColumns, MetricColumn, SuiteColumns } from './columns.ts';
import { estimatorOf, FAILED, NOT_DUE, SUCCEEDED, UNPARSED } from './columns.ts';
import { compositeColumn, type ScoreRule, TOTAL_INFO, TOTAL_NAME } from './composite.ts';
import type { Load } from './job.ts';
import { estimate } from './measures/estimate.ts';
import type { Selection } from './measures/estimator.ts';
import { scoreLatency } from './latency/score-latency.ts';
import type { JobScores, MetricScore } from './scores.ts';

export interface ScoreOptions {
  readonly confidence: number;
  readonly score: ScoreRule | null;
  /** Whether something else ran on the machine beside this job. */
  readonly contended: boolean;
}

/** More values than this make no breakdown that anyone can read: the attribute is left out. */
const MAX_CATEGORY_VALUES = 100;

/** Samples of the selection with this bit. */
function countIn(state: Uint8Array, bit: number, selection: Selection): number {
  let count = 0;
  for (const item of selection.items) {
    for (let slot = item * selection.repeats; slot < (item + 1) * selection.repeats; slot++) {
      if (((state[slot] ?? 0) & bit) !== 0) count++;
    }
  }
  return count;
}

/** Built-in scorers read the answer itself, so an unreadable one is theirs to count; evaluators report errors instead. */
function readsAnswers(name: string): boolean {
  return name.startsWith('text.') || name.startsWith('numbers.');
}

/** One metric over a selection of items. Equal arguments give equal numbers, on any machine. */
function scoreMetric(column: MetricColumn, state: Uint8Array, selection: Selection, confidence: number): MetricScore {
  const result = estimate(estimatorOf(column), selection, { confidence, label: column.name });
  const tooFew = result.value !== null && result.samples < column.info.minN;
  const reason = tooFew ? `needs ${column.info.minN} samples, has ${result.samples}` : 'no sample has a finite value';
  const value = tooFew ? null : result.value;
  return {
    name: column.name,
    info: column.info,
    aggregation: column.kind,
    value,
    reason: value === null ? reason : null,
    interval: value === null ? null : result.interval,
    intervalReason: value === null ? reason : result.intervalReason,
    n: result.samples,
    clusters: result.clusters,
    planned: selection.items.length * selection.repeats - (column.states === undefined ? 0 : countIn(state, NOT_DUE, selection)),
    unparsed: readsAnswers(column.name) ? countIn(state, UNPARSED, selection) : 0,
  };
}

function refusedTotal(reason: string, planned: number): MetricScore {
  const absent = { value: null, reason, interval: null, intervalReason: reason };
  return { name: TOTAL_NAME, info: TOTAL_INFO, aggregation: 'mean', ...absent, n: 0, clusters: 0, planned, unparsed: 0 };
}

function scoreTotal(columns: JobColumns, suite: SuiteColumns, options: ScoreOptions): MetricScore | null {
  if (options.score?.kind !== 'weighted') return null;
  const composite = compositeColumn(columns.metrics, options.score.weights);
  if ('reason' in composite) return refusedTotal(composite.reason, columns.state.length - countState(columns.state, NOT_DUE));
  return scoreMetric(composite.column, columns.state, wholeSuite(suite), options.confidence);
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

/** Every number of a job with its interval, or the reason why it has none. Pure. */
export function scoreJob(columns: JobColumns, suite: SuiteColumns, load: Load, options: ScoreOptions): JobScores {
  const planned = columns.state.length - countState(columns.state, NOT_DUE);
  const succeeded = countState(columns.state, SUCCEEDED);
  const failed = countState(columns.state, FAILED);
  const shown = suite.categories.filter((category) => category.values.length <= MAX_CATEGORY_VALUES);
  const categories = shown.map((category) => [category.attribute, scoreCategory(category, columns, suite, options.confidence)]);
  return {
    schema: 1,
    jobId: columns.jobId,
    planned,
    succeeded,
    failed,
    missing: planned - succeeded - failed,
    metrics: columns.metrics.map((column) => scoreMetric(column, columns.state, wholeSuite(suite), options.confidence)),
    latency: scoreLatency(columns, { suite, load, ...options }),
    total: scoreTotal(columns, suite, options),
    failures: [...columns.failures],
    ...(columns.videoMs === undefined ? {} : { videoMs: columns.videoMs }),
    categories: Object.fromEntries(categories),
  };
}
