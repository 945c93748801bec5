/**
 * Which difference between two jobs a run can find, and how many items a wanted one needs, before anything was measured. Pure; called by
 * `bakeoff plan`. It counts in items: repeats of an item are not independent. It knows ranges, and no answers: what it assumes, it names.
 */
import { type ScoreRule, TOTAL_INFO, TOTAL_NAME } from './composite.ts';
import type { MetricInfo } from './manifest.ts';
import { DEFAULT_POWER, requiredForDifference, requiredForHalfWidth, resolvableDifference } from './measures/sample-size.ts';
import { correctedConfidence } from './ranking.ts';
import type { Registry } from './registry.ts';
import { offersOf, splitMetricName } from './resolve-scorers.ts';

export interface ResolutionInput {
  readonly metric: { readonly name: string; readonly info: MetricInfo } | { readonly reason: string };
  readonly items: number;
  /** Jobs that are ranked: references are not. */
  readonly jobs: number;
  readonly confidence: number;
  /** In the unit of the metric; null where not asked for. */
  readonly wanted: { readonly difference: number | null; readonly precision: number | null };
}

/** A standard deviation that nobody has measured yet, and why it may be taken. */
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
  /** Items for an interval of one job's value of so much to each side, at the spec's own confidence and the largest spread. */
  readonly forPrecision: { readonly halfWidth: number; readonly items: number } | null;
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

/** Built-in metrics that are no means over items though their range is finite: the formula of a mean is not theirs. */
const NO_MEANS: ReadonlySet<string> = new Set([
  ...['numbers.spearman', 'overlap.bleu', 'overlap.chrf', 'fields.accuracy', 'fields.precision', 'labels.macro-f1'],
  ...['labels.macro-precision', 'labels.macro-recall', 'labels.weighted-f1', 'labels.auc', 'labels.calibration-error'],
]);

export function resolutionOf({ metric, items, jobs, confidence, wanted }: ResolutionInput): Resolution {
  const pairs = (jobs * (jobs - 1)) / 2;
  const options = { confidence: correctedConfidence(confidence, pairs), power: DEFAULT_POWER };
  const named = 'reason' in metric ? { metric: null, unit: null } : { metric: metric.name, unit: metric.info.unit };
  const head = { ...named, items, pairs, power: options.power, correctedConfidence: options.confidence };
  const span = 'reason' in metric ? metric.reason : spanOf(metric.name, metric.info);
  if (typeof span === 'string') return { ...head, spreads: [], reason: span, forDifference: null, forPrecision: null };
  const spread = (sd: number, because: string): AssumedSpread => {
    const difference = resolvableDifference(items, sd, 'paired', options);
    // Two values of a range are never further apart than its ends.
    return { sd, because, difference: difference !== null && difference <= span ? difference : null };
  };
  const spreads = [spread(span / 2, 'half the range'), spread(span, 'the whole range, the worst that can be')];
  return {
    ...head,
    spreads: pairs === 0 ? [] : spreads,
    reason: pairs === 0 ? 'one job alone is compared with none' : null,
    forDifference:
      wanted.difference === null || pairs === 0
        ? null
        : {
            difference: wanted.difference,
            items: spreads.map(({ sd }) => requiredForDifference(wanted.difference ?? 0, sd, 'paired', options)),
          },
    // No values within a range spread wider than half of it (Popoviciu's inequality).
    forPrecision:
      wanted.precision === null
        ? null
        : { halfWidth: wanted.precision, items: requiredForHalfWidth(wanted.precision, span / 2, confidence) },
  };
}

/** Length of the range, or why there is nothing to plan with. */
function spanOf(name: string, { range: [low, high] }: MetricInfo): number | string {
  if (NO_MEANS.has(name)) return `${name} is no mean over items; only a run tells how far it spreads`;
  if (low !== null && high !== null && low < high) return high - low;
  return `${name} has no finite range; plan it from numbers of your own with "bakeoff stats --power"`;
}
