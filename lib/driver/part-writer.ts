/**
 * Collects rows and writes them in part files: at most 256 rows or 2 seconds, each put whole and without overwrite. A row is durable
 * when its part's put has resolved. Used by both stages; knows nothing of what a row means.
 */
import type { ObjectStore } from '../core/ports.ts';

const MAX_PART_ROWS = 256;
/** Rows this old are written; with the sweep's period and the write itself they are durable within 2 s. */
const MAX_AGE_MS = 1_500;
const SWEEP_MS = 100;
/** Parts on their way at once; whoever adds beyond that waits. */
const MAX_WRITES = 4;

/** Another driver has written a part of this attempt. */
export class PartTaken extends Error {}

export interface PartWriter {
  /** Waits only when the store is slower than the load; rejects once a write failed. The row must not change afterwards. */
  readonly add: (row: object, rows: number) => void | Promise<void>;
  /** Writes what is held and waits for all; rejects when any write failed. */
  readonly flush: () => Promise<void>;
  /** Rows known durable, counted as `add` was told. */
  readonly durableRows: () => number;
  readonly close: () => void;
}

export interface PartWriterOptions {
  readonly objects: ObjectStore;
  readonly keyOf: (n: number) => string;
  readonly firstN: number;
  /** Called once, with the first write that failed. */
  readonly onFailure: (error: unknown) => void;
}

/** Writes parts `keyOf(firstN)`, `keyOf(firstN + 1)`, …; a part that exists already is a failure, never overwritten. */
export function partWriter(options: PartWriterOptions): PartWriter {
  const writes = new Set<Promise<void>>();
  let held: object[] = [];
  let counted = 0;
  let since = 0;
  let n = options.firstN;
  let durable = 0;
  let failure: { readonly error: unknown } | null = null;

  const fail = (error: unknown): void => {
    if (failure !== null) return;
    failure = { error };
    options.onFailure(error);
  };
  const writeHeld = (): void => {
    if (held.length === 0 || failure !== null) return;
    // Made into text here and not one by one: a row costs microseconds, which would stand in the way of the next answer.
    const body = held.map((row) => `${JSON.stringify(row)}\n`).join('');
    const rows = counted;
    const key = options.keyOf(n);
    held = [];
    counted = 0;
    n += 1;
    const write = options.objects
      .put(key, body, { ifAbsent: true })
      .then((written) => {
        if (written) durable += rows;
        else fail(new PartTaken(`${key} exists already`));
      }, fail)
      .finally(() => writes.delete(write));
    writes.add(write);
  };
  const sweep = setInterval(() => {
    if (held.length > 0 && performance.now() - since >= MAX_AGE_MS) writeHeld();
  }, SWEEP_MS);
  const room = async (): Promise<void> => {
    while (failure === null && writes.size >= MAX_WRITES) await Promise.race(writes);
    if (failure !== null) throw failure.error;
  };
  return {
    add: (row, rows) => {
      if (held.length === 0) since = performance.now();
      held.push(row);
      counted += rows;
      if (held.length >= MAX_PART_ROWS) writeHeld();
      if (failure !== null || writes.size >= MAX_WRITES) return room();
    },
    flush: async () => {
      writeHeld();
      await Promise.all(writes);
      if (failure !== null) throw failure.error;
    },
    durableRows: () => durable,
    close: () => clearInterval(sweep),
  };
}
