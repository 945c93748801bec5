/**
 * The schedule of an open-loop load: when each request is due, drawn before the clock starts from a published seed. Pure: plan, driver and
 * report draw the same. What is done at those times is the driver's.
 */
import { createRandomStream } from '../measures/random.ts';

/** Two to the 32nd: how many values a draw has. */
const DRAWS = 4294967296;

export interface RatedLoad {
  readonly mode: 'poisson' | 'constant';
  readonly ratePerSecond: number;
  /** The rate rises from 0 over this time. */
  readonly rampMs?: number | undefined;
  /** Nothing is due later. */
  readonly durationMs?: number | undefined;
}

/** Label of the random stream behind a spec's schedule: equal for every job of a run. */
export function scheduleLabel(specSeed: number): string {
  return `schedule/${specSeed}`;
}

/**
 * Milliseconds from the start, ascending, at most `limit` of them. Poisson: exponential gaps -ln((draw + 0.5) / 2^32) of a process of rate 1,
 * brought to the wanted rate by the inverse of its expected count (Çinlar, Introduction to Stochastic Processes, 1975); so a ramp thins nothing
 * and draws one number an arrival. Constant: the times at which the expected count is 0, 1, 2, …
 */
export function drawSchedule(load: RatedLoad, limit: number, label: string): Float64Array {
  const endMs = load.durationMs ?? Number.POSITIVE_INFINITY;
  const times = new Float64Array(limit);
  const draws = new Uint32Array(load.mode === 'poisson' ? limit : 0);
  createRandomStream(label).fill(draws);
  let expected = 0;
  for (let index = 0; index < limit; index++) {
    if (load.mode === 'constant') expected = index;
    else expected -= Math.log(((draws[index] ?? 0) + 0.5) / DRAWS);
    const dueMs = timeOfCount(load, expected);
    if (dueMs > endMs) return times.slice(0, index);
    times[index] = dueMs;
  }
  return times;
}

/** When so many arrivals are expected: the inverse of rate x t² / (2 ramp) within the ramp and of rate x (t - ramp / 2) after it. */
function timeOfCount({ ratePerSecond, rampMs = 0 }: RatedLoad, count: number): number {
  const perMs = ratePerSecond / 1000;
  return count < (perMs * rampMs) / 2 ? Math.sqrt((2 * count * rampMs) / perMs) : rampMs / 2 + count / perMs;
}

/** Of recorded times, those that are sent: at most `limit`, none later than the duration. */
export function cutTrace(timesMs: readonly number[], limit: number, durationMs: number | undefined): readonly number[] {
  const endMs = durationMs ?? Number.POSITIVE_INFINITY;
  const late = timesMs.findIndex((timeMs) => timeMs > endMs);
  return timesMs.slice(0, Math.min(limit, late === -1 ? timesMs.length : late));
}
