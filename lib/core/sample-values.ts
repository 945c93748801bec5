/** What one sample contributes to a metric, for showing it beside its answer. Pure; used when a report's examples are collected. */
import { isAnswerColumn, valueOfAnswer } from './answer-column.ts';
import type { MetricColumn } from './columns.ts';
import { PROFILE_POINTS } from './composites/profile-estimator.ts';
import { profileScorer } from './profiles/profile.ts';

/**
 * NaN where the sample has no value. Corpus ratios: the sample's own ratio; MAE, RMSE and R2: the absolute error; a profile: the total of
 * the sample alone, where it has every dimension.
 */
export function sampleValue(column: MetricColumn, slot: number): number {
  if (isAnswerColumn(column)) return valueOfAnswer(column, slot);
  switch (column.kind) {
    case 'mean':
      return column.values[slot] ?? Number.NaN;
    case 'corpus-ratio':
      return (column.numerators[slot] ?? Number.NaN) / (column.denominators[slot] ?? Number.NaN);
    case 'mae':
    case 'rmse':
    case 'r2':
      return Math.abs((column.numbers.predictions[slot] ?? Number.NaN) - (column.numbers.references[slot] ?? Number.NaN));
    case 'profile': {
      const raw = Float64Array.from(column.parts, (part) => sampleValue(part.column, slot) / part.scale);
      return PROFILE_POINTS * profileScorer(column.profile).score(raw, new Float64Array(column.profile.groups.length));
    }
  }
}

/** How far the values of several jobs lie apart; null when fewer than two have one. */
export function spreadOf(values: readonly number[]): number | null {
  const finite = values.filter((value) => Number.isFinite(value));
  return finite.length < 2 ? null : Math.max(...finite) - Math.min(...finite);
}
