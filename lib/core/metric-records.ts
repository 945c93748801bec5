/** The aggregates of a job as flat records, for queries over jobs and runs. Written by the score step. */
import type { MetricRecord } from './job.ts';
import type { JobScores, MetricScore } from './scores.ts';

/** One record a metric, percentile and total of the job; null with its reason where a number does not exist. */
export function metricRecordsOf(runId: string, scores: JobScores): MetricRecord[] {
  const head = { runId, jobId: scores.jobId };
  const fromScore = (score: MetricScore): MetricRecord => ({
    ...head,
    name: score.name,
    unit: score.info.unit,
    value: score.value,
    reason: score.reason,
    n: score.n,
  });
  const { latency } = scores;
  const percentiles = (latency?.percentiles ?? []).flatMap((percentile): MetricRecord[] => {
    const name = `latency.p${Number((percentile.p * 100).toFixed(4))}`;
    const shared = { ...head, unit: 'ms', n: latency?.n ?? 0 };
    return [
      { ...shared, name: `${name}.empirical`, value: percentile.empirical, reason: percentile.empiricalReason },
      { ...shared, name: `${name}.certified`, value: percentile.certified, reason: percentile.certifiedReason },
    ];
  });
  return [...scores.metrics.map(fromScore), ...(scores.total === null ? [] : [fromScore(scores.total)]), ...percentiles];
}
