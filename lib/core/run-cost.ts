/**
 * What a run cost, both figures side by side: its tasks' own time (cost.ts) and the bill of the machines that they ran on (bill.ts); for the
 * run, each job, each answered sample and each minute of video. Pure; the caller reads the records.
 */
import { type BilledTask, billOf, cataloguePrice, type PriceOfInstance, runBill } from './bill.ts';
import { costPer, jobCost, ONE_MACHINE_REASON, sumCosts, type UnitCost } from './cost.ts';
import type { InstanceRecord } from './instance-record.ts';
import type { JobRecord } from './job.ts';

export interface RunCost {
  /** Task-seconds x price of the class, all attempts of all stages. */
  readonly taskUsd: number | null;
  /** Machine time of the tasks, seconds. */
  readonly taskSeconds: number | null;
  /** The run's share of its machines from launch to termination. */
  readonly billedUsd: number | null;
  /** Of `billedUsd`, time in which no task held the machine. */
  readonly idleUsd: number | null;
  /** While a machine of the run is there, the instant that `billedUsd` goes up to; null when it is final. */
  readonly billedSoFarAtMs: number | null;
  /** Date of the price sheet, YYYY-MM-DD; null where nothing was priced. */
  readonly priceDate: string | null;
  /** `taskUsd` by job id. */
  readonly jobsUsd: Readonly<Record<string, number | null>>;
  /** `taskUsd` for each answered sample, and for each minute of video. */
  readonly perSample: UnitCost;
  readonly perVideoMinute: UnitCost;
  /** Why a figure of dollars is null; null where none is. */
  readonly reason: string | null;
}

export interface RunCostInput {
  readonly runId: string;
  readonly jobs: readonly JobRecord[];
  /** Machines of the time of the run. */
  readonly instances: readonly InstanceRecord[];
  /** Tasks of other runs on these machines: they pay their part. */
  readonly othersTasks: readonly BilledTask[];
  /** Of all answers; null where they are not videos or nobody read their duration. */
  readonly videoSeconds: number | null;
  readonly nowMs: number;
  readonly priceOfInstance?: PriceOfInstance;
}

/** Figures that are not known are null, each for its own reason; on one machine all are. */
export function runCost({ runId, jobs, instances, othersTasks, videoSeconds, nowMs, priceOfInstance }: RunCostInput): RunCost {
  const places = jobs.flatMap(({ tasks }) => tasks.flatMap(({ where }) => where ?? []));
  const cost = sumCosts(jobs.map(jobCost));
  const tasks = [...billedTasks(runId, jobs), ...othersTasks.filter((task) => task.runId !== runId)];
  const isUnbilled = jobs.some((job) => job.tasks.some(({ where }) => where === undefined));
  const billed = runBill(runId, billOf(instances, tasks, nowMs, priceOfInstance ?? cataloguePrice), tasks);
  return {
    taskUsd: cost.usd,
    taskSeconds: cost.seconds,
    billedUsd: isUnbilled ? null : billed.usd,
    idleUsd: isUnbilled ? null : billed.idleUsd,
    billedSoFarAtMs: isUnbilled ? null : billed.soFarAtMs,
    priceDate: places.map(({ priceDate }) => priceDate).sort()[0] ?? null,
    jobsUsd: Object.fromEntries(jobs.map((job) => [job.jobId, jobCost(job).usd])),
    perSample: costPer(cost, answeredSamples(jobs), 'answered sample'),
    perVideoMinute: costPer(cost, videoSeconds === null ? null : videoSeconds / 60, 'video of known duration'),
    reason: isUnbilled ? (cost.reason ?? ONE_MACHINE_REASON) : (cost.reason ?? billed.reason),
  };
}

/** The tasks of a run as a bill sees them. */
export function billedTasks(runId: string, jobs: readonly JobRecord[]): BilledTask[] {
  return jobs.flatMap(({ tasks }) =>
    tasks.flatMap(({ where }) => (where === undefined ? [] : [{ runId, instanceId: where.instanceId, occupied: where.occupied }])),
  );
}

/** Over the jobs whose `infer` has ended. */
function answeredSamples(jobs: readonly JobRecord[]): number {
  return jobs.reduce((sum, { stages }) => sum + (stages.find(({ name }) => name === 'infer')?.outcome?.succeeded ?? 0), 0);
}
