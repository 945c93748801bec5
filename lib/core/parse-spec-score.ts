/**
 * Checks the `score` section: that its keys make a rule, and that every metric in it is offered and fit for what it is asked for. Called by
 * parse-spec.ts for a spec, and here for a section alone, which `bakeoff rescore --score` computes over a stored run.
 */
import { z } from 'zod';
import { makingOf } from './builtin-metrics.ts';
import { type ScoreRule, totalInfoOf } from './composite.ts';
import { fractionScale } from './composites/profile-column.ts';
import type { MetricInfo } from './manifest.ts';
import { nearestName } from './nearest-name.ts';
import { readSpecDocument } from './parse-spec-document.ts';
import { isMapping } from './parse-spec-later.ts';
import { shapeProblems } from './parse-spec-shape.ts';
import { expectedNames } from './parse-spec-suite.ts';
import { dimensionsOf, plainDimension, type Profile } from './profiles/profile.ts';
import { PROFILES } from './profiles/profiles.ts';
import { type MetricOffers, metricNamesOf, splitMetricName } from './resolve-scorers.ts';
import { findDimensions, ruleOfScore } from './score-section.ts';
import { METRIC_PATTERN, type SpecScore, scoreSchema } from './spec.ts';
import { describeValue, type PathStep, type ProblemCode, type ProblemDraft, problemAt, type SpecProblem } from './spec-problem.ts';

/** Who is asked, where it is told, and what metrics there are. */
interface Context {
  /** Undefined when the spec lists none that is sound: metrics are then looked up among all scorers. */
  readonly scorers: readonly string[] | undefined;
  readonly offers: MetricOffers;
  readonly problems: ProblemDraft[];
}

interface Place {
  readonly path: PathStep[];
  readonly atKey?: boolean;
}

export type ParsedScore =
  | { readonly ok: true; readonly rule: ScoreRule }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] };

const scoreFileSchema = z.strictObject({ score: scoreSchema });

/** A document with a `score` section and nothing else, against the scorers that a run has. Pure and total: it never throws. */
export function parseScore(input: string | Uint8Array, offers: MetricOffers): ParsedScore {
  const document = readSpecDocument(input);
  const { data } = document;
  const parsed = scoreFileSchema.safeParse(data);
  const drafts: ProblemDraft[] = data === undefined || parsed.success ? [] : fileShape(data, parsed.error.issues);
  const scorers = offers.scorerNames();
  if (isMapping(data) && isMapping(data.score)) checkScore(data.score, scorers, offers, drafts);
  const rule = parsed.success ? ruleOfScore(parsed.data.score, metricNamesOf(scorers, offers)) : null;
  if (rule !== null && drafts.length + document.problems.length === 0) return { ok: true, rule };
  const problems = [
    ...document.problems.map(({ draft, position }) => problemAt(draft, position)),
    ...drafts.map((draft) => problemAt(draft, document.positionOf(draft.path, draft.atKey === true))),
  ];
  return { ok: false, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
}

/** At its top such a file has one key, and not those of a spec. */
function fileShape(data: unknown, issues: Parameters<typeof shapeProblems>[1]): ProblemDraft[] {
  return shapeProblems(data, issues).map((draft) =>
    draft.code === 'unknown-key' && draft.path.length === 1
      ? { ...draft, expected: 'the key "score"', nearest: nearestName(String(draft.path[0]), ['score']) }
      : draft,
  );
}

/** Adds every problem of the section that its shape alone does not tell. */
export function checkScore(
  score: Readonly<Record<string, unknown>>,
  scorers: readonly string[] | undefined,
  offers: MetricOffers,
  problems: ProblemDraft[],
): void {
  const context: Context = { scorers, offers, problems };
  checkRule(score, problems);
  checkWeights(score.weights, context);
  checkMetricList(score.metrics, context);
  for (const key of ['metric', 'rankBy'] as const) {
    const name = score[key];
    if (!isMetricName(name)) continue;
    const at = { path: ['score', key] };
    const metric = findMetric(name, at, context);
    checkDirected(metric, name, at, problems);
    const isBattle = key === 'metric' && metric !== null;
    if (isBattle && makingOf(name) === 'together') problems.push({ code: 'metric-not-of-samples', ...at, seen: describeValue(name) });
  }
  const profile = typeof score.profile === 'string' ? PROFILES.get(score.profile) : undefined;
  if (profile !== undefined) checkDimensions(profile, score.dimensions, context);
}

/** What `score.total` will be, as far as the section tells; null where it names no composite. */
export function totalInfoOfSection(score: Readonly<Record<string, unknown>>): MetricInfo | null {
  const profile = scoreSchema.shape.profile.safeParse(score.profile);
  if (!profile.success) return null;
  const written = profile.data ?? (Object.hasOwn(score, 'weights') ? 'weighted' : null);
  const rule = written === null ? null : ruleOfScore({ profile: written, weights: {}, metrics: [], metric: '' }, []);
  return rule === null || rule.kind === 'rankBy' ? null : totalInfoOf(rule);
}

function isMetricName(value: unknown): value is string {
  return typeof value === 'string' && METRIC_PATTERN.test(value);
}

type RuleKey = Exclude<keyof SpecScore, 'profile' | 'rankBy'>;
const RULE_KEYS: readonly RuleKey[] = ['weights', 'dimensions', 'metrics', 'metric'];
const MISSING: Readonly<Record<RuleKey, ProblemCode>> = {
  weights: 'weights-missing',
  dimensions: 'dimensions-missing',
  metrics: 'metrics-missing',
  metric: 'metric-missing',
};

/** The one key that belongs to a profile, and whether it must be there. Null for a profile that there is not. */
function keyOf(profile: unknown): { readonly key: RuleKey; readonly needed: boolean } | null {
  if (profile === 'weighted') return { key: 'weights', needed: true };
  if (profile === 'mean-win-rate') return { key: 'metrics', needed: true };
  if (profile === 'bradley-terry') return { key: 'metric', needed: true };
  return typeof profile === 'string' && PROFILES.has(profile) ? { key: 'dimensions', needed: false } : null;
}

/** Exactly one of: `rankBy`; a profile with the key that belongs to it. */
function checkRule(score: Readonly<Record<string, unknown>>, problems: ProblemDraft[]): void {
  const path = ['score'];
  const given = RULE_KEYS.filter((key) => Object.hasOwn(score, key));
  const hasProfile = Object.hasOwn(score, 'profile');
  if (Object.hasOwn(score, 'rankBy')) {
    if (hasProfile || given.length > 0) problems.push({ code: 'score-rule-ambiguous', path });
    return;
  }
  if (!hasProfile) {
    problems.push({ code: given.length > 0 ? 'profile-missing' : 'score-rule-missing', path });
    return;
  }
  const own = keyOf(score.profile);
  if (own === null) return; // told by its shape
  if (own.needed && !given.includes(own.key)) problems.push({ code: MISSING[own.key], path });
  for (const key of given) {
    if (key === own.key) continue;
    const expected = `${own.key}, for the profile ${String(score.profile)}`;
    problems.push({ code: 'score-key-misplaced', path: ['score', key], seen: describeValue(key), expected, atKey: true });
  }
}

function checkWeights(weights: unknown, context: Context): void {
  if (!isMapping(weights)) return;
  const names = Object.keys(weights);
  if (names.length === 0) context.problems.push({ code: 'mapping-empty', path: ['score', 'weights'] });
  for (const name of names.filter(isMetricName)) {
    const at = { path: ['score', 'weights', name], atKey: true };
    const metric = findMetric(name, at, context);
    if (metric !== null) checkWeighable(metric, name, at, context.problems);
  }
}

function checkMetricList(metrics: unknown, context: Context): void {
  if (!Array.isArray(metrics)) return;
  for (const [index, name] of metrics.entries()) {
    if (!isMetricName(name)) continue;
    const at = { path: ['score', 'metrics', index] };
    if (metrics.indexOf(name) < index) context.problems.push({ code: 'duplicate-metric', ...at, seen: describeValue(name) });
    else checkDirected(findMetric(name, at, context), name, at, context.problems);
  }
}

function checkDimensions(profile: Profile, named: unknown, context: Context): void {
  if (named !== undefined && !isMapping(named)) return; // told by its shape
  const own = dimensionsOf(profile);
  const mapping = isMapping(named) ? named : {};
  const known = new Set<string>();
  const sound: Record<string, string> = {};
  for (const [name, metric] of Object.entries(mapping)) {
    const at = { path: ['score', 'dimensions', name], seen: describeValue(name), atKey: true };
    const dimension = own.find((candidate) => plainDimension(candidate) === plainDimension(name));
    if (dimension === undefined)
      context.problems.push({ code: 'unknown-dimension', ...at, ...expectedNames(own), nearest: nearestName(name, own) });
    else if (known.has(dimension)) context.problems.push({ code: 'duplicate-dimension', ...at });
    else if (typeof metric === 'string') {
      known.add(dimension);
      sound[dimension] = metric;
      if (isMetricName(metric)) checkDimension(metric, { path: at.path }, context);
    } else known.add(dimension); // told by its shape
  }
  const scorers = context.scorers ?? context.offers.scorerNames();
  const found = findDimensions(profile, sound, metricNamesOf(scorers, context.offers)).filter(({ dimension }) => !known.has(dimension));
  for (const { metrics } of found) {
    const [metric] = metrics;
    if (metric !== undefined && metrics.length === 1) checkDimension(metric, { path: ['score', 'profile'] }, context);
  }
  tellMissing(
    found.filter(({ metrics }) => metrics.length !== 1),
    isMapping(named),
    context,
  );
}

/** All that is missing in one problem: a profile with one hole has no total. */
function tellMissing(missing: ReturnType<typeof findDimensions>, hasDimensions: boolean, { scorers, offers, problems }: Context): void {
  if (missing.length === 0) return;
  const names = metricNamesOf(scorers ?? offers.scorerNames(), offers);
  const told = missing.map(({ dimension, metrics }) => {
    if (metrics.length > 1) return `${dimension} (one of ${metrics.join(', ')}: say which)`;
    const nearest = nearestMetric(dimension, names);
    return nearest === null ? dimension : `${dimension} (did you mean ${nearest}?)`;
  });
  problems.push({
    code: 'dimensions-missing',
    path: ['score', hasDimensions ? 'dimensions' : 'profile'],
    detail: told.join(', '),
    expected: 'a metric for every dimension, named or of the same name',
    atKey: hasDimensions,
  });
}

function nearestMetric(dimension: string, names: readonly string[]): string | null {
  const byPlain = new Map(names.map((name) => [plainDimension(splitMetricName(name)[1]), name]));
  const nearest = nearestName(plainDimension(dimension), byPlain.keys());
  return nearest === null ? null : (byPlain.get(nearest) ?? null);
}

/** Profiles are made of fractions that are better when higher. */
function checkDimension(name: string, at: Place, context: Context): void {
  const metric = findMetric(name, at, context);
  const seen = describeValue(name);
  if (metric === null) return;
  if (metric.direction === 'none') context.problems.push({ code: 'metric-without-direction', ...at, seen });
  else if (metric.direction === 'lower' || fractionScale(metric) === null) {
    const [low, high] = metric.range;
    const detail = `it lies in ${low ?? 'unbounded'} to ${high ?? 'unbounded'}, ${metric.direction} is better`;
    context.problems.push({ code: 'metric-not-a-fraction', ...at, seen, detail });
  } else if (makingOf(name) === 'together') context.problems.push({ code: 'metric-not-of-samples', ...at, seen });
}

function checkDirected(metric: MetricInfo | null, name: string, at: Place, problems: ProblemDraft[]): void {
  if (metric?.direction === 'none') problems.push({ code: 'metric-without-direction', ...at, seen: describeValue(name) });
}

function checkWeighable(metric: MetricInfo, name: string, place: Place, problems: ProblemDraft[]): void {
  const at = { ...place, seen: describeValue(name) };
  const [low, high] = metric.range;
  if (metric.direction === 'none') problems.push({ code: 'metric-without-direction', ...at });
  else if (low === null || high === null) {
    problems.push({ code: 'metric-unbounded', ...at, detail: `its range is ${low ?? 'unbounded'} to ${high ?? 'unbounded'}` });
  } else if (makingOf(name) !== 'mean') problems.push({ code: 'metric-not-of-samples', ...at });
}

function findMetric(name: string, at: Place, { scorers, offers, problems }: Context): MetricInfo | null {
  const [scorer, metricName] = splitMetricName(name);
  const found = offers.offersOf(scorer);
  const seen = describeValue(name);
  if (found.length === 0 && scorers?.includes(scorer)) return null; // told where the scorer is listed
  const metrics = found.flatMap((offer) => offer.metrics);
  if (found.length > 0 && metrics.length === 0) {
    problems.push({ code: 'not-available', ...at, seen, detail: `ranking by ${scorer} is not available in this version` });
    return null;
  }
  if (found.length === 0 || (scorers !== undefined && !scorers.includes(scorer))) {
    const known = scorers ?? offers.scorerNames();
    problems.push({ code: 'scorer-not-listed', ...at, seen, ...expectedNames(known), nearest: nearestName(scorer, known) });
    return null;
  }
  const metric = metrics.find((candidate) => candidate.name === metricName);
  if (metric !== undefined) return metric;
  const known = metrics.map((candidate) => `${scorer}.${candidate.name}`);
  problems.push({ code: 'unknown-metric', ...at, seen, ...expectedNames(known), nearest: nearestName(name, known) });
  return null;
}
