/** What kind of load a job has, for everyone who only needs to know that: driver, scoring, report. */
import { canonicalJson } from '../canonical-json.ts';
import type { Load, OpenLoad } from '../job.ts';

/** Requests go out by a schedule, whatever the server does; latency counts from the scheduled time. */
export function isOpenLoop(load: Load): load is OpenLoad {
  return load.mode === 'poisson' || load.mode === 'constant' || load.mode === 'trace';
}

/** Most requests that are unanswered at a time. */
export function mostInFlight(load: Load): number {
  return load.mode === 'closed' ? load.concurrency : load.maxInFlight;
}

/** Samples that the load means to send, of so many. */
export function plannedSamples(load: Load, samples: number): number {
  return isOpenLoop(load) ? load.arrivals : samples;
}

/** Whether two jobs, of one run or of two, were driven alike. Where a run keeps the times of its trace is no part of that; their digest is. */
export function isSameLoad(a: Load, b: Load): boolean {
  return canonicalJson({ ...a, traceKey: undefined }) === canonicalJson({ ...b, traceKey: undefined });
}
