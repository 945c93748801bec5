/**
 * What EC2 bills for the machines of the fleet, from launch to termination, and how much of it is idle: no task held the machine. Split
 * over runs by their tasks' time on each machine. Pure; the caller brings the instances of a period and the tasks that ran on them.
 */
import { costAt, usdOf } from './cost.ts';
import { type HourlyPrice, INSTANCE_TYPES, priceOf } from './instance-catalogue.ts';
import type { InstanceRecord } from './instance-record.ts';
import type { TaskPlace } from './job.ts';

/** EC2 On-Demand pricing: Linux instances are billed by the second, a minute at least. */
const MIN_BILLED_SECONDS = 60;

/** A task as the bill sees it; tasks without a machine or an instance id are told apart. */
export interface BilledTask {
  readonly runId: string;
  readonly instanceId: string | null;
  readonly occupied: TaskPlace['occupied'];
}

export interface InstanceBill {
  readonly instanceId: string;
  readonly className: string | null;
  readonly instanceType: string;
  readonly market: InstanceRecord['market'];
  /** Billed time, seconds. */
  readonly seconds: number;
  /** Of it, seconds in which a task held the machine. */
  readonly taskSeconds: number;
  readonly idleSeconds: number;
  readonly usd: number | null;
  readonly idleUsd: number | null;
  /** Why the dollars are null. */
  readonly reason: string | null;
  /** The machine is still there: the figures grow. */
  readonly isOpen: boolean;
  /** Dollars by run. They sum up to `usd`, unless no task held the machine: then nobody's run is charged. Empty where `usd` is null. */
  readonly usdByRun: ReadonlyMap<string, number>;
}

export interface Bill {
  readonly instances: readonly InstanceBill[];
  readonly seconds: number;
  /** Null where one machine has no price. */
  readonly usd: number | null;
  readonly idleUsd: number | null;
  readonly reason: string | null;
  /** The instant up to which open machines were counted; null when all have ended and the figures are final. */
  readonly soFarAtMs: number | null;
  readonly usdByRun: ReadonlyMap<string, number>;
  /** Of `usd`, what no run's task can be charged with. */
  readonly unattributedUsd: number | null;
}

/** Price of a class at which its time is billed; injected so that a bill can be computed at another sheet's prices. */
export type PriceOfInstance = (instance: Pick<InstanceRecord, 'instanceType' | 'market'>) => Pick<HourlyPrice, 'usdPerHour' | 'reason'>;

/** By the price sheet that comes with this version. */
function cataloguePrice({ instanceType, market }: Pick<InstanceRecord, 'instanceType' | 'market'>) {
  const type = INSTANCE_TYPES.get(instanceType);
  return type === undefined ? { usdPerHour: null, reason: `${instanceType} is not in the price sheet` } : priceOf(type, market);
}

/**
 * The bill of some machines up to `nowMs`. Seconds of a machine: max(60, end - launch), where `end` is its termination or, while it is
 * there, now. A run's share: the machine's dollars x (the run's task-seconds on it / all task-seconds on it), so that whoever used the
 * machine pays for its idle time too.
 */
export function billOf(
  instances: readonly InstanceRecord[],
  tasks: readonly BilledTask[],
  nowMs: number,
  priceOfInstance: PriceOfInstance = cataloguePrice,
): Bill {
  const byInstance = Map.groupBy(tasks, ({ instanceId }) => instanceId);
  const bills = instances.map((instance) => {
    return instanceBill(instance, byInstance.get(instance.instanceId) ?? [], nowMs, priceOfInstance(instance));
  });
  const usdByRun = new Map<string, number>();
  for (const bill of bills) {
    for (const [runId, usd] of bill.usdByRun) usdByRun.set(runId, (usdByRun.get(runId) ?? 0) + usd);
  }
  const unused = bills.filter((bill) => bill.taskSeconds === 0);
  return {
    instances: bills,
    seconds: bills.reduce((sum, { seconds }) => sum + seconds, 0),
    usd: sumOrNull(bills.map(({ usd }) => usd)),
    idleUsd: sumOrNull(bills.map(({ idleUsd }) => idleUsd)),
    reason: bills.find(({ reason }) => reason !== null)?.reason ?? null,
    soFarAtMs: bills.some(({ isOpen }) => isOpen) ? nowMs : null,
    usdByRun,
    unattributedUsd: sumOrNull(unused.map(({ usd }) => usd)),
  };
}

function instanceBill(
  instance: InstanceRecord,
  tasks: readonly BilledTask[],
  nowMs: number,
  price: Pick<HourlyPrice, 'usdPerHour' | 'reason'>,
): InstanceBill {
  const { instanceId, className, instanceType, market, launchedAtMs, terminatedAtMs } = instance;
  const endMs = Math.max(launchedAtMs, terminatedAtMs ?? nowMs);
  const seconds = Math.max(MIN_BILLED_SECONDS, (endMs - launchedAtMs) / 1000);
  const secondsByRun = new Map<string, number>();
  for (const { runId, occupied } of tasks) {
    const taskSeconds = occupied === null ? 0 : overlapSeconds(occupied, launchedAtMs, endMs);
    if (taskSeconds > 0) secondsByRun.set(runId, (secondsByRun.get(runId) ?? 0) + taskSeconds);
  }
  const claimed = [...secondsByRun.values()].reduce((sum, value) => sum + value, 0);
  // One task holds a machine at a time; times of two clocks may still overlap by a moment.
  const taskSeconds = Math.min(seconds, claimed);
  const { usd, reason } = costAt(seconds, price);
  const idleSeconds = seconds - taskSeconds;
  return {
    ...{ instanceId, className, instanceType, market, seconds, taskSeconds, idleSeconds, usd, reason },
    idleUsd: price.usdPerHour === null ? null : usdOf(idleSeconds, price.usdPerHour),
    isOpen: terminatedAtMs === null,
    usdByRun: new Map(usd === null ? [] : [...secondsByRun].map(([runId, value]) => [runId, (usd * value) / claimed])),
  };
}

/** Seconds of a task within a machine's life: clocks of ECS and EC2 differ by a moment. */
function overlapSeconds({ fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number }, launchMs: number, endMs: number) {
  return Math.max(0, Math.min(untilMs, endMs) - Math.max(fromMs, launchMs)) / 1000;
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}

export interface RunBill {
  /** What the machines of this run's tasks cost, idle time included. */
  readonly usd: number | null;
  /** `usd` less the run's own task-seconds at the price of their machines. */
  readonly idleUsd: number | null;
  readonly reason: string | null;
  /** Set while a machine of the run is still there. */
  readonly soFarAtMs: number | null;
}

/**
 * One run's part of a bill. Null with a reason where the machine of one of its tasks is not known, has no record or no price: the rest
 * would look like the whole.
 */
export function runBill(runId: string, bill: Bill, tasks: readonly BilledTask[]): RunBill {
  const own = tasks.filter((task) => task.runId === runId && task.occupied !== null);
  const used = bill.instances.filter(({ instanceId }) => own.some((task) => task.instanceId === instanceId));
  const soFarAtMs = used.some(({ isOpen }) => isOpen) ? bill.soFarAtMs : null;
  const known = new Set(used.map(({ instanceId }) => instanceId));
  const lost = own.filter(({ instanceId }) => instanceId === null || !known.has(instanceId)).length;
  const reason =
    lost > 0 ? `the machine of ${lost} of ${own.length} tasks is not recorded` : (used.find((one) => one.reason !== null)?.reason ?? null);
  if (reason !== null) return { usd: null, idleUsd: null, reason, soFarAtMs };
  const usd = used.reduce((sum, { usdByRun }) => sum + (usdByRun.get(runId) ?? 0), 0);
  const idleUsd = used.reduce((sum, one) => {
    const share = one.usd === null || one.usd === 0 ? 0 : (one.usdByRun.get(runId) ?? 0) / one.usd;
    return sum + (one.idleUsd ?? 0) * share;
  }, 0);
  return { usd, idleUsd, reason: null, soFarAtMs };
}
