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

/**
 * The phases with one of them split into its parts. What the parts do not cover stays under the old name, and parts that claim more
 * than there was are scaled down, so that the sum is unchanged.
 */
export function splitPhase(
  phasesMs: Readonly<Record<string, number>>,
  phase: string,
  partsMs: Readonly<Record<string, number>>,
): Record<string, number> {
  const wholeMs = phasesMs[phase] ?? 0;
  const claimedMs = Object.values(partsMs).reduce((sum, each) => sum + each, 0);
  const scale = claimedMs > wholeMs ? wholeMs / claimedMs : 1;
  const entries = Object.entries(phasesMs).flatMap(([name, ms]): [string, number][] => {
    if (name !== phase) return [[name, ms]];
    const parts = Object.entries(partsMs).map(([part, partMs]): [string, number] => [part, partMs * scale]);
    return [...parts, [phase, Math.max(0, wholeMs - claimedMs * scale)]];
  });
  return Object.fromEntries(entries);
}
