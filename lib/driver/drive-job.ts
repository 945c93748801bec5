/**
 * Drives what an attempt has to send: warm-up, then the job's load, then suspects one at a time, then the audit. Called by infer-stage.ts once the server is
 * ready.
 */
import type { Load } from '../core/job.ts';
import { isOpenLoop, mostInFlight } from '../core/load/load-kind.ts';
import { type AttemptLoad, driveOne, type Prepared, prepared } from './attempt-load.ts';
import { driveClosed } from './drive-closed.ts';
import { driveLoad } from './drive-load.ts';
import { driveOpen } from './drive-open.ts';
import { driveResends } from './drive-resends.ts';
import type { MissingWork } from './missing-work.ts';
import type { OpenWork } from './open-work.ts';
import { warmupOf, workOf } from './work-of-ordinal.ts';

/** `leftMs`: of the load's duration, less what earlier attempts have used. */
export type JobWork = (MissingWork & { readonly kind: 'lanes'; readonly leftMs: number }) | (OpenWork & { readonly kind: 'schedule' });

/** Never rejects for what the server does; resolves when all is done or a stop has come. */
export async function driveJob(load: AttemptLoad, work: JobWork): Promise<void> {
  const { frozen, stop, progress } = load.context;
  const drive = (next: Prepared | Promise<Prepared>, lane: number): Promise<void> =>
    driveOne(load, load.samples, next, { lane, due: null, slots: null });
  progress.enter('warm-up');
  load.startedAt = performance.now();
  const warmup = (index: number): Prepared | Promise<Prepared> => prepared(load, warmupOf(load.context, index));
  await driveLoad({ work: [...frozen.warmups.keys()], lanes: warmupLanes(frozen.job.load), stop, prepare: warmup, drive });
  if (work.kind === 'schedule') await driveOpen(load, work);
  else await driveClosed(load, work);
  const suspect = (ordinal: number): Prepared | Promise<Prepared> => prepared(load, workOf(load.context, ordinal, true));
  await driveLoad({ work: work.alone, lanes: 1, stop, prepare: suspect, drive });
  await driveResends(load);
}

const MOST_WARMUP_LANES = 8;

/** A server that is not warm yet need not take at once all that an open-loop load allows for. */
function warmupLanes(load: Load): number {
  return load.warmupConcurrency ?? (isOpenLoop(load) ? Math.min(load.maxInFlight, MOST_WARMUP_LANES) : mostInFlight(load));
}
