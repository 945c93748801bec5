/** Checks the scorers of a spec, the rule it ranks by, and that the items have what a scorer needs. Called by parse-spec.ts with the sections whose shape is sound. */
import { BUILTIN_SCORERS, type Task } from './builtin-scorers.ts';
import type { MetricInfo } from './manifest.ts';
import { nearestName } from './nearest-name.ts';
import { expectedNames, type SuiteView } from './parse-spec-suite.ts';
import type { Registry } from './registry.ts';
import { allScorerNames, offersOf, splitMetricName } from './resolve-scorers.ts';
import { describeValue, type PathStep, type ProblemDraft } from './spec-problem.ts';

/** A scorer's name with its place in the list. */
export interface PlacedScorer {
  readonly index: number;
  readonly scorer: string;
}

/** Adds a problem for each scorer, weight and rank metric that the registry does not offer for these models. */
export function checkScorers(
  scorers: readonly PlacedScorer[],
  task: Task | null,
  suite: SuiteView | null,
  registry: Registry,
  problems: ProblemDraft[],
): void {
  const names = scorers.map(({ scorer }) => scorer);
  for (const [position, { index, scorer }] of scorers.entries()) {
    const at = { path: ['scorers', index], seen: describeValue(scorer) };
    const offers = offersOf(scorer, registry);
    if (names.indexOf(scorer) < position) problems.push({ code: 'duplicate-scorer', ...at });
    else if (offers.length === 0) {
      const known = allScorerNames(registry);
      problems.push({
        code: 'unknown-scorer',
        ...at,
        ...expectedNames(known),
        nearest: nearestName(scorer, known),
        ...brokenPackages(registry),
      });
    } else if (offers.length > 1) {
      const from = offers.map(({ evaluator }) => evaluator ?? 'Bakeoff itself').join(', ');
      problems.push({ code: 'ambiguous-scorer', ...at, detail: from });
    } else checkBuiltin(scorer, at.path, task, suite, problems);
  }
}

/** A scorer may be unknown because its package cannot be read. */
function brokenPackages(registry: Registry): { detail?: string } {
  const broken = registry.faults.filter(({ kind }) => kind === 'package').map(({ id }) => id);
  return broken.length === 0 ? {} : { detail: `packages that cannot be used: ${broken.join(', ')}` };
}

function checkBuiltin(scorer: string, path: PathStep[], task: Task | null, suite: SuiteView | null, problems: ProblemDraft[]): void {
  const builtin = BUILTIN_SCORERS.get(scorer);
  if (builtin === undefined) return;
  if (task !== null && builtin.appliesTo !== 'any' && !builtin.appliesTo.includes(task)) {
    problems.push({
      code: 'scorer-task-mismatch',
      path,
      seen: describeValue(scorer),
      detail: `${scorer} reads ${builtin.appliesTo.join(', ')}`,
      expected: `a scorer for ${task}`,
    });
    return;
  }
  const { reference } = builtin;
  if (reference === null || suite === null) return;
  const index = suite.items.findIndex((item) => !reference.isMet(item.reference));
  const item = suite.items[index];
  if (item === undefined) return;
  const nearest = Object.keys(item.reference ?? {}).flatMap((key) =>
    reference.keys.includes(key) ? [] : (nearestName(key, reference.keys) ?? []),
  )[0];
  problems.push({
    code: 'item-without-reference',
    path: suite.pathOfItem(index),
    seen: `item "${item.id}" with reference ${describeValue(item.reference)}`,
    expected: `${reference.expected}, for the scorer ${scorer}`,
    ...(nearest === undefined ? {} : { nearest: `reference.${nearest}` }),
  });
}

/** What a spec says of its score, as far as its shape allows to look at it. */
export interface ScoreSection {
  readonly keys: readonly string[];
  /** Names with the shape of a metric, whatever their weights. */
  readonly weighed: readonly string[] | undefined;
  readonly rankBy: string | undefined;
}

/** `scorers` is undefined when the spec lists none: metrics are then looked up among all scorers. */
export function checkScore(
  score: ScoreSection,
  scorers: readonly string[] | undefined,
  registry: Registry,
  problems: ProblemDraft[],
): void {
  checkRule(new Set(score.keys), problems);
  if (score.weighed?.length === 0) problems.push({ code: 'mapping-empty', path: ['score', 'weights'] });
  for (const name of score.weighed ?? []) {
    const metric = findMetric(name, { path: ['score', 'weights', name], atKey: true }, scorers, registry, problems);
    if (metric !== null) checkWeighable(metric, name, problems);
  }
  if (score.rankBy === undefined) return;
  const metric = findMetric(score.rankBy, { path: ['score', 'rankBy'] }, scorers, registry, problems);
  if (metric?.direction === 'none')
    problems.push({ code: 'metric-without-direction', path: ['score', 'rankBy'], seen: describeValue(score.rankBy) });
}

/** Exactly one of: `rankBy`; `profile` with `weights`. */
function checkRule(keys: ReadonlySet<string>, problems: ProblemDraft[]): void {
  const path = ['score'];
  const hasProfile = keys.has('profile');
  const hasWeights = keys.has('weights');
  if (keys.has('rankBy')) {
    if (hasProfile || hasWeights) problems.push({ code: 'score-rule-ambiguous', path });
  } else if (hasProfile !== hasWeights) problems.push({ code: hasProfile ? 'weights-missing' : 'profile-missing', path });
  else if (!hasProfile) problems.push({ code: 'score-rule-missing', path });
}

function findMetric(
  name: string,
  at: { readonly path: PathStep[]; readonly atKey?: boolean },
  scorers: readonly string[] | undefined,
  registry: Registry,
  problems: ProblemDraft[],
): MetricInfo | null {
  const [scorer, metricName] = splitMetricName(name);
  const offers = offersOf(scorer, registry);
  const seen = describeValue(name);
  if (offers.length === 0 && scorers?.includes(scorer)) return null; // told where the scorer is listed
  const metrics = offers.flatMap((offer) => offer.metrics);
  if (offers.length > 0 && metrics.length === 0) {
    problems.push({ code: 'not-available', ...at, seen, detail: `ranking by ${scorer} is not available in this version` });
    return null;
  }
  if (offers.length === 0 || (scorers !== undefined && !scorers.includes(scorer))) {
    const known = scorers ?? allScorerNames(registry);
    problems.push({ code: 'scorer-not-listed', ...at, seen, ...expectedNames(known), nearest: nearestName(scorer, known) });
    return null;
  }
  const metric = metrics.find((candidate) => candidate.name === metricName);
  if (metric !== undefined) return metric;
  const known = metrics.map((candidate) => `${scorer}.${candidate.name}`);
  problems.push({ code: 'unknown-metric', ...at, seen, ...expectedNames(known), nearest: nearestName(name, known) });
  return null;
}

function checkWeighable(metric: MetricInfo, name: string, problems: ProblemDraft[]): void {
  const at = { path: ['score', 'weights', name], seen: describeValue(name), atKey: true };
  const [low, high] = metric.range;
  if (metric.direction === 'none') problems.push({ code: 'metric-without-direction', ...at });
  else if (low === null || high === null) {
    problems.push({ code: 'metric-unbounded', ...at, detail: `its range is ${low ?? 'unbounded'} to ${high ?? 'unbounded'}` });
  }
}
