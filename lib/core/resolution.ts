/**
 * Which difference between two jobs a run can find, and how many items a wanted one needs, before anything was measured. Pure; called by
 * `bakeoff plan`. It counts in items: repeats of an item are not independent. Of the spread it knows what an earlier run of these jobs measured,
 * else the metric's range: what it assumes, it names.
 */
import { makingOf } from './builtin-metrics.ts';
import { type ScoreRule, TOTAL_INFO, TOTAL_NAME } from './composite.ts';
import { countNoun } from './count-noun.ts';
import type { MetricInfo } from './manifest.ts';
import { normalQuantile } from './measures/normal.ts';
import { DEFAULT_POWER, requiredForDifference, requiredForHalfWidth, resolvableDifference } from './measures/sample-size.ts';
import { correctedConfidence } from './ranking.ts';
import type { Registry } from './registry.ts';
import { offersOf, splitMetricName } from './resolve-scorers.ts';
import type { Ranking } from './scores.ts';

export interface ResolutionInput {
  readonly metric: { readonly name: string; readonly info: MetricInfo } | { readonly reason: string };
  readonly items: number;
  /** Jobs that are ranked: references are not. */
  readonly jobs: number;
  readonly confidence: number;
  /** What an earlier run of these jobs measured; null where none did. */
  readonly measured?: MeasuredSpread | null;
  /** In the unit of the metric; null where not asked for. */
  readonly wanted: { readonly difference: number | null; readonly precision: number | null };
}

/** A standard deviation of paired differences, from item to item. */
export interface MeasuredSpread {
  readonly sd: number;
  readonly runId: string;
  /** Pairs of jobs that were compared; the widest counts. */
  readonly pairs: number;
}

/** A standard deviation of the paired difference, and why it may be taken. */
export interface AssumedSpread {
  readonly sd: number;
  readonly because: string;
  /** Smallest difference that is found; null where the items are too few for any. */
  readonly difference: number | null;
}

export interface Resolution {
  readonly metric: string | null;
  readonly unit: string | null;
  readonly items: number;
  readonly pairs: number;
  readonly power: number;
  /** Of each pair's interval, so that all hold together at the confidence of the spec. */
  readonly correctedConfidence: number;
  /** The likely one first, the worst that can be last; empty with a reason. */
  readonly spreads: readonly AssumedSpread[];
  readonly reason: string | null;
  /** Items that find the wanted difference, for each of the spreads. */
  readonly forDifference: { readonly difference: number; readonly items: readonly number[] } | null;
  /** Items for an interval of one job's value of so much to each side, at the spec's own confidence and the largest spread; null without a range. */
  readonly forPrecision: { readonly halfWidth: number; readonly items: number | null } | null;
}

/** The metric that a rule ranks by, or why it is none that can be planned for. */
export function plannedMetric(rule: ScoreRule | null, registry: Registry): ResolutionInput['metric'] {
  if (rule === null) return { reason: 'nothing that is measured has a direction' };
  if (rule.kind === 'weighted') return { name: TOTAL_NAME, info: TOTAL_INFO };
  if (rule.kind !== 'rankBy') return { reason: 'this composite is no mean over items' };
  const [scorer, name] = splitMetricName(rule.metric);
  const info = offersOf(scorer, registry)[0]?.metrics.find((metric) => metric.name === name);
  return info === undefined ? { reason: `${rule.metric} has no range that is known before` } : { name: rule.metric, info };
}

/** The widest spread of the pairs that a ranking compared, read off their intervals: half-width = z * sd / sqrt(items). Null without any. */
export function measuredSpread({ comparisons }: Ranking, jobIds: ReadonlySet<string>, runId: string): MeasuredSpread | null {
  const sds = comparisons.flatMap(({ a, b, interval, commonItems }) => {
    if (interval === null || !jobIds.has(a) || !jobIds.has(b)) return [];
    return [((interval.high - interval.low) / 2 / normalQuantile(0.5 + interval.confidence / 2)) * Math.sqrt(commonItems)];
  });
  const sd = Math.max(...sds);
  return sds.length > 0 && sd > 0 ? { sd, runId, pairs: sds.length } : null;
}

export function resolutionOf({ metric, items, jobs, confidence, measured = null, wanted }: ResolutionInput): Resolution {
  const pairs = (jobs * (jobs - 1)) / 2;
  const options = { confidence: correctedConfidence(confidence, pairs), power: DEFAULT_POWER };
  const named = 'reason' in metric ? { metric: null, unit: null } : { metric: metric.name, unit: metric.info.unit };
  const head = { ...named, items, pairs, power: options.power, correctedConfidence: options.confidence };
  const span = 'reason' in metric ? metric.reason : spanOf(metric.name, metric.info);
  const assumed = pairs === 0 ? [] : assumptions(span, 'reason' in metric ? null : measured);
  const spreads = assumed.map(({ sd, because }): AssumedSpread => {
    const difference = resolvableDifference(items, sd, 'paired', options);
    // Two values of a range are never further apart than its ends.
    return { sd, because, difference: difference !== null && (typeof span === 'string' || difference <= span) ? difference : null };
  });
  const nothing = typeof span === 'string' ? span : 'one job alone is compared with none';
  const { difference, precision } = wanted;
  return {
    ...head,
    spreads,
    reason: spreads.length === 0 ? nothing : null,
    forDifference:
      difference === null || spreads.length === 0
        ? null
        : { difference, items: spreads.map(({ sd }) => requiredForDifference(difference, sd, 'paired', options)) },
    // No values within a range spread wider than half of it (Popoviciu's inequality).
    forPrecision:
      precision === null
        ? null
        : { halfWidth: precision, items: typeof span === 'string' ? null : requiredForHalfWidth(precision, span / 2, confidence) },
  };
}

/** The likely spread first. Paired differences of values within a range spread as far as the range at most. */
function assumptions(span: number | string, measured: MeasuredSpread | null): Pick<AssumedSpread, 'sd' | 'because'>[] {
  const seen =
    measured === null
      ? []
      : [{ sd: measured.sd, because: `as in run ${measured.runId}, the widest of ${countNoun(measured.pairs, 'pair')}` }];
  if (typeof span === 'string') return seen;
  const likely = seen.length > 0 ? seen : [{ sd: span / 2, because: 'half the range' }];
  return [...likely, { sd: span, because: 'the whole range' }];
}

/** Length of the range, or why there is nothing to plan with. */
function spanOf(name: string, { range: [low, high] }: MetricInfo): number | string {
  const isBounded = low !== null && high !== null && low < high;
  if (isBounded && makingOf(name) !== 'mean') return `${name} is no mean over items; only a run tells how far it spreads`;
  if (isBounded) return high - low;
  return `${name} has no finite range; plan it from numbers of your own with "bakeoff stats --power"`;
}
