/**
 * How well the driver kept an open-loop schedule. Without that an open loop is a slow closed one: a driver that sends late, or waits for the
 * server, spares it the load and itself the latencies (coordinated omission). Called by score-latency.ts.
 */
import type { ScheduleColumns } from '../columns.ts';
import { countNoun } from '../count-noun.ts';
import type { OpenLoad } from '../job.ts';
import { empiricalPercentile } from '../measures/percentile.ts';
import type { ScheduleScore } from '../scores.ts';
import { countInfinite, sortedValues } from './latency-order.ts';

/** What a timer may be late without being told. */
const LAG_FLOOR_MS = 2;
/** Share of the median latency, or time to the first piece, that p99 of the lag may take. */
const LAG_SHARE = 0.01;

/**
 * @param unfinished why not every arrival was sent at its time (unfinished.ts); null where all were
 * @param orders latencies, and times to the first piece of a stream, each in order; the limit is a share of the smaller median of those that were
 * answered, so that failures never raise it
 */
export function scoreSchedule(
  schedule: ScheduleColumns,
  load: OpenLoad,
  unfinished: string | null,
  orders: readonly Float64Array[],
): ScheduleScore {
  const lags = sortedValues(schedule.lagMs);
  const lagP99Ms = empiricalPercentile(lags, 9900);
  const medians = orders.map((order) => empiricalPercentile(order.subarray(0, order.length - countInfinite(order)), 5000) ?? 0);
  const limitMs = Math.max(LAG_FLOOR_MS, LAG_SHARE * Math.min(...medians));
  const faults = [
    ...(unfinished === null ? [] : [unfinished]),
    ...(schedule.held > 0 ? [`maxInFlight (${load.maxInFlight}) held ${countNoun(schedule.held, 'request')} back`] : []),
    ...(lagP99Ms !== null && lagP99Ms > limitMs ? [`p99 of sent - scheduled is ${inMs(lagP99Ms)}, above ${inMs(limitMs)}`] : []),
  ];
  return {
    seedLabel: schedule.seedLabel,
    offeredPerSecond: offeredRate(schedule, load, lags.length),
    arrivals: load.arrivals,
    sent: lags.length,
    lagMedianMs: empiricalPercentile(lags, 5000),
    lagP99Ms,
    lagMaxMs: lags.at(-1) ?? null,
    held: schedule.held,
    kept: faults.length === 0,
    reason: faults.length === 0 ? null : faults.join('; '),
  };
}

/** The rate of the process; of a trace, what was due by the time between its first and last arrival. */
function offeredRate({ firstDueMs, lastDueMs }: ScheduleColumns, load: OpenLoad, sent: number): number | null {
  if (load.mode !== 'trace') return load.ratePerSecond;
  return lastDueMs > firstDueMs ? ((sent - 1) * 1000) / (lastDueMs - firstDueMs) : null;
}

function inMs(value: number): string {
  return `${Number(value.toPrecision(3))} ms`;
}
