/**
 * The terminal state of every sample of a job, by ordinal: what earlier attempts recorded, and what this one adds.
 */
import type { ObjectStore } from '../core/ports.ts';
import type { PartName } from '../core/part-name.ts';
import { rowsOf } from './sample-parts.ts';

export interface RecordedSamples {
  readonly isTerminal: (ordinal: number) => boolean;
  readonly add: (ordinal: number, state: 'succeeded' | 'failed') => void;
  readonly succeeded: () => number;
  readonly failed: () => number;
}

/** No sample has an end yet; the first state of a sample stands. */
export function recordedSamples(planned: number): RecordedSamples {
  const states = new Uint8Array(planned);
  const counts = { succeeded: 0, failed: 0 };
  return {
    isTerminal: (ordinal) => states[ordinal] !== 0,
    add: (ordinal, state) => {
      if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal >= planned || states[ordinal] !== 0) return;
      states[ordinal] = 1;
      counts[state] += 1;
    },
    succeeded: () => counts.succeeded,
    failed: () => counts.failed,
  };
}

/** Adds the rows of stage infer that lie in the store, first part first; warm-up rows count for nothing. */
export async function addRecorded(recorded: RecordedSamples, objects: ObjectStore, parts: readonly PartName[]): Promise<void> {
  for await (const row of rowsOf(objects, parts)) {
    if (row.warmup === false && typeof row.ordinal === 'number' && (row.state === 'succeeded' || row.state === 'failed')) {
      recorded.add(row.ordinal, row.state);
    }
  }
}
