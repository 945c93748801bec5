/** Labels for inside the Pareto chart: short where the reader knows the rest, numbers where there is no room for names. */
import { labelBeside } from '../job-labels.ts';
import { leaderboardOrder } from '../metric-lookup.ts';
import type { Report } from '../report-model.ts';
import { type ChartSize, textWidthPx } from './chart-theme.ts';

/** When every ranked job is of one model, its name goes without saying. */
function shortLabels(report: Report): Map<string, string> {
  const charted = report.jobs.filter((job) => !job.model.reference && report.pareto.points.some((point) => point.jobId === job.jobId));
  const models = new Set(charted.map((job) => job.model.id));
  const known = charted.length > 1 && models.size === 1 ? (charted[0]?.model.id ?? '') : '';
  return new Map(report.jobs.map((job) => [job.jobId, labelBeside(job.label, job.model.id, known)]));
}

/** Numbers in the order of the leaderboard, from 1, for the jobs on the chart. */
export function pointNumbers(report: Report): Map<string, string> {
  const { ranked, unranked, references } = leaderboardOrder(report);
  const charted = [...ranked, ...unranked, ...references].filter((job) => report.pareto.points.some((point) => point.jobId === job.jobId));
  return new Map(charted.map((job, at) => [job.jobId, String(at + 1)]));
}

/** True when a phone has no room for the names: the page then shows a key. */
export function needsKey(report: Report): boolean {
  const longest = Math.max(
    0,
    ...[...shortLabels(report)]
      .filter(([jobId]) => report.pareto.points.some((point) => point.jobId === jobId))
      .map(([, label]) => textWidthPx(label)),
  );
  return longest > 110;
}

export function paretoLabels(report: Report, size: ChartSize): Map<string, string> {
  return size.name === 'narrow' && needsKey(report) ? pointNumbers(report) : shortLabels(report);
}
