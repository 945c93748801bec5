/** The aggregates of a job as flat records, for queries over jobs and runs. Written by the score step. */
import type { MetricRecord } from './job.ts';
import { loadFigures } from './latency/load-figures.ts';
import type { JobScores } from './scores.ts';

/** One record a metric, total and figure of the job's load; null with its reason where a number does not exist. */
export function metricRecordsOf(runId: string, scores: JobScores): MetricRecord[] {
  const head = { runId, jobId: scores.jobId };
  const metrics = [...scores.metrics, ...(scores.total === null ? [] : [scores.total])];
  return [
    ...metrics.map(({ name, info, value, reason, n }) => ({ ...head, name, unit: info.unit, value, reason, n })),
    ...loadFigures(scores).map(({ name, metric, value, reason, n }) => ({ ...head, name, unit: metric.unit, value, reason, n })),
  ];
}
