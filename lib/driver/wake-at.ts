/**
 * One alarm on the clock of `performance.now()`, for the next request that is due. Node's timers count whole milliseconds: 0.6 ms late in the
 * median, 1.0 to 1.9 in the 99th percentile. So the last millisecond is spent in turns of the event loop, which serves its sockets meanwhile:
 * 0.001 and 0.1 to 0.4 ms late, for 6 % of a core at 100 alarms a second and 43 % at 1,000. Used by drive-schedule.ts.
 */
const TURNS_MS = 1;
/** Timers take 31 bits of milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

export interface Alarm {
  /** In the place of the time set before. */
  readonly set: (at: number) => void;
  readonly clear: () => void;
}

/** Calls `ring` once for every time set, never before it. */
export function alarm(ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let turn: NodeJS.Immediate | undefined;
  const clear = (): void => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
  const set = (at: number): void => {
    clear();
    const leftMs = at - performance.now();
    if (leftMs > TURNS_MS) timer = setTimeout(() => set(at), Math.min(LONGEST_MS, leftMs - TURNS_MS));
    else turn = setImmediate(() => (performance.now() < at ? set(at) : ring()));
  };
  return { set, clear };
}
