/**
 * Splits a stretch of time into named phases without a gap: entering one ends the last. Their sum is the whole.
 */
export interface PhaseClock {
  readonly enter: (phase: string) => void;
  /** Milliseconds by phase, in order of entry. */
  readonly end: () => Record<string, number>;
}

/** `nowMs`: any clock that never goes back. */
export function phaseClock(first: string, nowMs: () => number = () => performance.now()): PhaseClock {
  const phasesMs: Record<string, number> = {};
  let phase = first;
  let sinceMs = nowMs();
  const settle = () => {
    const untilMs = nowMs();
    phasesMs[phase] = (phasesMs[phase] ?? 0) + untilMs - sinceMs;
    sinceMs = untilMs;
  };
  return {
    enter: (next) => {
      settle();
      phase = next;
    },
    end: () => {
      settle();
      return phasesMs;
    },
  };
}
