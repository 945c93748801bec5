/**
 * Waits between tries of what lost against a concurrent writer: exponential with full jitter, so that the losers do not meet again
 * (AWS Architecture Blog, "Exponential backoff and jitter"). For the stores on AWS; throttling is the SDK's own business.
 */
import { setTimeout as pause } from 'node:timers/promises';

const FIRST_MS = 20;
const LONGEST_MS = 1_000;

/** After the nth try (from 1) failed: up to 20 ms, 40 ms, … 1 s. */
export function backoff(tries: number): Promise<void> {
  return pause(Math.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** (tries - 1)));
}
