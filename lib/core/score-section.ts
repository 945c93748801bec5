/**
 * What the `score` section of a spec comes to: a rule with every dimension of its profile named. Used by parsing, planning and reading stored
 * runs; whether the section is sound, parse-spec-score.ts tells.
 */
import type { ScoreRule } from './composite.ts';
import { dimensionsOf, plainDimension, type Profile } from './profiles/profile.ts';
import { findProfile } from './profiles/profiles.ts';
import type { SpecScore } from './spec.ts';

export interface FoundDimension {
  readonly dimension: string;
  /** Metrics that could measure it: one where all is well. */
  readonly metrics: readonly string[];
}

/** For every dimension of the profile the metric that is named for it, or else those of the same name, however it is spelled. */
export function findDimensions(
  profile: Profile,
  named: Readonly<Record<string, string>>,
  metricNames: readonly string[],
): readonly FoundDimension[] {
  const given = new Map(Object.entries(named).map(([dimension, metric]) => [plainDimension(dimension), metric]));
  return dimensionsOf(profile).map((dimension) => {
    const plain = plainDimension(dimension);
    const metric = given.get(plain);
    if (metric !== undefined) return { dimension, metrics: [metric] };
    return { dimension, metrics: metricNames.filter((name) => plainDimension(name.slice(name.lastIndexOf('.') + 1)) === plain) };
  });
}

/** Null where the section names no rule. `metricNames`: what the scorers measure; not looked at where all dimensions are named. */
export function ruleOfScore(score: SpecScore, metricNames: readonly string[]): ScoreRule | null {
  const { profile, weights, dimensions, metrics, metric, rankBy } = score;
  if (rankBy !== undefined) return { kind: 'rankBy', metric: rankBy };
  switch (profile) {
    case undefined:
      return null;
    case 'weighted':
      return weights === undefined ? null : { kind: 'weighted', weights };
    case 'mean-win-rate':
      return metrics === undefined ? null : { kind: 'mean-win-rate', metrics };
    case 'bradley-terry':
      return metric === undefined ? null : { kind: 'bradley-terry', metric };
    default: {
      const found = findDimensions(findProfile(profile), dimensions ?? {}, metricNames);
      const entries = found.flatMap(({ dimension, metrics: [first] }) => (first === undefined ? [] : [[dimension, first]]));
      return { kind: 'profile', profile, dimensions: Object.fromEntries(entries) };
    }
  }
}

/** The section that says the same without looking anything up: what a run's stored spec holds. */
export function frozenScore(rule: ScoreRule): SpecScore {
  switch (rule.kind) {
    case 'rankBy':
      return { rankBy: rule.metric };
    case 'weighted':
      return { profile: 'weighted', weights: rule.weights };
    case 'profile':
      return { profile: rule.profile, dimensions: rule.dimensions };
    case 'mean-win-rate':
      return { profile: 'mean-win-rate', metrics: rule.metrics };
    case 'bradley-terry':
      return { profile: 'bradley-terry', metric: rule.metric };
  }
}
