/** From a spec's load to a job's: durations in milliseconds, the number of arrivals, and the times of a trace. Called by plan.ts. */
import { canonicalJson, sha256Hex } from '../canonical-json.ts';
import { BakeoffError } from '../errors.ts';
import type { Load } from '../job.ts';
import { durationMs, type SpecLoad } from '../spec.ts';
import { cutTrace, drawSchedule, scheduleLabel } from './schedule.ts';

export interface FrozenLoad {
  readonly load: Load;
  /** To be stored under the load's `traceKey`; null for every other load. */
  readonly trace: { readonly timesMs: readonly number[] } | null;
}

export interface LoadContext {
  /** Items x repeats. */
  readonly samples: number;
  readonly specSeed: number;
  readonly traceKey: string;
}

/** Throws `load-sends-nothing` where the schedule has no arrival, and `trace-not-read` for times that were not put into the spec. */
export function freezeLoad(load: SpecLoad, context: LoadContext): FrozenLoad {
  const { warmup, warmupConcurrency, stream } = load;
  const common = { warmup, ...(warmupConcurrency === undefined ? {} : { warmupConcurrency }), ...(stream ? { stream } : {}) };
  switch (load.mode) {
    case 'closed': {
      const { mode, concurrency } = load;
      return { load: { mode, concurrency, ...common, ...timesOf(load) }, trace: null };
    }
    case 'offline':
      return { load: { mode: load.mode, maxInFlight: load.maxInFlight, ...common }, trace: null };
    case 'poisson':
    case 'constant': {
      const { mode, rate, maxInFlight, stopOnSaturation } = load;
      const rated = { mode, ratePerSecond: rate, maxInFlight, stopOnSaturation, ...common, ...timesOf(load) };
      const arrivals = someArrivals(drawSchedule(rated, context.samples, scheduleLabel(context.specSeed)).length);
      return { load: { ...rated, arrivals }, trace: null };
    }
    case 'trace': {
      const { mode, maxInFlight, stopOnSaturation } = load;
      const times = timesOf(load);
      const timesMs = cutTrace(recordedTimes(load), context.samples, times.durationMs);
      const trace = { timesMs };
      const key = { traceKey: context.traceKey, traceSha256: sha256Hex(canonicalJson(trace)) };
      return { load: { mode, maxInFlight, stopOnSaturation, ...common, ...times, arrivals: someArrivals(timesMs.length), ...key }, trace };
    }
  }
}

/** Only what was given. */
function timesOf(load: {
  readonly duration?: string | undefined;
  readonly ramp?: string | undefined;
  readonly grace?: string | undefined;
}) {
  return {
    ...(load.duration === undefined ? {} : { durationMs: durationMs(load.duration) }),
    ...(load.ramp === undefined ? {} : { rampMs: durationMs(load.ramp) }),
    ...(load.grace === undefined ? {} : { graceMs: durationMs(load.grace) }),
  };
}

function someArrivals(arrivals: number): number {
  if (arrivals > 0) return arrivals;
  throw new BakeoffError({
    code: 'load-sends-nothing',
    message: 'nothing is due within the duration of the load',
    remedy: 'Raise load.duration or load.rate.',
  });
}

function recordedTimes({ timesMs }: Extract<SpecLoad, { mode: 'trace' }>): readonly number[] {
  if (timesMs !== undefined) return timesMs;
  throw new BakeoffError({
    code: 'trace-not-read',
    message: 'the times of the trace lie in a file that was not read',
    remedy: 'Put them into the spec under load.timesMs.',
  });
}
