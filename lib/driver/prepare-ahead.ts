/**
 * Requests made before they are due, so that making one delays none: a bounded number, and a bounded number of bytes, for images travel
 * inside of them. Used by drive-schedule.ts.
 */
const MOST_AHEAD = 64;
const MOST_BYTES = 64 * 1024 * 1024;
/** Made at a time, when that means to wait for a file. */
const MOST_PENDING = 4;
/** Made in one turn of the event loop, between answers. */
const IN_A_TURN = 4;

export interface AheadOptions<Prepared> {
  readonly count: number;
  /** Called once for each index, in order. */
  readonly prepare: (index: number) => Prepared | Promise<Prepared>;
  readonly bytesOf: (prepared: Prepared) => number;
}

export interface Ahead<Prepared> {
  /** The next one, in order; a promise when it is not ready. Never called more than `count` times. */
  readonly take: () => Prepared | Promise<Prepared>;
  /** Resolves when as much is ready as may be. */
  readonly full: () => Promise<void>;
}

interface Entry<Prepared> {
  made: Prepared | Promise<Prepared>;
  bytes: number;
}

/** What is thrown is met by whoever takes it, like what is rejected. */
function tried<Prepared>(prepare: (index: number) => Prepared | Promise<Prepared>, index: number): Prepared | Promise<Prepared> {
  try {
    return prepare(index);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Nothing is made yet; the first call of either function begins. */
export function prepareAhead<Prepared>({ count, prepare, bytesOf }: AheadOptions<Prepared>): Ahead<Prepared> {
  const ready: Entry<Prepared>[] = [];
  const pending = new Set<Promise<void>>();
  let next = 0;
  let bytes = 0;
  let topping = false;
  const mayMake = (): boolean => next < count && ready.length < MOST_AHEAD && pending.size < MOST_PENDING && bytes < MOST_BYTES;
  const settle = (entry: Entry<Prepared>, made: Prepared): void => {
    entry.made = made;
    if (!ready.includes(entry)) return;
    entry.bytes = bytesOf(made);
    bytes += entry.bytes;
  };
  const make = (): void => {
    const made = tried(prepare, next);
    const entry: Entry<Prepared> = { made, bytes: 0 };
    next += 1;
    ready.push(entry);
    if (!(made instanceof Promise)) {
      settle(entry, made);
      return;
    }
    // A preparation that fails before its turn is not an unhandled rejection: whoever takes it meets it.
    const settled = made.then((value) => settle(entry, value)).catch(() => undefined);
    const done = settled.then(() => {
      pending.delete(done);
      topSoon();
    });
    pending.add(done);
  };
  const top = (): void => {
    topping = false;
    for (let made = 0; made < IN_A_TURN && mayMake(); made += 1) make();
    if (mayMake()) topSoon();
  };
  const topSoon = (): void => {
    if (topping) return;
    topping = true;
    setImmediate(top);
  };
  return {
    take: () => {
      if (ready.length === 0) make();
      const entry = ready.shift();
      if (entry === undefined) throw new Error('more requests were taken than there are');
      bytes -= entry.bytes;
      topSoon();
      return entry.made;
    },
    full: async () => {
      while (pending.size > 0 || mayMake()) {
        while (mayMake()) make();
        if (pending.size > 0) await Promise.race(pending);
      }
    },
  };
}
