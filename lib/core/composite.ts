/**
 * The rules that a spec's `score` section can name, and the column that a rule ranks a job by: one metric, a weighted mean made sample by
 * sample, or a published profile. Joint rules (composites/joint-scores.ts) have no column of one job. Called wherever jobs are ranked.
 */
import { z } from 'zod';
import type { MetricColumn } from './columns.ts';
import { absentMetric } from './composites/absent-metric.ts';
import { type MeasuredSlots, profileParts, type RankedJob } from './composites/profile-column.ts';
import { PROFILE_POINTS } from './composites/profile-estimator.ts';
import type { MetricInfo } from './manifest.ts';
import { profileScorer } from './profiles/profile.ts';
import { findProfile, PROFILE_NAMES } from './profiles/profiles.ts';
import { STRENGTH_FORMULA } from './rank/strength-ranking.ts';

/** What a run's `score` section asks for, as it is stored: the dimensions of a profile by name, all of them. */
export const scoreRuleSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('weighted'), weights: z.record(z.string(), z.number()) }),
  z.object({ kind: z.literal('rankBy'), metric: z.string() }),
  z.object({ kind: z.literal('profile'), profile: z.enum(PROFILE_NAMES), dimensions: z.record(z.string(), z.string()) }),
  z.object({ kind: z.literal('mean-win-rate'), metrics: z.array(z.string()).min(1) }),
  z.object({ kind: z.literal('bradley-terry'), metric: z.string() }),
]);

/** What jobs are ranked by; `null` in its place where nothing that was asked for has a direction. */
export type ScoreRule = z.infer<typeof scoreRuleSchema>;
/** The rules whose number is `score.total`. */
export type CompositeRule = Exclude<ScoreRule, { kind: 'rankBy' }>;
export type ProfileRule = Extract<ScoreRule, { kind: 'profile' }>;
/** Functions of all ranked jobs together: a job alone has no such number. */
export type JointRule = Extract<ScoreRule, { kind: 'mean-win-rate' | 'bradley-terry' }>;

export const TOTAL_NAME = 'score.total';
const NOTHING_TO_RANK = 'nothing that was measured has a direction';

/** Whether the rule's values depend on the company that a job is in. */
export function isJoint(rule: ScoreRule | null): rule is JointRule {
  return rule?.kind === 'mean-win-rate' || rule?.kind === 'bradley-terry';
}

/** `score.total`, `<scorer>.<metric>`, or `none`. */
export function rankedName(rule: ScoreRule | null): string {
  if (rule === null) return 'none';
  return rule.kind === 'rankBy' ? rule.metric : TOTAL_NAME;
}

export const TOTAL_INFO: MetricInfo = {
  name: 'total',
  unit: 'points',
  direction: 'higher',
  range: [0, 100],
  minN: 1,
  title: 'Total score',
  description: 'Weighted mean of metrics, each scaled by its range so that 0 is worst and 1 is best, times 100.',
};

const WIN_RATE_INFO: MetricInfo = {
  ...TOTAL_INFO,
  unit: 'fraction',
  range: [0, 1],
  title: 'Mean win rate',
  description: 'The share of the other ranked jobs that a job beats, averaged over the metrics; it changes with the company.',
};

const STRENGTH_INFO: MetricInfo = {
  ...TOTAL_INFO,
  unit: 'Elo',
  range: [null, null],
  title: 'Bradley-Terry strength',
  description:
    'How strong a job is against the other ranked jobs, sample by sample, in Elo; 1000 is the mean, and it changes with the company.',
};

/** Unit, range and title of `score.total` under a rule. */
export function totalInfoOf(rule: CompositeRule): MetricInfo {
  switch (rule.kind) {
    case 'weighted':
      return TOTAL_INFO;
    case 'mean-win-rate':
      return WIN_RATE_INFO;
    case 'bradley-terry':
      return STRENGTH_INFO;
    case 'profile': {
      const { title, formula, groups } = findProfile(rule.profile);
      const scorer = profileScorer({ groups });
      const bound = (raw: number): number =>
        PROFILE_POINTS * scorer.score(new Float64Array(scorer.dimensions.length).fill(raw), new Float64Array(groups.length));
      return { ...TOTAL_INFO, unit: 'percent', range: [bound(0), bound(1)], title: `${title}: total`, description: formula };
    }
  }
}

/** What a total is called where one looks up how it came about: the name of its rule, of its profile for a published one. */
export function compositeName(rule: CompositeRule): string {
  return rule.kind === 'profile' ? rule.profile : rule.kind;
}

/** The formula in words, for the report. */
export function formulaOf(rule: ScoreRule | null): string {
  if (rule === null) return NOTHING_TO_RANK;
  if (rule.kind === 'rankBy') return rule.metric;
  if (rule.kind === 'profile') return findProfile(rule.profile).formula;
  if (rule.kind === 'mean-win-rate') return `mean over ${rule.metrics.join(', ')} of (jobs beaten + ties / 2) / (jobs - 1)`;
  if (rule.kind === 'bradley-terry') {
    return `battles of every pair by ${rule.metric}, one a sample, ties half a win to each; ${STRENGTH_FORMULA}`;
  }
  const parts = Object.entries(rule.weights);
  const sum = parts.reduce((total, [, weight]) => total + weight, 0);
  return `100 x (${parts.map(([name, weight]) => `${weight} x scaled(${name})`).join(' + ')}) / ${Number(sum.toFixed(12))}`;
}

interface Part {
  readonly values: Float64Array;
  readonly weight: number;
  /** The scaled value is (value - zero) / span. */
  readonly zero: number;
  readonly span: number;
}

/** A part, or the reason why this metric cannot be one. */
function partOf(columns: readonly MetricColumn[], name: string, weight: number): Part | string {
  const column = columns.find((candidate) => candidate.name === name);
  if (column === undefined) return `${name} was not measured`;
  if (column.kind !== 'mean') return `${name} is no mean over samples`;
  const absence = absentMetric(column, name, column.values.length);
  if (absence !== null) return absence;
  const { direction, range } = column.info;
  const [low, high] = range;
  if (low === null || high === null || !(low < high)) return `${name} has no bounded range to scale by`;
  const span = high - low;
  return direction === 'higher'
    ? { values: column.values, weight, zero: low, span }
    : { values: column.values, weight, zero: high, span: -span };
}

function totalsOf(parts: readonly Part[], slots: number): Float64Array {
  const weights = parts.reduce((sum, part) => sum + part.weight, 0);
  const totals = new Float64Array(slots);
  for (const { values, weight, zero, span } of parts) {
    for (let slot = 0; slot < slots; slot++) {
      totals[slot] = (totals[slot] ?? 0) + (100 * weight * ((values[slot] ?? Number.NaN) - zero)) / (span * weights);
    }
  }
  return totals;
}

type Found = { readonly column: MetricColumn } | { readonly reason: string };

/** A weighted mean: a sample counts when all of its parts do. A missing part refuses the whole, with the reason. */
function weightedColumn(columns: readonly MetricColumn[], weights: Readonly<Record<string, number>>): Found {
  const parts: Part[] = [];
  for (const [name, weight] of Object.entries(weights)) {
    const part = partOf(columns, name, weight);
    if (typeof part === 'string') return { reason: part };
    parts.push(part);
  }
  const slots = parts[0]?.values.length;
  if (slots === undefined) return { reason: 'the score has no weights' };
  const states = columns[0]?.states;
  const head = { name: TOTAL_NAME, info: TOTAL_INFO, ...(states === undefined ? {} : { states }) };
  return { column: { ...head, kind: 'mean', values: totalsOf(parts, slots) } };
}

function profileColumn(job: RankedJob, rule: ProfileRule, measured: MeasuredSlots | null): Found {
  const profile = findProfile(rule.profile);
  const parts = profileParts(job, rule.dimensions, profile, measured);
  if (typeof parts === 'string') return { reason: parts };
  const states = job.metrics[0]?.states;
  const head = { name: TOTAL_NAME, info: totalInfoOf(rule), ...(states === undefined ? {} : { states }) };
  return { column: { ...head, kind: 'profile', profile, parts } };
}

/**
 * The column that a rule ranks by, or the reason why the job has none; a joint rule has no column of one job. `measured`: of a profile, what is
 * measured on which dimension, where more jobs than this one tell.
 */
export function rankedColumn(job: RankedJob, rule: ScoreRule | null, measured: MeasuredSlots | null = null): Found {
  if (rule === null) return { reason: NOTHING_TO_RANK };
  if (rule.kind === 'weighted') return weightedColumn(job.metrics, rule.weights);
  if (rule.kind === 'profile') return profileColumn(job, rule, measured);
  if (isJoint(rule)) return { reason: ALONE };
  const column = job.metrics.find((candidate) => candidate.name === rule.metric);
  if (column === undefined) return { reason: `${rule.metric} was not measured` };
  return column.info.direction === 'none' ? { reason: `${rule.metric} is a diagnostic without direction` } : { column };
}

/** Why a job's own scores have no joint total. */
export const ALONE = 'it is a number of all ranked jobs together; the report of the run has it';

/** What jobs are seen to disagree by, where examples are chosen: the ranked column, or the first metric of a joint rule. */
export function shownColumn(job: RankedJob, rule: ScoreRule | null): MetricColumn | null {
  const name = rule?.kind === 'mean-win-rate' ? rule.metrics[0] : rule?.kind === 'bradley-terry' ? rule.metric : null;
  if (name !== null) return job.metrics.find((column) => column.name === name) ?? null;
  const found = rankedColumn(job, rule);
  return 'column' in found ? found.column : null;
}
