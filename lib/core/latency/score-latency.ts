/**
 * The latency score of a job: order statistics over its samples, throughput over its active time, and what its load adds: schedule,
 * goodput, streams. Called by score-job.ts.
 */
import type { JobColumns, SuiteColumns } from '../columns.ts';
import type { Load } from '../job.ts';
import { isOpenLoop } from '../load/load-kind.ts';
import { empiricalPercentile } from '../measures/percentile.ts';
import type { LatencyScore } from '../scores.ts';
import { scoreGoodput } from './goodput-score.ts';
import { countInfinite, meanOf, scorePercentiles, sortedValues } from './latency-order.ts';
import { tooCoarse } from './poll-resolution.ts';
import { scoreSchedule } from './schedule-score.ts';
import { scoreStream } from './stream-score.ts';
import { activeTimeMs, answersOf, perSecond } from './throughput.ts';
import { unfinishedOf } from './unfinished.ts';

export interface LatencyContext {
  readonly suite: SuiteColumns;
  readonly load: Load;
  readonly confidence: number;
  /** Whether something else ran on the machine beside the job. */
  readonly contended: boolean;
}

/** Null for a job without a single sample. Offline load has no percentiles: its samples wait for one another by design. */
export function scoreLatency(columns: JobColumns, context: LatencyContext): LatencyScore | null {
  if (columns.spans.length === 0) return null;
  const { load, contended } = context;
  const sorted = load.mode === 'offline' ? new Float64Array(0) : sortedValues(columns.latencyMs);
  const { schedule, goodput, stream, uncertifiable, unfinished, ...counts } = loadScores(columns, sorted, context);
  return {
    unit: 'ms',
    n: sorted.length,
    failedAsInfinite: countInfinite(sorted),
    leftOutRetried: columns.leftOutRetried,
    ...counts,
    mean: meanOf(sorted),
    percentiles: load.mode === 'offline' ? [] : scorePercentiles(sorted, uncertifiable, columns.leftOutRetried),
    ...(columns.resolutionMs === undefined ? {} : { resolutionMs: columns.resolutionMs }),
    serverGenerateMsMedian: empiricalPercentile(sortedValues(columns.generateMs), 5000),
    ...throughputOf(columns, unfinished),
    attempts: columns.spans.length,
    contended,
    ...(schedule === null ? {} : { schedule }),
    ...(goodput === null ? {} : { goodput }),
    ...(stream === null ? {} : { stream }),
  };
}

/** What never came to an end may have held the server up: a rate of the rest would flatter it. */
function throughputOf(
  columns: JobColumns,
  unfinished: string | null,
): Pick<LatencyScore, 'throughputSamplesPerSecond' | 'throughputReason'> {
  if (unfinished !== null) return { throughputSamplesPerSecond: null, throughputReason: unfinished };
  return { throughputSamplesPerSecond: perSecond(answersOf(columns), activeTimeMs(columns)) };
}

/** What only some loads have; `uncertifiable` says why nothing of the job may be certified. */
function loadScores(columns: JobColumns, sorted: Float64Array, { suite, load, confidence, contended }: LatencyContext) {
  const { load: measured } = columns;
  const unfinished = unfinishedOf(columns, load);
  const orders = [sorted, ...(measured?.stream == null ? [] : [sortedValues(measured.stream.ttftMs)])];
  const schedule = isOpenLoop(load) && measured?.schedule != null ? scoreSchedule(measured.schedule, load, unfinished, orders) : null;
  const notKept = schedule === null || schedule.kept ? unfinished : `the schedule was not kept: ${schedule.reason}`;
  const uncertifiable = contended ? 'contended: other work ran beside it' : (notKept ?? tooCoarse(columns.resolutionMs, sorted));
  return {
    schedule,
    uncertifiable,
    unfinished,
    goodput: measured?.slo == null ? null : scoreGoodput(measured.slo, columns, { suite, load, confidence, unfinished }),
    stream:
      measured?.stream == null
        ? null
        : scoreStream(measured.stream, load, activeTimeMs(columns), { uncertifiable, unfinished, unknown: columns.leftOutRetried }),
    ...(measured?.leftOutRamp == null ? {} : { leftOutRamp: measured.leftOutRamp }),
    ...(measured === undefined ? {} : { answers: measured.succeeded }),
  };
}
