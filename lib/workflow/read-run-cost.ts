/**
 * Reads what a run's cost is computed from: its job records, the machines of its time, and the tasks of other runs on the same machines.
 * Called by the API on AWS and by the Report step; one machine has no instances and is not billed.
 */
import type { JobRecord, RunRecord } from '../core/job.ts';
import type { Clock, InstanceStore, RunStore } from '../core/ports.ts';
import { billedTasks, type RunCost, runCost } from '../core/run-cost.ts';

export interface RunCostPorts {
  readonly runs: Pick<RunStore, 'listJobs' | 'listRuns'>;
  readonly instances: Pick<InstanceStore, 'listInstances'>;
  readonly clock: Clock;
}

/** Of the newest runs, those whose time meets this run's are asked for their tasks; older ones are not looked for. */
const NEWEST_RUNS = 100;

/** `videoSeconds` of all answers, where the caller has read them. Throws what the stores throw. */
export async function readRunCost(run: RunRecord, ports: RunCostPorts, videoSeconds: number | null = null): Promise<RunCost> {
  const { runs, instances, clock } = ports;
  const jobs = await runs.listJobs(run.runId);
  const nowMs = clock.nowMs();
  const period = occupiedPeriod(jobs);
  const known = { runId: run.runId, jobs, videoSeconds, nowMs };
  if (period === null) return runCost({ ...known, instances: [], othersTasks: [] });
  const machines = await instances.listInstances(period);
  const used = new Set(billedTasks(run.runId, jobs).map(({ instanceId }) => instanceId));
  const own = machines.filter(({ instanceId }) => used.has(instanceId));
  // A machine outlives the tasks of a run: whoever used it before or after pays a part of it too.
  const fromMs = Math.min(period.fromMs, ...own.map(({ launchedAtMs }) => launchedAtMs));
  const toMs = Math.max(period.toMs, ...own.map(({ terminatedAtMs }) => terminatedAtMs ?? nowMs));
  const others = (await runs.listRuns(NEWEST_RUNS)).filter(
    (other) => other.runId !== run.runId && other.createdAtMs < toMs && (other.finishedAtMs ?? nowMs) >= fromMs,
  );
  const othersTasks = [];
  for (const other of others) othersTasks.push(...billedTasks(other.runId, await runs.listJobs(other.runId)));
  return runCost({ ...known, instances: own, othersTasks });
}

/** From the first to the last moment that a task held a machine; null when none did. */
function occupiedPeriod(jobs: readonly JobRecord[]): { readonly fromMs: number; readonly toMs: number } | null {
  const times = jobs.flatMap(({ tasks }) => tasks.flatMap(({ where }) => where?.occupied ?? []));
  if (times.length === 0) return null;
  return { fromMs: Math.min(...times.map(({ fromMs }) => fromMs)), toMs: Math.max(...times.map(({ untilMs }) => untilMs)) + 1 };
}
