/** Finds what a report says of a metric: its title and direction, and a job's score in it. Used by every renderer. */
import type { MetricInfo } from '../core/manifest.ts';
import type { JobScores, MetricScore, Percentile } from '../core/scores.ts';
import { commonDecimals, formatInterval, formatValue } from './format-number.ts';
import type { Report, ReportJob } from './report-model.ts';

/** What a ranking names when nothing that was measured has a direction. */
export const NO_METRIC = 'none';

/** The score of `<scorer>.<metric>` or of the composite; null when the job has none. */
export function scoreOf(job: ReportJob, metric: string): MetricScore | null {
  const scores = job.scores;
  if (scores === null) return null;
  if (scores.total?.name === metric) return scores.total;
  return scores.metrics.find((score) => score.name === metric) ?? null;
}

/** Null for a metric that no job has. */
export function metricInfoOf(report: Report, metric: string): MetricInfo | null {
  return report.computations.find((computation) => computation.metric === metric)?.info ?? null;
}

/** `All attributes correct`; the name itself where no title is known. */
export function metricTitle(report: Report, metric: string): string {
  return metricInfoOf(report, metric)?.title ?? metric;
}

/** A job's value in a metric and its interval, as text, in the decimals of the metric's column (metricDecimals). */
export function scoreTexts(job: ReportJob, metric: string, decimals: number | null): { value: string; interval: string } {
  const score = scoreOf(job, metric);
  return {
    value: formatValue(score?.value ?? null, score?.interval, decimals),
    interval: formatInterval(score?.value ?? null, score?.interval ?? null, decimals),
  };
}

/** Decimals that serve all jobs; null when no job has an interval. */
export function metricDecimals(report: Report, metric: string): number | null {
  return commonDecimals(report.jobs.flatMap((job) => scoreOf(job, metric) ?? []));
}

/** The ranking's metric first, then those that its formula names, then the others that have a direction; diagnostics apart. */
export function metricNames(report: Report): { ranked: string[]; diagnostics: string[] } {
  const inOrder = [...new Set(report.jobs.flatMap((job) => job.scores?.metrics.map((score) => score.name) ?? []))];
  const directed = inOrder.filter((name) => metricInfoOf(report, name)?.direction !== 'none' && name !== report.ranking.metric);
  const inputs = (report.ranking.composite?.inputs ?? []).map(({ metric }) => metric);
  const { formula } = report.ranking;
  const place = (name: string) => {
    if (inputs.includes(name)) return inputs.indexOf(name);
    return formula.includes(`(${name})`) ? formula.indexOf(`(${name})`) : Number.POSITIVE_INFINITY;
  };
  directed.sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
  return {
    ranked: report.ranking.metric === NO_METRIC ? directed : [report.ranking.metric, ...directed],
    diagnostics: inOrder.filter((name) => metricInfoOf(report, name)?.direction === 'none'),
  };
}

export function percentileOf(job: ReportJob, p: number): Percentile | null {
  return job.scores?.latency?.percentiles.find((percentile) => percentile.p === p) ?? null;
}

/** Offline load has no percentiles: its samples wait for one another by design. What it has is a throughput. */
export function isOffline(job: ReportJob): boolean {
  return job.load.mode === 'offline';
}

/** Succeeded samples per second of active time; null where none was measured. */
export function throughputOf(job: ReportJob): number | null {
  return job.scores?.latency?.throughputSamplesPerSecond ?? null;
}

/** Milliseconds to the first piece, median; null where no stream was measured. */
export function ttftMedianOf(job: ReportJob): number | null {
  return job.scores?.latency?.stream?.ttft.percentiles.find(({ p }) => p === 0.5)?.empirical ?? null;
}

/** Whether a job of the report has this part of the latency score. */
export function someHave(report: Report, part: 'schedule' | 'goodput' | 'stream'): boolean {
  return report.jobs.some((job) => job.scores?.latency?.[part] !== undefined);
}

/** Why a job has no latency percentile at all. */
export function latencyAbsence(job: ReportJob): string {
  return isOffline(job) ? 'offline load reports throughput, no percentiles' : (job.failure?.message ?? 'no latency was measured');
}

/** `94/96`: samples that succeeded, of those planned. */
export function coverageText(scores: JobScores | null): string {
  return scores === null ? '—' : `${scores.succeeded}/${scores.planned}`;
}

/** Ranked jobs by rank, then those without a rank; references come apart. */
export function leaderboardOrder(report: Report): { ranked: ReportJob[]; unranked: ReportJob[]; references: ReportJob[] } {
  const rankOf = new Map(report.ranking.entries.map((entry) => [entry.jobId, entry.rank]));
  const own = report.jobs.filter((job) => !job.model.reference);
  const ranked = own.filter((job) => (rankOf.get(job.jobId) ?? null) !== null);
  return {
    ranked: ranked.sort((a, b) => (rankOf.get(a.jobId) ?? 0) - (rankOf.get(b.jobId) ?? 0) || a.ordinal - b.ordinal),
    unranked: own.filter((job) => (rankOf.get(job.jobId) ?? null) === null),
    references: report.jobs.filter((job) => job.model.reference),
  };
}

/** The largest peak of the job's `infer` tasks: sampled, so the truth is at least this. Null where none was read. */
export function peakRssMiB(job: ReportJob): number | null {
  const peaks = job.resources.filter(({ stage }) => stage === 'infer').flatMap((use) => use.peakRssMiB ?? []);
  return peaks.length === 0 ? null : Math.max(...peaks);
}

/** CPU seconds of the job's `infer` tasks together; null where none was read. */
export function cpuSeconds(job: ReportJob): number | null {
  const seconds = job.resources.filter(({ stage }) => stage === 'infer').flatMap((use) => use.cpuSeconds ?? []);
  return seconds.length === 0 ? null : seconds.reduce((sum, value) => sum + value, 0);
}

const STOP_REASONS: Readonly<Record<string, string>> = {
  'error-rate': 'more samples failed than limits.maxErrorRate allows',
  'job-deadline': 'limits.job had passed',
  cancelled: 'the run was cancelled',
  saturated:
    'requests were held back for longer than limits.sample: the server cannot keep the schedule with no more than maxInFlight unanswered',
};

/** Stages that ended before their last sample, and why. A load that ended by its duration did as the spec wants: it is none of them. */
export function earlyStops(job: ReportJob): { stage: string; code: string; text: string }[] {
  return job.stages.flatMap(({ name, stopped, planned, succeeded, failed }) => {
    if (stopped === null || stopped === 'duration') return [];
    const done = `after ${(succeeded ?? 0) + (failed ?? 0)} of ${planned ?? 0} samples`;
    return [{ stage: name, code: stopped, text: `stopped ${done}: ${STOP_REASONS[stopped] ?? stopped}` }];
  });
}

/** Why a job has no value in a metric, in one line. */
export function absenceReason(job: ReportJob, metric: string): string {
  return job.failure?.message ?? scoreOf(job, metric)?.reason ?? (job.scores === null ? `the job is ${job.state}` : 'not measured');
}
