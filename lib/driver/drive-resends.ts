/**
 * The audit's part of an attempt: the last samples of the load are sent once more, with their seeds, in as many lanes as a closed load has.
 * Called by drive-job.ts after the load; what came of it is judged by lib/core/audits.
 */
import type { Job } from '../core/job.ts';
import { type AttemptLoad, driveOne, type Prepared, prepared } from './attempt-load.ts';
import { driveLoad } from './drive-load.ts';
import type { RecordedSamples } from './recorded-samples.ts';
import { resendOf, workOf } from './work-of-ordinal.ts';
import type { StageContext } from './stage-context.ts';

/** Never rejects. A server that dies now has done the job: the audit stays unfinished, the stage does not. */
export async function driveResends(load: AttemptLoad): Promise<void> {
  const { context, recorded } = load;
  const ordinals = resendsMissing(context, recorded);
  if (ordinals.length === 0 || context.stop.reason() !== null) return;
  load.isAuditing = true;
  context.progress.enter('audit');
  const { load: wanted } = context.frozen.job;
  await driveLoad({
    work: ordinals,
    lanes: wanted.mode === 'closed' ? wanted.concurrency : 1,
    stop: context.stop,
    prepare: (ordinal): Prepared | Promise<Prepared> => prepared(load, resendOf(workOf(context, ordinal, true))),
    drive: (next, lane) => driveOne(load, load.samples, next, { lane, due: null, slots: null }),
  });
}

/** Ordinals that are still to be sent again, in order of issue. */
export function resendsMissing({ frozen: { job, items } }: StageContext, recorded: RecordedSamples): number[] {
  return lastRecorded(job, recorded).filter((ordinal) => {
    const item = items[Math.floor(ordinal / job.repeats)];
    return item !== undefined && !recorded.wasResent(item.id, ordinal % job.repeats);
  });
}

/** The last samples, in order of issue, that have an end. */
function lastRecorded({ audit, itemCount, repeats }: Job, recorded: RecordedSamples): number[] {
  const last: number[] = [];
  for (let place = itemCount * repeats - 1; place >= 0 && last.length < (audit?.resend ?? 0); place -= 1) {
    const ordinal = (place % itemCount) * repeats + Math.floor(place / itemCount);
    if (recorded.isTerminal(ordinal)) last.unshift(ordinal);
  }
  return last;
}
