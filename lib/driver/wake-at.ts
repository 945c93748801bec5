/**
 * One alarm on the clock of `performance.now()`, for the next request that is due. A timer of Node counts whole milliseconds and is late by
 * 0.6 ms as a rule; so the last one is spent in turns of the event loop, which serves its sockets meanwhile: 1 µs late as a rule, for half a
 * millisecond of processor time an alarm (4 % of a core at 100 a second, 36 % at 1,000; measured on two cores).
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
