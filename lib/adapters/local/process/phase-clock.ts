/**
 * Splits a stretch of time into named phases without a gap: entering one ends the last. Their sum is the whole.
 */
export interface PhaseClock {
  readonly enter: (phase: string) => void;
  /** Milliseconds by phase, in order of entry. */
  readonly end: () => Record<string, number>;
}

export function phaseClock(first: string): PhaseClock {
  const phasesMs: Record<string, number> = {};
  let phase = first;
  let sinceMs = performance.now();
  const settle = () => {
    const nowMs = performance.now();
    phasesMs[phase] = (phasesMs[phase] ?? 0) + nowMs - sinceMs;
    sinceMs = nowMs;
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
