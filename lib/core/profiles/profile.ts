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
  /** False where the one group is the total and would only repeat it. */
  readonly hasSubtotals: boolean;
  readonly groups: readonly ProfileGroup[];
}

export type ProfileScore =
  | { readonly groups: Readonly<Record<string, number>>; readonly total: number }
  | { readonly groups: Readonly<Record<string, number | null>>; readonly total: null; readonly reason: string };

/** Names of all dimensions, in the order of the groups. */
export function dimensionsOf(profile: Profile): string[] {
  return profile.groups.flatMap((group) => Object.keys(group.dimensions));
}

/**
 * Group = sum(weight x (raw - min) / (max - min)) / sum(weight) over its dimensions; total = sum(weight x group) / sum(weight) over the
 * groups; all as fractions. A missing dimension takes its group and the total with it: nothing stands in for it.
 */
export function scoreProfile(profile: Profile, rawOf: (dimension: string) => number | null): ProfileScore {
  const missing = dimensionsOf(profile).filter((dimension) => rawOf(dimension) === null);
  const scored = profile.groups.map((group) => ({ ...group, score: groupScore(group, rawOf) }));
  const shown = profile.hasSubtotals ? scored : [];
  if (missing.length > 0) {
    const groups = Object.fromEntries(shown.map(({ name, score }) => [name, score]));
    return { groups, total: null, reason: `missing: ${missing.join(', ')}` };
  }
  const groups = Object.fromEntries(shown.map(({ name, score }) => [name, score ?? Number.NaN]));
  return { groups, total: weightedMean(scored.map(({ weight, score }) => ({ weight, value: score ?? Number.NaN }))) };
}

function groupScore({ dimensions }: ProfileGroup, rawOf: (dimension: string) => number | null): number | null {
  const parts: { weight: number; value: number }[] = [];
  for (const [name, { min, max, weight }] of Object.entries(dimensions)) {
    const raw = rawOf(name);
    if (raw === null) return null;
    parts.push({ weight, value: (raw - min) / (max - min) });
  }
  return weightedMean(parts);
}

function weightedMean(parts: readonly { readonly weight: number; readonly value: number }[]): number {
  let [sum, weights] = [0, 0];
  for (const { weight, value } of parts) {
    sum += weight * value;
    weights += weight;
  }
  return sum / weights;
}
