/**
 * What a frozen load will come to, before anything is sent: how many samples, for how long, and how many of them are measured. Pure; called by
 * `bakeoff plan`. What only the answers decide (how long a closed load takes) is null here.
 */
import type { Load, OpenLoad } from '../job.ts';
import { isOpenLoop } from './load-kind.ts';
import { drawSchedule, scheduleLabel } from './schedule.ts';

export interface OutlookInput {
  readonly load: Load;
  readonly itemCount: number;
  readonly repeats: number;
  readonly specSeed: number;
  /** Times of a load that follows a trace, already cut to its arrivals. */
  readonly traceTimesMs: readonly number[] | null;
}

export interface LoadOutlook {
  /** Samples that are sent; at most so many where a duration may end a closed load first. */
  readonly samples: number;
  /** Of those, the ones after the ramp; null where the answers decide. */
  readonly measured: number | null;
  /** Items with at least one sample: the units of chance. */
  readonly items: number;
  /** Open loop: when the first and the last request are due; null otherwise. */
  readonly firstDueMs: number | null;
  readonly lastDueMs: number | null;
  /** Arrivals a second, after the ramp; of a trace between its first and last. Null otherwise, and for a trace without a length. */
  readonly offeredPerSecond: number | null;
  /** Label of the random stream that draws the schedule; null where nothing is drawn. */
  readonly seedLabel: string | null;
  /** Repeats an item that would fill the duration; null where the samples last, or there is no duration. */
  readonly repeatsToLast: number | null;
}

export function loadOutlook(input: OutlookInput): LoadOutlook {
  const { load, itemCount, repeats } = input;
  if (!isOpenLoop(load)) {
    const isAll = load.mode === 'offline' || load.rampMs === undefined;
    return {
      ...{ samples: itemCount * repeats, measured: isAll ? itemCount * repeats : null, items: itemCount },
      ...{ firstDueMs: null, lastDueMs: null, offeredPerSecond: null, seedLabel: null, repeatsToLast: null },
    };
  }
  const times = load.mode === 'trace' ? (input.traceTimesMs ?? []) : drawSchedule(load, load.arrivals, scheduleLabel(input.specSeed));
  const [firstDueMs, lastDueMs] = [times.at(0) ?? null, times.at(-1) ?? null];
  return {
    samples: load.arrivals,
    measured: countFrom(times, load.mode === 'trace' ? 0 : (load.rampMs ?? 0)),
    items: Math.min(itemCount, load.arrivals),
    ...{ firstDueMs, lastDueMs },
    offeredPerSecond: load.mode === 'trace' ? rateBetween(times.length, firstDueMs, lastDueMs) : load.ratePerSecond,
    seedLabel: load.mode === 'poisson' ? scheduleLabel(input.specSeed) : null,
    repeatsToLast: repeatsToLast(load, input),
  };
}

/** Times ascend: those from `fromMs` on are the rest. */
function countFrom(times: ArrayLike<number>, fromMs: number): number {
  let early = 0;
  while (early < times.length && (times[early] ?? 0) < fromMs) early++;
  return times.length - early;
}

function rateBetween(count: number, firstMs: number | null, lastMs: number | null): number | null {
  return firstMs === null || lastMs === null || lastMs <= firstMs ? null : ((count - 1) * 1000) / (lastMs - firstMs);
}

/** More repeats than a spec can ask for are never needed to know that it is too few. */
const MOST_SAMPLES = 1_000_000;

function repeatsToLast(load: OpenLoad, { itemCount, repeats, specSeed }: OutlookInput): number | null {
  if (load.mode === 'trace' || load.durationMs === undefined || load.arrivals < itemCount * repeats) return null;
  const due = drawSchedule(load, MOST_SAMPLES, scheduleLabel(specSeed)).length;
  return due > load.arrivals ? Math.ceil(due / itemCount) : null;
}
