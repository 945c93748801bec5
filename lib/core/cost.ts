/**
 * What a run's tasks cost: the time that each held its machine, times the price of its class as the plan froze it. This is the job's own
 * figure; what EC2 bills for the machines, idle time included, is bill.ts. Pure; used by the report, the API and `bakeoff plan`. A figure
 * that lacks a price or a time is null and says why: never a partial sum that reads like the whole.
 */
import type { JobRecord, TaskFacts } from './job.ts';

const SECONDS_PER_HOUR = 3600;

export interface Cost {
  /** Machine time, seconds: counted also where nobody knows the price; null where the time itself is not known. */
  readonly seconds: number | null;
  readonly usd: number | null;
  /** Why `usd` is null. */
  readonly reason: string | null;
}

const NO_COST: Cost = { seconds: 0, usd: 0, reason: null };
export const ONE_MACHINE_REASON = 'this machine is not billed';

/** US dollars of so many seconds at an hourly price. The one formula: forecast, job and bill use it. */
export function usdOf(seconds: number, usdPerHour: number): number {
  return (seconds / SECONDS_PER_HOUR) * usdPerHour;
}

/** Cost of known time at a price that may be unknown. */
export function costAt(seconds: number, price: { readonly usdPerHour: number | null; readonly reason: string | null }): Cost {
  if (price.usdPerHour === null) return { seconds, usd: null, reason: price.reason ?? 'the price is not known' };
  return { seconds, usd: usdOf(seconds, price.usdPerHour), reason: null };
}

/**
 * A task's cost: (occupied.untilMs - occupied.fromMs) / 1000 / 3600 x usdPerHour, where the task held its machine from ECS `pullStartedAt`
 * to `stoppedAt`. Before, it waited for a machine that other tasks or nobody used; the pull, the model's loading and the clean-up keep
 * others off it, so they count. A task that never got a machine cost nothing.
 */
export function taskCost({ where }: Pick<TaskFacts, 'where'>): Cost {
  if (where === undefined) return { seconds: null, usd: null, reason: ONE_MACHINE_REASON };
  if (where.occupied === null) return NO_COST;
  const { fromMs, untilMs } = where.occupied;
  const seconds = Math.max(0, untilMs - fromMs) / 1000;
  const reason = `the price sheet of ${where.priceDate} has no ${where.market} price of ${where.instanceType}`;
  return costAt(seconds, { usdPerHour: where.usdPerHour, reason });
}

/** All tasks of a job: every attempt of every stage, failed ones too, since they were paid for. */
export function jobCost({ tasks }: Pick<JobRecord, 'tasks'>): Cost {
  return sumCosts(tasks.map(taskCost));
}

/** Null as soon as one part is: a sum of the rest would look like the whole. */
export function sumCosts(parts: readonly Cost[]): Cost {
  return parts.reduce(
    (sum, part) => ({
      seconds: sum.seconds === null || part.seconds === null ? null : sum.seconds + part.seconds,
      usd: sum.usd === null || part.usd === null ? null : sum.usd + part.usd,
      reason: sum.reason ?? part.reason,
    }),
    NO_COST,
  );
}

export interface UnitCost {
  readonly usd: number | null;
  readonly reason: string | null;
}

/** Dollars for each of `count` units; `unit` names them in the reason where there is none, or their number is not known. */
function costPer({ usd, reason }: Pick<Cost, 'usd' | 'reason'>, count: number | null, unit: string): UnitCost {
  if (usd === null) return { usd: null, reason };
  return count !== null && count > 0 ? { usd: usd / count, reason: null } : { usd: null, reason: `there is no ${unit}` };
}

export interface CostFigures {
  readonly cost: Cost;
  /** For each sample that was answered: failed ones raise it. */
  readonly perSample: UnitCost;
  /** For each minute of video that was made; null where no duration is known. */
  readonly perVideoMinute: UnitCost;
}

/** `videoSeconds`: of all answers together; null where they are not videos or their duration is not known. */
export function costFigures(cost: Cost, made: { readonly answeredSamples: number; readonly videoSeconds: number | null }): CostFigures {
  const minutes = made.videoSeconds === null ? null : made.videoSeconds / 60;
  return {
    cost,
    perSample: costPer(cost, made.answeredSamples, 'answered sample'),
    perVideoMinute: costPer(cost, minutes, 'video of known duration'),
  };
}
