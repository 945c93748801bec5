/**
 * A published composite as data: dimensions with their normalisation bounds and weights, in weighted groups. Scored here, for a row of
 * anybody's table; the profiles themselves are the other files of this folder. It knows no files and no runs.
 */

export interface ProfileDimension {
  /** Raw values, as fractions, that normalise to 0 and to 1. Results are not clamped. */
  readonly min: number;
  readonly max: number;
  readonly weight: number;
}

export interface ProfileGroup {
  readonly name: string;
  readonly weight: number;
  readonly dimensions: Readonly<Record<string, ProfileDimension>>;
}

export interface Profile {
  readonly name: string;
  /** Raised when any digit of a result would change. */
  readonly version: string;
  readonly title: string;
  readonly formula: string;
  readonly source: string;
  /** What a reader must know who knows a similar number. */
  readonly note?: string;
  /** False where the one group is the total and would only repeat it. */
  readonly hasSubtotals: boolean;
  readonly groups: readonly ProfileGroup[];
}

export interface ProfileScorer {
  /** Names of all dimensions, in the order of the groups: the order of `raw`. */
  readonly dimensions: readonly string[];
  /**
   * Group = sum(weight x (raw - min) / (max - min)) / sum(weight) over its dimensions; total = sum(weight x group) / sum(weight) over the
   * groups; all as fractions. NaN is a missing dimension: it takes its group and the total with it, nothing stands in for it.
   * Writes the groups and returns the total.
   */
  readonly score: (raw: Float64Array, groups: Float64Array) => number;
}

/** Names are compared without case; blanks, hyphens and underscores are one. */
export const plainDimension = (name: string): string => name.toLowerCase().replace(/[\s_-]+/g, '_');

/** Names of all dimensions, in the order of the groups. */
export function dimensionsOf(profile: Profile): string[] {
  return profile.groups.flatMap((group) => Object.keys(group.dimensions));
}

/** Bounds and weights laid out once, for any number of rows. */
export function profileScorer({ groups }: Pick<Profile, 'groups'>): ProfileScorer {
  const laidOut = groups.map(({ weight, dimensions }) => {
    const all = Object.values(dimensions);
    return { weight, dimensions: all, weights: all.reduce((sum, each) => sum + each.weight, 0) };
  });
  const groupWeights = laidOut.reduce((sum, { weight }) => sum + weight, 0);
  const score: ProfileScorer['score'] = (raw, scores) => {
    let [at, total] = [0, 0];
    for (let group = 0; group < laidOut.length; group++) {
      const { weight, dimensions, weights } = laidOut[group] ?? NOTHING;
      let sum = 0;
      for (const { min, max, weight: own } of dimensions) sum += (own * ((raw[at++] ?? Number.NaN) - min)) / (max - min);
      scores[group] = sum / weights;
      total += (weight * sum) / weights;
    }
    return total / groupWeights;
  };
  return { dimensions: groups.flatMap((group) => Object.keys(group.dimensions)), score };
}

const NOTHING = { weight: 0, dimensions: [], weights: 0 };
