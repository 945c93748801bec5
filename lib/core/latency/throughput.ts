/** How much a job answered over the time in which it was at work. Called by score-latency.ts. */
import { type JobColumns, SUCCEEDED } from '../columns.ts';

/** Summed over attempts, first request (open loop: first due) to last answer, warm-up and ramp left out. */
export function activeTimeMs({ spans }: JobColumns): number {
  let activeMs = 0;
  for (const span of spans) activeMs += Math.max(0, span.lastDoneMs - span.firstSentMs);
  return activeMs;
}

/** Answers within that time: all that succeeded where the load leaves none out. */
export function answersOf({ load, state }: JobColumns): number {
  if (load !== undefined) return load.succeeded;
  let succeeded = 0;
  for (const value of state) if ((value & SUCCEEDED) !== 0) succeeded++;
  return succeeded;
}

/** Per second; null where no time passed. */
export function perSecond(count: number, activeMs: number): number | null {
  return activeMs > 0 ? (count * 1000) / activeMs : null;
}
