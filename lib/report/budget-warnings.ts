/**
 * What a run's budget did: what jobs had set aside beside what they cost, which jobs it stopped, and by how much it was passed. Pure; called
 * by warnings.ts.
 */
import { jobCost, sumCosts } from '../core/cost.ts';
import { formatUsd } from './format-number.ts';
import type { ReportInput } from './build-report.ts';
import type { Warning } from './report-model.ts';

/** None for a run without a budget, or one that kept it and began every job. */
export function budgetWarnings({ jobs, records }: Pick<ReportInput, 'jobs' | 'records'>): Warning[] {
  const maxUsd = jobs.find(({ budget }) => budget !== undefined)?.budget?.maxUsd;
  if (maxUsd === undefined) return [];
  const reservedOf = new Map(jobs.map(({ jobId, budget }) => [jobId, budget?.reserveUsd ?? 0]));
  const stopped = records.filter(({ state }) => state === 'stopped').map(({ jobId }) => jobId);
  const begun = records.filter(({ state }) => state !== 'stopped');
  const spent = sumCosts(begun.map(jobCost)).usd;
  const reserved = begun.reduce((sum, { jobId }) => sum + (reservedOf.get(jobId) ?? 0), 0);
  const figures = `Jobs that began had set ${formatUsd(reserved)} aside and cost ${spent === null ? 'what nobody knows' : formatUsd(spent)}`;
  const warnings: Warning[] = [];
  if (stopped.length > 0) {
    const least = Math.min(...stopped.map((jobId) => reservedOf.get(jobId) ?? 0));
    const text =
      `The budget of ${formatUsd(maxUsd)} did not cover these jobs when their turn came: each would have set ${formatUsd(least)} or more aside. ` +
      `${figures}; what a job does not spend comes back when it ends, so a resume may cover them.`;
    warnings.push({ code: 'budget-stopped', text, jobIds: stopped });
  }
  if (spent !== null && spent > maxUsd) {
    const text = `The run is ${formatUsd(spent - maxUsd)} above its budget of ${formatUsd(maxUsd)}: jobs in flight finish. ${figures}.`;
    warnings.push({ code: 'budget-passed', text, jobIds: [] });
  }
  return warnings;
}
