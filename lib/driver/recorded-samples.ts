/**
 * The terminal state of every sample of a job, by ordinal: what earlier attempts recorded, and what this one adds.
 */
import { z } from 'zod';
import { sampleIdOf } from '../core/ids.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { PartName } from '../core/part-name.ts';
import { rowsOf } from './sample-parts.ts';

export interface RecordedSamples {
  readonly isTerminal: (ordinal: number) => boolean;
  readonly add: (ordinal: number, state: 'succeeded' | 'failed') => void;
  readonly succeeded: () => number;
  readonly failed: () => number;
  /** For the audit: notes a sample that was sent again, and whether it was. */
  readonly addResent: (sampleId: string) => void;
  readonly wasResent: (itemId: string, repeat: number) => boolean;
}

/** How long attempts sent and waited, milliseconds, by the measured rows that they left. */
export interface ActiveTime {
  readonly add: (row: Readonly<Record<string, unknown>>) => void;
  readonly totalMs: () => number;
}

/** No sample has an end yet; the first state of a sample stands. */
export function recordedSamples(planned: number): RecordedSamples {
  const states = new Uint8Array(planned);
  const counts = { succeeded: 0, failed: 0 };
  const resent = new Set<string>();
  return {
    isTerminal: (ordinal) => states[ordinal] !== 0,
    add: (ordinal, state) => {
      if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal >= planned || states[ordinal] !== 0) return;
      states[ordinal] = 1;
      counts[state] += 1;
    },
    succeeded: () => counts.succeeded,
    failed: () => counts.failed,
    addResent: (sampleId) => resent.add(sampleId),
    wasResent: (itemId, repeat) => resent.has(sampleIdOf(itemId, repeat)),
  };
}

/** In closed loop the scheduled time is that of the first try. */
const timesSchema = z.object({ scheduledMs: z.number(), doneMs: z.number() });

/** No attempt has sent anything yet. */
export function activeTime(): ActiveTime {
  const spans = new Map<unknown, { firstMs: number; lastMs: number }>();
  return {
    add: ({ attempt, timings }) => {
      const times = timesSchema.safeParse(timings);
      if (!times.success) return;
      const { scheduledMs, doneMs } = times.data;
      const { firstMs, lastMs } = spans.get(attempt) ?? { firstMs: scheduledMs, lastMs: doneMs };
      spans.set(attempt, { firstMs: Math.min(firstMs, scheduledMs), lastMs: Math.max(lastMs, doneMs) });
    },
    totalMs: () => [...spans.values()].reduce((sum, { firstMs, lastMs }) => sum + lastMs - firstMs, 0),
  };
}

/** Adds the rows of stage infer that lie in the store, first part first; warm-up rows count for nothing. */
export async function addRecorded(
  recorded: RecordedSamples,
  objects: ObjectStore,
  parts: readonly PartName[],
  active?: ActiveTime,
): Promise<void> {
  for await (const row of rowsOf(objects, parts)) {
    if (typeof row.resendOf === 'string') recorded.addResent(row.resendOf);
    if (row.warmup === false && typeof row.ordinal === 'number' && (row.state === 'succeeded' || row.state === 'failed')) {
      recorded.add(row.ordinal, row.state);
      active?.add(row);
    }
  }
}
