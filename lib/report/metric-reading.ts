/** A job's number in a metric as a gate reads it: the value that may be judged, or why there is none. Called by what judges. */
import type { MetricReading } from '../core/gates/judge-gate.ts';
import { LOAD_METRICS, type LoadMetric } from '../core/gates/load-metrics.ts';
import { loadFigures } from '../core/latency/load-figures.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { JobScores, MetricScore } from '../core/scores.ts';
import { leftOutRetried } from './load-warnings.ts';
import { latencyAbsence, scoreOf } from './metric-lookup.ts';
import type { ReportJob } from './report-model.ts';

/**
 * `isWhole`: every job of the run came to its end, so that a number which is not there never will be. A number that a job without its end has
 * not is no verdict on what it measures.
 */
export function readMetric(job: ReportJob, metric: string, isWhole: boolean): MetricReading {
  const { scores } = job;
  if (scores === null) {
    return { kind: isWhole ? 'absent' : 'unscored', reason: job.failure?.message ?? `the job is ${job.state} and has no scores` };
  }
  const figure = LOAD_METRICS.get(metric);
  const reading = figure === undefined ? readScore(job, scores, metric) : readFigure(job, scores, metric, figure);
  if (reading.kind !== 'absent' || isWhole || job.state === 'succeeded' || scores.latency?.contended === true) return reading;
  return { kind: 'unscored', reason: job.failure?.message ?? `the job is ${job.state}: ${reading.reason}` };
}

function readScore(job: ReportJob, scores: JobScores, metric: string): MetricReading {
  const score = scoreOf(job, metric);
  if (score === null) return { kind: 'absent', reason: unknownMetric(job, metric) };
  if (score.value === null) return { kind: 'absent', reason: score.reason ?? 'it has no value' };
  const { unit, direction, range } = score.info;
  return {
    kind: 'value',
    value: score.value,
    unit,
    direction,
    range,
    ...samplesOf(scores),
    unmeasuredSamples: Math.max(0, scores.succeeded - score.n),
    ...worstOf(score, scores.failed),
  };
}

/** Of a mean over samples; nothing where none failed or the range has no worst end. */
function worstOf({ value, n, aggregation, info }: MetricScore, failed: number): { worstValue?: number } {
  const worst = info.range[info.direction === 'higher' ? 0 : 1];
  if (value === null || aggregation !== 'mean' || info.direction === 'none' || worst === null || failed === 0) return {};
  return { worstValue: (value * n + worst * failed) / (n + failed) };
}

function samplesOf({ missing, failed }: JobScores) {
  return { missingSamples: missing, failedSamples: failed };
}

/** What was measured while other work ran beside it is no ground for a verdict. */
function readFigure(job: ReportJob, scores: JobScores, metric: string, { unit, direction, range }: LoadMetric): MetricReading {
  if (scores.latency?.contended === true) return { kind: 'absent', reason: 'contended: other work ran beside it' };
  const figure = loadFigures(scores).find(({ name }) => name === metric);
  if (figure === undefined) return { kind: 'absent', reason: absenceOf(job, metric) };
  if (figure.value !== null)
    return {
      kind: 'value',
      value: figure.value,
      unit,
      direction,
      range,
      ...samplesOf(scores),
      unmeasuredSamples: unmeasuredIn(job, metric),
    };
  const head = metric.endsWith('.certified') ? 'not certified' : 'no value';
  return { kind: 'absent', reason: `${head}: ${figure.reason ?? 'no reason is stored'}` };
}

/** Answers of a further try are in throughput alone. */
function unmeasuredIn(job: ReportJob, metric: string): number {
  return metric.startsWith('throughput.') ? 0 : leftOutRetried(job);
}

function absenceOf(job: ReportJob, metric: string): string {
  if (job.scores?.latency == null || metric.startsWith('latency.')) return latencyAbsence(job);
  return metric.startsWith('goodput.') ? 'the spec stated no objectives' : 'the load asked for no stream';
}

function unknownMetric(job: ReportJob, metric: string): string {
  const known = [...(job.scores?.metrics ?? []), ...(job.scores?.total == null ? [] : [job.scores.total])].map(({ name }) => name);
  const nearest = nearestName(metric, known);
  return `the job has no metric ${metric}${nearest === null ? '' : `; did you mean ${nearest}?`}`;
}
