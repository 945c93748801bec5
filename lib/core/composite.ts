/**
 * The composite of a spec's `score` section: a weighted mean of metrics, each brought to 0..1 by its declared range, times 100.
 * Made sample by sample, so that it is compared in pairs like any other metric.
 */
import type { MetricColumn } from './columns.ts';
import type { MetricInfo } from './manifest.ts';

/** What jobs are ranked by; `null` in its place where nothing that was asked for has a direction. */
export type ScoreRule =
  | { readonly kind: 'weighted'; readonly weights: Readonly<Record<string, number>> }
  | { readonly kind: 'rankBy'; readonly metric: string };

export const TOTAL_NAME = 'score.total';
const NOTHING_TO_RANK = 'nothing that was measured has a direction';

/** `score.total`, `<scorer>.<metric>`, or `none`. */
export function rankedName(rule: ScoreRule | null): string {
  if (rule === null) return 'none';
  return rule.kind === 'weighted' ? TOTAL_NAME : rule.metric;
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

/** The formula in words, for the report. */
export function formulaOf(rule: ScoreRule | null): string {
  if (rule === null) return NOTHING_TO_RANK;
  if (rule.kind === 'rankBy') return rule.metric;
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
  const { direction, range } = column.info;
  const [low, high] = range;
  if (direction === 'none') return `${name} is a diagnostic without direction`;
  if (low === null || high === null || !(low < high)) return `${name} has no bounded range to scale by`;
  if (column.values.every((value) => Number.isNaN(value))) return `${name} has no value`;
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

/** The column of the composite: a sample counts when all of its parts do. A missing part refuses the whole, with the reason. */
export function compositeColumn(
  columns: readonly MetricColumn[],
  weights: Readonly<Record<string, number>>,
): { readonly column: MetricColumn } | { readonly reason: string } {
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

/** The column that a rule ranks by, or the reason why the job has none. */
export function rankedColumn(
  columns: readonly MetricColumn[],
  rule: ScoreRule | null,
): { readonly column: MetricColumn } | { readonly reason: string } {
  if (rule === null) return { reason: NOTHING_TO_RANK };
  if (rule.kind === 'weighted') return compositeColumn(columns, rule.weights);
  const column = columns.find((candidate) => candidate.name === rule.metric);
  if (column === undefined) return { reason: `${rule.metric} was not measured` };
  return column.info.direction === 'none' ? { reason: `${rule.metric} is a diagnostic without direction` } : { column };
}
