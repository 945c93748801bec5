/** Who offers a scorer: core itself or an evaluator package, and with which metrics. Used by spec parsing and by planning. */
import { BUILTIN_SCORERS } from './builtin-scorers.ts';
import type { ScoreRule } from './composite.ts';
import type { Job } from './job.ts';
import type { MetricInfo } from './manifest.ts';
import type { Registry } from './registry.ts';
import { ruleOfScore } from './score-section.ts';
import type { Spec } from './spec.ts';

export interface ScorerOffer {
  /** `null`: built in. */
  readonly evaluator: string | null;
  readonly metrics: readonly MetricInfo[];
}

/** Every offer of a scorer's name: none when it is unknown, several when packages collide. */
export function offersOf(scorer: string, registry: Registry): ScorerOffer[] {
  const builtin = BUILTIN_SCORERS.get(scorer);
  const offers: ScorerOffer[] = builtin === undefined ? [] : [{ evaluator: null, metrics: builtin.metrics }];
  for (const [id, { manifest }] of registry.evaluators) {
    const offered = Object.hasOwn(manifest.scorers, scorer) ? manifest.scorers[scorer] : undefined;
    if (offered !== undefined) offers.push({ evaluator: id, metrics: offered.metrics });
  }
  return offers;
}

/** Built-in scorers and those of all evaluators, for "did you mean". */
export function allScorerNames(registry: Registry): string[] {
  const offered = [...registry.evaluators.values()].flatMap(({ manifest }) => Object.keys(manifest.scorers));
  return [...new Set([...BUILTIN_SCORERS.keys(), ...offered])];
}

/** `text.cer` -> `['text', 'cer']`; scorer names may hold dots, metric names may not. */
export function splitMetricName(name: string): [scorer: string, metric: string] {
  const dot = name.lastIndexOf('.');
  return [name.slice(0, dot), name.slice(dot + 1)];
}

/** Who offers which metrics: what is registered, or what a stored run was made with. */
export interface MetricOffers {
  readonly offersOf: (scorer: string) => readonly ScorerOffer[];
  readonly scorerNames: () => readonly string[];
}

export function registeredOffers(registry: Registry): MetricOffers {
  return { offersOf: (scorer) => offersOf(scorer, registry), scorerNames: () => allScorerNames(registry) };
}

/** The scorers that a run's jobs were scored by: a metric's facts are those that the plan froze. */
export function offersOfJobs(jobs: readonly Pick<Job, 'builtinScorers' | 'evaluators'>[]): MetricOffers {
  const offers = new Map<string, ScorerOffer>();
  for (const { builtinScorers, evaluators } of jobs) {
    for (const scorer of builtinScorers) offers.set(scorer, { evaluator: null, metrics: BUILTIN_SCORERS.get(scorer)?.metrics ?? [] });
    for (const { package: evaluator, scorers, metrics } of evaluators) {
      for (const scorer of scorers) {
        const own = metrics.filter(({ name }) => splitMetricName(name)[0] === scorer);
        offers.set(scorer, { evaluator: evaluator.id, metrics: own.map((info) => ({ ...info, name: splitMetricName(info.name)[1] })) });
      }
    }
  }
  return {
    offersOf: (scorer) => [offers.get(scorer) ?? []].flat(),
    scorerNames: () => [...offers.keys()],
  };
}

/** `<scorer>.<metric>` of all that these scorers measure, in their order. */
export function metricNamesOf(scorers: readonly string[], offers: MetricOffers): string[] {
  return scorers.flatMap((scorer) => (offers.offersOf(scorer)[0]?.metrics ?? []).map(({ name }) => `${scorer}.${name}`));
}

/** The rule of a valid spec. Without `score`: the first metric that has a direction, in the order of the scorers; null when none has. */
export function scoreRuleOf(spec: Pick<Spec, 'score' | 'scorers'>, registry: Registry): ScoreRule | null {
  const written = spec.score === undefined ? null : ruleOfScore(spec.score, metricNamesOf(spec.scorers, registeredOffers(registry)));
  if (written !== null) return written;
  for (const scorer of spec.scorers) {
    const metric = offersOf(scorer, registry)[0]?.metrics.find(({ direction }) => direction !== 'none');
    if (metric !== undefined) return { kind: 'rankBy', metric: `${scorer}.${metric.name}` };
  }
  return null;
}
