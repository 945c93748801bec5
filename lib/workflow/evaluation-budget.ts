/**
 * The share of a run's budget that a job sets aside for being evaluated again: its own share went when the job settled. The price of its limits,
 * stage by stage; at the job's end what it cost in all stands in place of both. Called by the Advance step on AWS.
 */
import { mayHaveAnswers } from '../core/advance.ts';
import { usdOf } from '../core/cost.ts';
import type { Job, JobRecord } from '../core/job.ts';
import type { Placements } from '../core/placements.ts';
import type { BudgetReservation } from '../core/ports.ts';
import { placementNameOf } from './task-facts.ts';

/** A name that no job of the run has: one for each start and job. */
export function evaluationShare(start: number, ordinal: number): string {
  return `evaluation-${start}-${ordinal}`;
}

/** Null where nothing is left to evaluate. A package without a price takes all there is: what it may cost nobody knows. */
export function evaluationReservation(job: Job, record: JobRecord, start: number, { packages }: Placements): BudgetReservation | null {
  if (job.budget === undefined || !mayHaveAnswers(record)) return null;
  const { maxUsd } = job.budget;
  const unfinished = record.stages.filter(({ name, status }) => name.startsWith('evaluate:') && status !== 'finished');
  if (unfinished.length === 0) return null;
  const seconds = (job.limits.readyMs + job.limits.jobMs) / 1000;
  const prices = unfinished.map(({ name }) => packages[placementNameOf(name, job.model.id)]?.class.usdPerHour ?? null);
  const usd = prices.reduce<number>((sum, price) => sum + (price === null ? maxUsd : usdOf(seconds, price)), 0);
  return { runId: job.runId, jobId: evaluationShare(start, record.ordinal), usd: Math.min(usd, maxUsd), maxUsd };
}
