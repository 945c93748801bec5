/** The pauses between two looks at something that a server makes. Called by adapters of protocols that are polled; knows no protocol. */
import type { Switch } from '../http-client.ts';

const SHARE = 1 / 400;
const SHORTEST_MS = 20;
const LONGEST_MS = 500;

/**
 * A fourth of a percent of the time since the request went out, between 20 and 500 ms: whatever a job's median is, what took up to four times as
 * long is still known to 1 % of it, and a minute takes fewer than 800 looks.
 */
export function pauseBeforeLook(elapsedMs: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, elapsedMs * SHARE));
}

/** Ends early when the exchange is aborted. No exchange may be on its way: the switch has one listener. */
export function waitOrAbort(pauseMs: number, control: Switch): Promise<void> {
  if (control.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      control.onAbort = null;
      resolve();
    };
    const timer = setTimeout(end, pauseMs);
    control.onAbort = end;
  });
}
