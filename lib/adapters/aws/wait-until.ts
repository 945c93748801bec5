/** Waits for something in AWS to come true, looking at it now and then. Called by the steps of a teardown. */

export interface Pace {
  readonly everyMs: number;
  readonly sleep: (durationMs: number) => Promise<void>;
  readonly nowMs: () => number;
}

/** True as soon as `check` is; false when it was not within `atMostMs`. */
export async function waitUntil(check: () => Promise<boolean>, atMostMs: number, pace: Pace): Promise<boolean> {
  const endMs = pace.nowMs() + atMostMs;
  for (;;) {
    if (await check()) return true;
    if (pace.nowMs() + pace.everyMs > endMs) return false;
    await pace.sleep(pace.everyMs);
  }
}
