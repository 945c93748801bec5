/**
 * Which samples a load meant to send: the first so many in order of issue. The others are neither planned nor gaps. Called by
 * lib/workflow once all rows are read.
 */
import { NOT_DUE } from '../columns.ts';
import type { Job } from '../job.ts';
import { plannedSamples } from '../load/load-kind.ts';
import type { SampleRow } from '../sample.ts';

type JobShape = Pick<Job, 'itemCount' | 'repeats' | 'load'>;

/** Time between the last answer and the end of the load: an answer's files are stored before its lane takes the next sample. */
const LEAST_SLACK_MS = 1000;
const SLACK_SHARE = 0.01;
/** Of a load that is shorter than that, so that a stop at its beginning is still seen. */
const MOST_SLACK_SHARE = 0.5;

/** The slot of a place in the order of issue: every item's repeat 0, then every item's repeat 1, … */
export function slotAtPlace(place: number, { itemCount, repeats }: JobShape): number {
  return (place % itemCount) * repeats + Math.floor(place / itemCount);
}

/**
 * How many samples were due. Closed loop: all, or with a `duration` that is over those up to the last with a row; that it is over shows in the
 * time for which rows say that the load went on. A stop for another reason before that leaves samples missing.
 * @param activeMs of all attempts (createActiveTime)
 */
export function dueSamples(state: Uint8Array, job: JobShape, activeMs: number): number {
  const planned = plannedSamples(job.load, state.length);
  if (job.load.mode !== 'closed' || job.load.durationMs === undefined) return planned;
  const { durationMs } = job.load;
  const slackMs = Math.min(MOST_SLACK_SHARE * durationMs, Math.max(LEAST_SLACK_MS, SLACK_SHARE * durationMs));
  if (activeMs < durationMs - slackMs) return planned;
  let due = state.length;
  while (due > 0 && state[slotAtPlace(due - 1, job)] === 0) due--;
  return due;
}

export interface ActiveTime {
  readonly note: (row: SampleRow) => void;
  /** Milliseconds from first sent to last answered, summed over attempts, ramps included: what a duration is used up by. */
  readonly totalMs: () => number;
}

export function createActiveTime(): ActiveTime {
  const spans = new Map<number, { readonly fromMs: number; readonly toMs: number }>();
  return {
    note: ({ attempt, timings }) => {
      if (timings === null) return;
      const { fromMs, toMs } = spans.get(attempt) ?? { fromMs: timings.scheduledMs, toMs: timings.doneMs };
      spans.set(attempt, { fromMs: Math.min(fromMs, timings.scheduledMs), toMs: Math.max(toMs, timings.doneMs) });
    },
    totalMs: () => [...spans.values()].reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0),
  };
}

/** Marks the rest as not due, but what has a row all the same; true when there is any. */
export function markNotDue(state: Uint8Array, job: JobShape, due: number): boolean {
  let marked = false;
  for (let place = due; place < state.length; place++) {
    const slot = slotAtPlace(place, job);
    if (state[slot] !== 0) continue;
    state[slot] = NOT_DUE;
    marked = true;
  }
  return marked;
}
