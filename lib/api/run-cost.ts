/**
 * The two costs of a run: of its tasks, and of the machines that EC2 bills. The sums are those of lib/core; this brings the records
 * together. Used by the route of a run.
 */
import { type BilledTask, billOf, type RunBill, runBill } from '../core/bill.ts';
import { jobCost, ONE_MACHINE_REASON, sumCosts } from '../core/cost.ts';
import type { InstanceRecord } from '../core/instance-record.ts';
import type { JobRecord, RunRecord } from '../core/job.ts';
import type { ApiPorts } from './ports.ts';
import type { RunCostView } from './schemas/cost.ts';

type CostPorts = Pick<ApiPorts, 'runs' | 'index' | 'instances' | 'clock'>;

/** Runs that are looked at for tasks on the same machines: the newest, as many as one request can read. */
const MOST_OTHER_RUNS = 50;
const NEWEST_RUNS = 200;

export async function runCost(run: RunRecord, records: readonly JobRecord[], ports: CostPorts): Promise<RunCostView> {
  const tasks = sumCosts(records.map(jobCost));
  const billed = await billedCost(run, records, ports);
  const dates = records.flatMap((record) => record.tasks.flatMap(({ where }) => (where === undefined ? [] : [where.priceDate])));
  return {
    taskUsd: tasks.usd,
    billedUsd: billed.usd,
    idleUsd: billed.idleUsd,
    soFarAtMs: billed.soFarAtMs,
    priceDate: dates.sort().at(-1) ?? null,
    jobsUsd: Object.fromEntries(records.map((record) => [record.jobId, jobCost(record).usd])),
    reason: tasks.reason ?? billed.reason,
  };
}

function unknownBill(reason: string): RunBill {
  return { usd: null, idleUsd: null, reason, soFarAtMs: null };
}

async function billedCost(run: RunRecord, records: readonly JobRecord[], ports: CostPorts): Promise<RunBill> {
  if (ports.instances === null) return unknownBill(ONE_MACHINE_REASON);
  if (run.finishedAtMs === null) return unknownBill('what the machines cost is known when the run is at its end');
  const tasks = billedTasks(run.runId, records);
  if (tasks.every(({ occupied }) => occupied === null)) return { usd: 0, idleUsd: 0, reason: null, soFarAtMs: null };
  const nowMs = ports.clock.nowMs();
  const instances = await ports.instances.listInstances({ fromMs: run.createdAtMs, toMs: run.finishedAtMs + 1 });
  const used = instances.filter(({ instanceId }) => tasks.some((task) => task.instanceId === instanceId));
  const others = await tasksOfOthers(run.runId, used, nowMs, ports);
  if (others === null) return unknownBill('too many other runs used the same machines at the same time to share their cost');
  const all = [...tasks, ...others];
  return runBill(run.runId, billOf(used, all, nowMs), all);
}

function billedTasks(runId: string, records: readonly JobRecord[]): BilledTask[] {
  return records.flatMap(({ tasks }) =>
    tasks.flatMap(({ where }) => (where === undefined ? [] : [{ runId, instanceId: where.instanceId, occupied: where.occupied }])),
  );
}

/** Tasks of runs that went on while these machines were there; null when there are more than can be read. */
async function tasksOfOthers(
  runId: string,
  used: readonly InstanceRecord[],
  nowMs: number,
  { index, runs }: CostPorts,
): Promise<BilledTask[] | null> {
  const fromMs = Math.min(...used.map(({ launchedAtMs }) => launchedAtMs));
  const untilMs = Math.max(...used.map(({ terminatedAtMs }) => terminatedAtMs ?? nowMs));
  const { items, cursor } = await index.newestRuns({ limit: NEWEST_RUNS, cursor: null });
  const oldest = items.at(-1);
  // A run that began before the oldest one seen could still have gone on: only its absence from the list is known.
  if (cursor !== null && oldest !== undefined && oldest.createdAtMs > fromMs) return null;
  const beside = items.filter((other) => other.runId !== runId && other.createdAtMs < untilMs && (other.finishedAtMs ?? nowMs) > fromMs);
  if (beside.length > MOST_OTHER_RUNS) return null;
  const tasks = await Promise.all(beside.map(async (other) => billedTasks(other.runId, await runs.listJobs(other.runId))));
  return tasks.flat();
}
