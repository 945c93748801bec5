/** The clock of this machine: the only one that runs by itself, and what waits by it. */
import type { Clock } from '../core/ports.ts';

export const systemClock: Clock = { nowMs: () => Date.now() };

/** At least so long; holds the process. */
export const sleep = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs));
