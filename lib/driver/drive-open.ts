/**
 * Open-loop load: every request at its time. Zero of the clock is when the load begins, with its first requests made; rows of the warm-up
 * before it have a clock of their own. Called by drive-job.ts.
 */
import { isOpenLoop } from '../core/load/load-kind.ts';
import { type AttemptLoad, driveOne, fail, type Prepared, prepared } from './attempt-load.ts';
import { driveSchedule } from './drive-schedule.ts';
import { graceOf } from './grace.ts';
import type { OpenWork } from './open-work.ts';
import { prepareAhead } from './prepare-ahead.ts';
import type { SampleContext } from './run-sample.ts';
import type { Due } from './sample-row.ts';
import type { Slots } from './slots.ts';
import { workOf } from './work-of-ordinal.ts';

interface Ready extends Prepared {
  /** Its output folder exists. */
  readonly lane: number;
}

export async function driveOpen(load: AttemptLoad, { ordinals, timesMs }: OpenWork): Promise<void> {
  const { frozen, stop, progress } = load.context;
  const { job } = frozen;
  if (!isOpenLoop(job.load)) throw new Error(`a load of mode ${job.load.mode} has no schedule`);
  const { maxInFlight, stopOnSaturation, graceMs } = job.load;
  const grace = graceOf(stop, load.samples.flights, graceMs);
  const samples: SampleContext = { ...load.samples, ending: grace.ending, rampUntilMs: 'rampMs' in job.load ? (job.load.rampMs ?? 0) : 0 };
  const lanes = freeLanes();
  const ahead = prepareAhead<Ready>({
    count: ordinals.length,
    prepare: (index) => readied(load, ordinals[index] ?? 0, lanes.take()),
    bytesOf: ({ body }) => body.length,
  });
  const drive = async (next: Ready | Promise<Ready>, due: Due, slots: Slots): Promise<void> => {
    try {
      const ready = next instanceof Promise ? await next : next;
      await driveOne(load, samples, ready, { lane: ready.lane, due, slots });
      lanes.give(ready.lane);
    } catch (error) {
      fail(load, error);
    }
  };
  if (stop.reason() === null) await ahead.full();
  progress.enter('infer');
  load.startedAt = performance.now();
  const saturationMs = stopOnSaturation ? job.limits.sampleMs : null;
  const { startedAt } = load;
  const { ending } = grace;
  await driveSchedule({ startedAt, timesMs, maxInFlight, saturationMs, stop, ending, ahead, drive, onOut: grace.begin });
  grace.close();
}

/** Its request and its output folder, made before it is due. */
function readied(load: AttemptLoad, ordinal: number, lane: number): Ready | Promise<Ready> {
  load.samples.folders.folderOf(lane);
  const made = prepared(load, workOf(load.context, ordinal, false));
  return made instanceof Promise ? made.then((ready) => ({ ...ready, lane })) : { ...made, lane };
}

/** Numbers for output folders; one that was given back goes out first, since its folder may still be there. */
function freeLanes(): { readonly take: () => number; readonly give: (lane: number) => void } {
  const free: number[] = [];
  let made = 0;
  return {
    take: () => {
      const lane = free.pop();
      if (lane !== undefined) return lane;
      made += 1;
      return made - 1;
    },
    give: (lane) => {
      free.push(lane);
    },
  };
}
