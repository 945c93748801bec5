/**
 * Which sample an ordinal of a job is: item, repeat and seed. Called by infer-stage.ts; pure.
 */
import { sampleIdOf } from '../core/ids.ts';
import { sampleSeed, warmupSeed } from '../core/seed.ts';
import type { Work } from './sample-row.ts';
import type { StageContext } from './stage-context.ts';

/** `sentBefore`: an earlier attempt has sent it, so its latency is not that of a first try. */
export function workOf({ frozen }: StageContext, ordinal: number, sentBefore: boolean): Work {
  const { job, items } = frozen;
  const item = items[Math.floor(ordinal / job.repeats)];
  if (item === undefined) throw new Error(`ordinal ${ordinal} is outside the job`);
  const repeat = ordinal % job.repeats;
  const seed = sampleSeed(job.specSeed, item.id, repeat);
  return { sampleId: sampleIdOf(item.id, repeat), item, repeat, seed, ordinal, warmup: false, sentBefore };
}

/** The same sample a second time, under a name of its own: no sample of the job. */
export function resendOf(work: Work): Work {
  return { ...work, sampleId: `again-${work.sampleId}`, ordinal: -1, warmup: true, sentBefore: false, resendOf: work.sampleId };
}

/** The warm-up of that index. Its seed is one that no measured sample has. */
export function warmupOf({ frozen }: StageContext, index: number): Work {
  const item = frozen.warmups[index];
  if (item === undefined) throw new Error(`there is no warm-up item ${index}`);
  const seed = warmupSeed(frozen.job.specSeed, item.id, index);
  return { sampleId: `warmup-${index}`, item, repeat: 0, seed, ordinal: -1, warmup: true, sentBefore: false };
}
