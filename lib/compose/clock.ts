/** The clock of this machine: the only one that runs by itself. */
import type { Clock } from '../core/ports.ts';

export const systemClock: Clock = { nowMs: () => Date.now() };
