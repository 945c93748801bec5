/**
 * The total of a published profile as an estimator: the sums of all parts side by side, since each dimension may have values on other samples.
 * Called by columns.ts and compare-jobs.ts; it knows estimators and profiles, no columns.
 */
import type { Estimator } from '../measures/estimator.ts';
import { type Profile, profileScorer } from '../profiles/profile.ts';

/** The estimator of one dimension, and what its value is divided by to be a fraction of 1. */
export interface ProfileTerm {
  readonly estimator: Estimator;
  readonly scale: number;
}

/** Totals are shown in percent, as they are published. */
export const PROFILE_POINTS = 100;

/** Terms in the order of the profile's dimensions. A sample counts where it has any dimension; without one dimension there is no total. */
export function profileEstimator(profile: Profile, terms: readonly ProfileTerm[]): Estimator {
  const { score } = profileScorer(profile);
  const raw = new Float64Array(terms.length);
  const groups = new Float64Array(profile.groups.length);
  return {
    width: terms.reduce((sum, { estimator }) => sum + estimator.width, 0),
    has: (slot) => terms.some(({ estimator }) => estimator.has(slot)),
    add: (slot, sums, offset) => {
      let at = offset;
      for (const { estimator } of terms) {
        if (estimator.has(slot)) estimator.add(slot, sums, at);
        at += estimator.width;
      }
    },
    value: (sums, offset) => {
      let at = offset;
      for (const [index, { estimator, scale }] of terms.entries()) {
        raw[index] = estimator.value(sums, at) / scale;
        at += estimator.width;
      }
      return PROFILE_POINTS * score(raw, groups);
    },
    binary: false,
  };
}

/** Both sides over the samples that both have, dimension by dimension: what a difference is paired on. */
export function pairedTerms(a: readonly ProfileTerm[], b: readonly ProfileTerm[]): [ProfileTerm[], ProfileTerm[]] {
  const both = (index: number, slot: number): boolean => a[index]?.estimator.has(slot) === true && b[index]?.estimator.has(slot) === true;
  const restricted = (terms: readonly ProfileTerm[]): ProfileTerm[] =>
    terms.map(({ estimator, scale }, index) => ({ scale, estimator: { ...estimator, has: (slot) => both(index, slot) } }));
  return [restricted(a), restricted(b)];
}
