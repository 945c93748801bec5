/** A job's number in a metric as a gate reads it: the value that may be judged, or why there is none. Called by `bakeoff gate`. */
import type { MetricReading } from '../core/gates/judge-gate.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { JobScores } from '../core/scores.ts';
import { latencyAbsence, scoreOf } from './metric-lookup.ts';
import type { ReportJob } from './report-model.ts';

/** `isWhole`: every job of the run came to its end, so that a number which is not there never will be. */
export function readMetric(job: ReportJob, metric: string, isWhole: boolean): MetricReading {
  if (job.scores === null) {
    return { kind: isWhole ? 'absent' : 'unscored', reason: job.failure?.message ?? `the job is ${job.state} and has no scores` };
  }
  const percentile = /^latency\.p(\d+(?:\.\d+)?)\.(empirical|certified)$/.exec(metric);
  if (percentile !== null) return readPercentile(job, job.scores, Number(percentile[1]) / 100, percentile[2] === 'certified');
  const score = scoreOf(job, metric);
  if (score === null) return { kind: 'absent', reason: unknownMetric(job, metric) };
  if (score.value === null) return { kind: 'absent', reason: score.reason ?? 'it has no value' };
  const { unit, direction, range } = score.info;
  return { kind: 'value', value: score.value, unit, direction, range, ...samplesOf(job.scores) };
}

function samplesOf({ missing, failed }: JobScores) {
  return { missingSamples: missing, failedSamples: failed };
}

function readPercentile(job: ReportJob, scores: JobScores, p: number, isCertified: boolean): MetricReading {
  const { latency } = scores;
  if (latency?.contended === true) return { kind: 'absent', reason: 'contended: other work ran beside it' };
  const percentile = latency?.percentiles.find((known) => Math.abs(known.p - p) < 1e-9);
  if (percentile === undefined) return { kind: 'absent', reason: latencyAbsence(job) };
  const value = isCertified ? percentile.certified : percentile.empirical;
  const reason = isCertified ? percentile.certifiedReason : percentile.empiricalReason;
  if (value === null)
    return { kind: 'absent', reason: `${isCertified ? 'not certified' : 'no value'}: ${reason ?? 'no reason is stored'}` };
  return { kind: 'value', value, unit: 'ms', direction: 'lower', range: [0, null], ...samplesOf(scores) };
}

function unknownMetric(job: ReportJob, metric: string): string {
  const known = [...(job.scores?.metrics ?? []), ...(job.scores?.total == null ? [] : [job.scores.total])].map(({ name }) => name);
  const nearest = nearestName(metric, known);
  return `the job has no metric ${metric}${nearest === null ? '' : `; did you mean ${nearest}?`}`;
}
