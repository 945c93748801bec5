/**
 * What an attempt of an open-loop load sends: the whole schedule, whatever earlier attempts have recorded, but for samples under suspicion.
 * Pure; called by infer-stage.ts. The loads without a schedule have missing-work.ts.
 */
import type { Suspect } from '../core/job.ts';
import { DEATHS_TO_FAIL, type MissingWork } from './missing-work.ts';

export interface OpenWork extends Pick<MissingWork, 'alone' | 'doomed'> {
  /** Ordinals that go out by the schedule, in order of issue, and when; the times of suspects pass unused. */
  readonly ordinals: readonly number[];
  readonly timesMs: readonly number[];
}

export interface OpenWorkInput {
  readonly itemCount: number;
  readonly repeats: number;
  /** One for each arrival; at most itemCount x repeats. */
  readonly timesMs: ArrayLike<number>;
  readonly suspects: readonly Suspect[];
  /** Null for a name that is no sample of the job. */
  readonly ordinalOf: (sampleId: string) => number | null;
}

/** An ordinal is the item's index times repeats, plus the repeat; order of issue is every item's repeat 0, then every item's repeat 1, … */
export function openWork({ itemCount, repeats, timesMs, suspects, ordinalOf }: OpenWorkInput): OpenWork {
  const suspected = new Map<number, Suspect>();
  for (const suspect of suspects) {
    const ordinal = suspect.deaths === 0 ? null : ordinalOf(suspect.sampleId);
    if (ordinal !== null) suspected.set(ordinal, suspect);
  }
  const ordinals: number[] = [];
  const times: number[] = [];
  const alone: number[] = [];
  const doomed: { ordinal: number; suspect: Suspect }[] = [];
  for (let index = 0; index < timesMs.length; index += 1) {
    const ordinal = (index % itemCount) * repeats + Math.floor(index / itemCount);
    const suspect = suspected.get(ordinal);
    if (suspect === undefined) {
      ordinals.push(ordinal);
      times.push(timesMs[index] ?? 0);
    } else if (suspect.deaths < DEATHS_TO_FAIL) alone.push(ordinal);
    else doomed.push({ ordinal, suspect });
  }
  return { ordinals, timesMs: times, alone, doomed };
}
