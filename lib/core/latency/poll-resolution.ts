/**
 * Whether latencies that were found by polling are fine enough to be certified: each may be too long by the time between two looks. Called by
 * score-latency.ts.
 */
import { empiricalPercentile } from '../measures/percentile.ts';
import { countInfinite } from './latency-order.ts';

/** Share of the median latency that the coarsest resolution may take. */
const RESOLUTION_SHARE = 0.01;

/** Null where nothing was polled, or finely enough. @param latencies in order; the median is of those that were answered */
export function tooCoarse(resolutionMs: number | undefined, latencies: Float64Array): string | null {
  if (resolutionMs === undefined) return null;
  const medianMs = empiricalPercentile(latencies.subarray(0, latencies.length - countInfinite(latencies)), 5000);
  if (medianMs === null || resolutionMs <= RESOLUTION_SHARE * medianMs) return null;
  return `polled: a latency may be too long by ${inMs(resolutionMs)}, above 1 % of the median of ${inMs(medianMs)}`;
}

function inMs(value: number): string {
  return `${Number(value.toPrecision(3))} ms`;
}
