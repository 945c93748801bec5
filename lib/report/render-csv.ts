/**
 * `leaderboard.csv`: one row a job, RFC 4180. Numbers are unrounded; an empty cell is a missing value. Text from specs and
 * models cannot become a formula in a spreadsheet.
 */
import type { Percentile } from '../core/scores.ts';
import { loadText } from './load-text.ts';
import { cpuSeconds, leaderboardOrder, metricNames, peakRssMiB, percentileOf, scoreOf } from './metric-lookup.ts';
import type { Report, ReportJob } from './report-model.ts';
import { visibleLine } from './safe-text.ts';

type Cell = number | boolean | string | null;

export function renderCsv(report: Report): string {
  const { ranked, unranked, references } = leaderboardOrder(report);
  const rows = [...ranked, ...unranked, ...references].map((job) => rowOf(report, job));
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns.map(csvCell), ...rows.map((row) => columns.map((column) => csvCell(row[column] ?? null)))];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

function rowOf(report: Report, job: ReportJob): Record<string, Cell> {
  const entry = report.ranking.entries.find(({ jobId }) => jobId === job.jobId);
  const { ranked, diagnostics } = metricNames(report);
  const p50 = percentileOf(job, 0.5);
  const p90 = percentileOf(job, 0.9);
  return {
    rank: entry?.rank ?? null,
    rank_best: entry?.rankRange?.[0] ?? null,
    rank_worst: entry?.rankRange?.[1] ?? null,
    label: job.label,
    model: job.model.id,
    model_version: job.model.version,
    params: JSON.stringify(job.params),
    reference: job.model.reference,
    state: job.state,
    planned: job.scores?.planned ?? null,
    succeeded: job.scores?.succeeded ?? null,
    failed: job.scores?.failed ?? null,
    missing: job.scores?.missing ?? null,
    ...Object.assign({}, ...[...ranked, ...diagnostics].map((metric) => metricCells(job, metric))),
    latency_p50_ms: p50?.empirical ?? null,
    latency_p90_ms: p90?.empirical ?? null,
    latency_p90_certified_ms: p90?.certified ?? null,
    throughput_samples_per_second: job.scores?.latency?.throughputSamplesPerSecond ?? null,
    ...loadCells(job),
    peak_rss_mib_at_least: peakRssMiB(job),
    cpu_seconds: cpuSeconds(job),
    package_digest: job.model.digest,
    job_id: job.jobId,
  };
}

/** What only some loads have; the same columns in every report. */
function loadCells(job: ReportJob): Record<string, Cell> {
  const { schedule, goodput, stream } = job.scores?.latency ?? {};
  const at = (percentiles: readonly Percentile[] | undefined, level: number) => percentiles?.find(({ p }) => p === level);
  return {
    load: loadText(job),
    schedule_kept: schedule?.kept ?? null,
    schedule_lag_p99_ms: schedule?.lagP99Ms ?? null,
    goodput_share: goodput?.share ?? null,
    goodput_samples_per_second: goodput?.perSecond ?? null,
    ttft_p50_ms: at(stream?.ttft.percentiles, 0.5)?.empirical ?? null,
    ttft_p90_certified_ms: at(stream?.ttft.percentiles, 0.9)?.certified ?? null,
    gap_p50_ms: at(stream?.gaps.percentiles, 0.5)?.empirical ?? null,
    gap_p99_ms: at(stream?.gaps.percentiles, 0.99)?.empirical ?? null,
    tokens_per_second: stream?.tokensPerSecond ?? null,
    tokens_from: stream?.tokensFrom ?? null,
  };
}

function metricCells(job: ReportJob, metric: string): Record<string, Cell> {
  const score = scoreOf(job, metric);
  return {
    [metric]: score?.value ?? null,
    [`${metric}.low`]: score?.interval?.low ?? null,
    [`${metric}.high`]: score?.interval?.high ?? null,
  };
}

/** Quotes where RFC 4180 asks for it; text that a spreadsheet would run (`=`, `+`, `-`, `@`…) gets an apostrophe before it. */
export function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const line = visibleLine(cell);
  const inert = /^[\s]*[=+\-@|%]/.test(line) ? `'${line}` : line;
  return inert !== line || /[",\r\n;]|^\s|\s$/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
