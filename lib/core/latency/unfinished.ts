/**
 * Why the order of a job's latencies is not whole. A stop by deadline or cancel drops what is under way, and that is what takes longest: without it
 * no share and no bound holds. Used by score-latency.ts and the files beside it.
 */
import type { JobColumns } from '../columns.ts';
import { countNoun } from '../count-noun.ts';
import type { Load } from '../job.ts';
import { isOpenLoop } from '../load/load-kind.ts';

/** Null where every sample that was due has its end; in open loop, where every arrival was sent at its time and has its end. */
export function unfinishedOf({ state, load: measured }: Pick<JobColumns, 'state' | 'load'>, load: Load): string | null {
  if (isOpenLoop(load)) return measured?.schedule == null ? null : unsentOf(measured.schedule.lagMs, load.arrivals);
  const missing = state.reduce((count, value) => (value === 0 ? count + 1 : count), 0);
  return missing === 0 ? null : `${countNoun(missing, 'sample')} without an end may have been the slowest`;
}

function unsentOf(lagMs: Float64Array, arrivals: number): string | null {
  const sent = lagMs.reduce((count, lag) => (Number.isNaN(lag) ? count : count + 1), 0);
  return sent < arrivals ? `${arrivals - sent} of ${arrivals} arrivals were not sent at their time or have no end` : null;
}
