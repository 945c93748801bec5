/**
 * How many requests of an open-loop load may be unanswered at a time. A slot is free again with the answer, not with what the driver
 * makes of it. Used by drive-schedule.ts for the requests that are due and by run-sample.ts for further tries.
 */
import type { Ending } from './grace.ts';

export interface Slots {
  readonly isFull: () => boolean;
  /** For a request that is due; ask `isFull` before. */
  readonly take: () => void;
  /** For a further try: before any request that has not been sent at all. Resolves without a slot when the load ends. */
  readonly enter: () => Promise<void>;
  readonly leave: () => void;
}

/** `onFree` is told of every slot that no further try has taken, and whether all were taken until then. */
export function slotsOf(limit: number, ending: Ending, onFree: (wasFull: boolean) => void): Slots {
  const waiting: (() => void)[] = [];
  let taken = 0;
  ending.onStop(() => {
    for (const go of waiting.splice(0)) go();
  });
  return {
    isFull: () => taken >= limit,
    take: () => {
      taken += 1;
    },
    enter: async () => {
      if (taken < limit) taken += 1;
      else if (ending.reason() === null) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    leave: () => {
      const next = waiting.shift();
      if (next !== undefined) {
        next();
        return;
      }
      const wasFull = taken >= limit;
      taken -= 1;
      onFree(wasFull);
    },
  };
}
