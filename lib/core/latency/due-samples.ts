/**
 * Which samples a load meant to send: the first so many in order of issue. The others are neither planned nor gaps. Called by
 * lib/workflow once all rows are read.
 */
import { NOT_DUE } from '../columns.ts';
import type { Job } from '../job.ts';
import { plannedSamples } from '../load/load-kind.ts';

type JobShape = Pick<Job, 'itemCount' | 'repeats' | 'load'>;

/** Time between the last answer and the end of the load: an answer's files are stored before its lane takes the next sample. */
const LEAST_SLACK_MS = 1000;
const SLACK_SHARE = 0.01;

/** The slot of a place in the order of issue: every item's repeat 0, then every item's repeat 1, … */
export function slotAtPlace(place: number, { itemCount, repeats }: JobShape): number {
  return (place % itemCount) * repeats + Math.floor(place / itemCount);
}

/**
 * How many samples were due. Closed loop: all, or with a `duration` that is over those up to the last with a row; that it is over shows in an
 * answer that came as late. A stop for another reason before that leaves samples missing.
 * @param lastDoneMs when the last answer of an attempt came, on the attempt's clock, at most; -Infinity without rows
 */
export function dueSamples(state: Uint8Array, job: JobShape, lastDoneMs: number): number {
  const planned = plannedSamples(job.load, state.length);
  if (job.load.mode !== 'closed' || job.load.durationMs === undefined) return planned;
  const slackMs = Math.max(LEAST_SLACK_MS, SLACK_SHARE * job.load.durationMs);
  if (lastDoneMs < job.load.durationMs - slackMs) return planned;
  let due = state.length;
  while (due > 0 && state[slotAtPlace(due - 1, job)] === 0) due--;
  return due;
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
