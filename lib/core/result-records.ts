/**
 * A run's scores as the records that outlive it: one per job and metric that has a value. Pure; the report step stores them, leaderboards
 * and histories read them.
 */
import { BUILTIN_SCORERS } from './builtin-scorers.ts';
import { TOTAL_NAME } from './composite.ts';
import type { Job } from './job.ts';
import { loadFigures } from './latency/load-figures.ts';
import { loadVersion } from './load/load-version.ts';
import { PROFILES } from './profiles/profiles.ts';
import { splitMetricName } from './resolve-scorers.ts';
import type { ResultRecord } from './result-record.ts';
import type { JobScores, MetricScore } from './scores.ts';

/** Of the formula of weighted means. */
const TOTAL_VERSION = '1';
const LATENCY_VERSION = BUILTIN_SCORERS.get('latency')?.version ?? '1';

export interface ResultsOfRun {
  readonly suite: { readonly id: string; readonly digest: string };
  readonly finishedAtMs: number;
  readonly jobs: readonly Job[];
  /** By job; a job that was not scored has no results. */
  readonly scores: readonly JobScores[];
}

/** A metric without a value has no record: absent is not zero. Latencies of jobs that disturbed each other are left out. */
export function resultRecords({ suite, finishedAtMs, jobs, scores }: ResultsOfRun): ResultRecord[] {
  const byJob = new Map(scores.map((each) => [each.jobId, each]));
  return jobs.flatMap((job) => {
    const scored = byJob.get(job.jobId);
    if (scored === undefined) return [];
    const head = headOf(job, scored, suite, finishedAtMs);
    const metrics = [...scored.metrics, ...(scored.total === null || dependsOnCompany(scored.total) ? [] : [scored.total])];
    return [
      ...metrics.flatMap((score) => fromScore(head, score, versionOf(score, job))),
      ...fromLoad(head, scored, loadVersion(LATENCY_VERSION, job)),
    ];
  });
}

type Head = Omit<ResultRecord, 'metric' | 'metricVersion' | 'unit' | 'direction' | 'value' | 'interval' | 'n'>;

function headOf(job: Job, { succeeded, planned }: JobScores, suite: ResultsOfRun['suite'], finishedAtMs: number): Head {
  const { id, version, digest, reference } = job.model;
  return {
    ...{ schema: 1, runId: job.runId, jobId: job.jobId, modelId: id, modelVersion: version, modelDigest: digest, params: job.params },
    ...{ suiteId: suite.id, suiteDigest: suite.digest, coverage: planned === 0 ? null : succeeded / planned, reference, finishedAtMs },
  };
}

function fromScore(head: Head, { name, info, value, interval, n }: MetricScore, metricVersion: string): ResultRecord[] {
  if (value === null) return [];
  const bounds: ResultRecord['interval'] = interval === null ? null : [interval.low, interval.high];
  return [{ ...head, metric: name, metricVersion, unit: info.unit, direction: info.direction, value, interval: bounds, n }];
}

/** What was measured while other work ran beside it, or lacks what took longest when it was stopped, stands beside no other number. */
function fromLoad(head: Head, scores: JobScores, metricVersion: string): ResultRecord[] {
  if (scores.latency?.contended === true || scores.missing > 0) return [];
  return loadFigures(scores).flatMap(({ name, value, interval, n, metric: { unit, direction } }): ResultRecord[] => {
    const bounds: ResultRecord['interval'] = interval === null ? null : [interval.low, interval.high];
    return value === null ? [] : [{ ...head, metric: name, metricVersion, unit, direction, value, interval: bounds, n }];
  });
}

/** Win rates and strengths of different runs have nothing to do with one another: they stand in their report alone. */
function dependsOnCompany({ aggregation }: MetricScore): boolean {
  return aggregation === 'mean-win-rate' || aggregation === 'bradley-terry';
}

/** Totals of different formulas never share a leaderboard. */
function totalVersion(aggregation: string): string {
  const profile = PROFILES.get(aggregation);
  return profile === undefined ? TOTAL_VERSION : `${profile.name}/${profile.version}`;
}

/** Of the scorer that made a metric; of its package where the plan is an older one's that kept no scorer's version. */
function versionOf({ name: metric, aggregation }: MetricScore, job: Job): string {
  if (metric === TOTAL_NAME) return totalVersion(aggregation);
  const [scorer] = splitMetricName(metric);
  const builtin = BUILTIN_SCORERS.get(scorer);
  if (builtin !== undefined && job.builtinScorers.includes(scorer)) return builtin.version;
  const evaluator = job.evaluators.find(({ scorers }) => scorers.includes(scorer));
  return evaluator?.scorerVersions?.[scorer] ?? evaluator?.package.version ?? '0';
}
