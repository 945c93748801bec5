/** Labels for inside a chart: when every ranked job is of one model, its name goes without saying. */
import type { Report } from '../report-model.ts';

export function shortLabels(report: Report): Map<string, string> {
  const own = report.jobs.filter((job) => !job.model.reference);
  const charted = own.filter((job) => report.pareto.points.some((point) => point.jobId === job.jobId));
  const models = new Set(charted.map((job) => job.model.id));
  const prefix = charted.length > 1 && models.size === 1 ? `${[...models][0]} · ` : null;
  return new Map(
    report.jobs.map((job) => [job.jobId, prefix !== null && job.label.startsWith(prefix) ? job.label.slice(prefix.length) : job.label]),
  );
}
