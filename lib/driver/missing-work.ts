/**
 * What is left to do for a job: a pure function of its size, of the terminal rows on record and of the suspects. Called by both
 * stages at the start of an attempt; property-tested.
 */
import type { Suspect } from '../core/job.ts';

/** A sample that killed or hung its server this often is that sample's failure. */
export const DEATHS_TO_FAIL = 2;

export interface MissingWork {
  /** Ordinals to drive at the job's load, in order of issue: every item's repeat 0, then every item's repeat 1, … Suspects without a
   * death among them. */
  readonly together: readonly number[];
  /** Ordinals of suspects with one death: tried once more, alone in flight, after the rest. */
  readonly alone: readonly number[];
  /** Ordinals, of both lists, that an earlier attempt has sent. */
  readonly sentBefore: ReadonlySet<number>;
  /** Suspects with their last death: they become failed rows before anything else. */
  readonly doomed: readonly { readonly ordinal: number; readonly suspect: Suspect }[];
}

export interface WorkInput {
  readonly itemCount: number;
  readonly repeats: number;
  readonly isTerminal: (ordinal: number) => boolean;
  readonly suspects: readonly Suspect[];
  /** Null for a name that is no sample of the job. */
  readonly ordinalOf: (sampleId: string) => number | null;
}

/** An ordinal is the item's index times repeats, plus the repeat. */
export function missingWork(input: WorkInput): MissingWork {
  const suspects = new Map<number, Suspect>();
  for (const suspect of input.suspects) {
    const ordinal = input.ordinalOf(suspect.sampleId);
    if (ordinal !== null && !input.isTerminal(ordinal)) suspects.set(ordinal, suspect);
  }
  const together: number[] = [];
  for (let repeat = 0; repeat < input.repeats; repeat += 1) {
    for (let item = 0; item < input.itemCount; item += 1) {
      const ordinal = item * input.repeats + repeat;
      if ((suspects.get(ordinal)?.deaths ?? 0) === 0 && !input.isTerminal(ordinal)) together.push(ordinal);
    }
  }
  const doomed: { ordinal: number; suspect: Suspect }[] = [];
  const alone: number[] = [];
  for (const [ordinal, suspect] of suspects) {
    if (suspect.deaths >= DEATHS_TO_FAIL) doomed.push({ ordinal, suspect });
    else if (suspect.deaths > 0) alone.push(ordinal);
  }
  return { together, alone, sentBefore: new Set(suspects.keys()), doomed };
}

/** The list of suspects after samples were in flight while a server died: one more death each. Those of `sent` are only remembered. */
export function withDeaths(
  known: readonly Suspect[],
  inFlight: readonly Omit<Suspect, 'deaths'>[],
  sent: readonly Omit<Suspect, 'deaths'>[] = [],
): Suspect[] {
  const merged = new Map(known.map((suspect) => [suspect.sampleId, suspect]));
  for (const suspect of sent) if (!merged.has(suspect.sampleId)) merged.set(suspect.sampleId, { ...suspect, deaths: 0 });
  for (const { sampleId, failure } of inFlight) {
    merged.set(sampleId, { sampleId, failure, deaths: (merged.get(sampleId)?.deaths ?? 0) + 1 });
  }
  return [...merged.values()];
}
