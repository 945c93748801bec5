/**
 * What a planned run would cost on a class, by the formulas that count what it did cost (cost.ts). Pure; called by `bakeoff plan --class`.
 * The time comes from earlier runs and is that of the machine they ran on: another class may be faster or slower.
 */
import { type Cost, costAt } from './cost.ts';
import type { FleetClass } from './fleet.ts';
import { type HourlyPrice, INSTANCE_TYPES, type Market, priceOf } from './instance-catalogue.ts';

/** ECS cluster auto scaling: the first scale-out from zero starts two machines; an idle one goes 15 minutes after its last task. */
export const SCALING = { firstMachines: 2, idleSeconds: 900 } as const;

export interface CostForecast {
  readonly className: string;
  readonly instanceType: string;
  readonly market: Market;
  readonly price: HourlyPrice;
  /** The tasks' own time at the price of the class. */
  readonly task: Cost;
  /** With the idle time that scaling from zero and back brings, where nothing else uses the class. */
  readonly billed: Cost;
}

/** `seconds`: expected time of all tasks; null, with a reason, where no earlier run tells. Throws a plain Error for an unknown type. */
export function forecastCost(
  time: { readonly seconds: number | null; readonly reason: string | null },
  fleetClass: FleetClass,
): CostForecast {
  const { name: className, instanceType, market, maxInstances } = fleetClass;
  const type = INSTANCE_TYPES.get(instanceType);
  if (type === undefined) throw new Error(`${instanceType} is not in the catalogue`);
  const price = priceOf(type, market);
  const idleSeconds = Math.min(SCALING.firstMachines, maxInstances) * SCALING.idleSeconds;
  const at = (extraSeconds: number): Cost =>
    time.seconds === null ? { seconds: null, usd: null, reason: time.reason } : costAt(time.seconds + extraSeconds, price);
  return { className, instanceType, market, price, task: at(0), billed: at(idleSeconds) };
}
