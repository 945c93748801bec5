/** How often a watch looks: each look is a request that somebody pays for. Pure; watch.ts waits. */

const LEAST_MS = 2_000;
const MOST_MS = 15_000;
const GROWTH = 1.25;

/** 2 s, then a quarter more each time, up to 15 s; null begins again, after something happened. An hour of watching is some 250 looks. */
export function nextWaitMs(previousMs: number | null): number {
  return previousMs === null ? LEAST_MS : Math.min(MOST_MS, Math.round(previousMs * GROWTH));
}
