/**
 * Closed and offline load: so many in flight, within the load's duration. Called by drive-job.ts with what is missing; its clock goes on from
 * the warm-up's.
 */
import { mostInFlight } from '../core/load/load-kind.ts';
import { type AttemptLoad, driveOne, type Prepared, prepared } from './attempt-load.ts';
import { driveLoad } from './drive-load.ts';
import { graceOf } from './grace.ts';
import type { MissingWork } from './missing-work.ts';
import type { SampleContext } from './run-sample.ts';
import { workOf } from './work-of-ordinal.ts';

/** `leftMs`: how long requests may go out; what an earlier attempt has sent was due in its time and goes out all the same. */
export async function driveClosed(
  load: AttemptLoad,
  { together, sentBefore, leftMs }: Pick<MissingWork, 'together' | 'sentBefore'> & { readonly leftMs: number },
): Promise<void> {
  const { frozen, stop, progress } = load.context;
  const { rampMs = 0, graceMs } = frozen.job.load.mode === 'closed' ? frozen.job.load : {};
  const lanes = mostInFlight(frozen.job.load);
  const grace = graceOf(stop, load.samples.flights, graceMs);
  progress.enter('infer');
  const startedAt = performance.now();
  const rampUntilMs = rampMs === 0 ? 0 : load.samples.clockMs(startedAt + rampMs);
  const samples: SampleContext = { ...load.samples, ending: grace.ending, rampUntilMs };
  const timer = leftMs < LONGEST_MS ? setTimeout(grace.begin, leftMs) : undefined;
  await driveLoad({
    work: together,
    lanes,
    stop,
    prepare: (ordinal): Prepared | Promise<Prepared> => prepared(load, workOf(load.context, ordinal, sentBefore.has(ordinal))),
    drive: (next, lane) => driveOne(load, samples, next, { lane, due: null, slots: null }),
    isDue: (ordinal) => performance.now() - startedAt < leftMs || sentBefore.has(ordinal),
    laneDelayMs: (lane) => (lane * rampMs) / lanes,
    onOut: grace.begin,
  });
  clearTimeout(timer);
  grace.close();
}

/** Timers take 31 bits of milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

/** What there is to send when only `leftMs` of the load's duration are left: with none, only what was sent before. */
export function dueWithin<W extends MissingWork>(work: W, leftMs: number): W {
  return leftMs > 0 ? work : { ...work, together: work.together.filter((ordinal) => work.sentBefore.has(ordinal)) };
}
