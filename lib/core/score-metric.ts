/**
 * One metric of one job as it is stored and shown: value, interval, spread, counts, or the reason for whatever is missing. Called by score-job.ts
 * for the whole suite and for each category.
 */
import { BUILTIN_SCORERS } from './builtin-scorers.ts';
import { estimatorOf, type MetricColumn, NOT_DUE } from './columns.ts';
import { withoutThinParts } from './composites/profile-column.ts';
import { estimate } from './measures/estimate.ts';
import type { Selection } from './measures/estimator.ts';
import { spreadOf } from './measures/spread.ts';
import { splitMetricName } from './resolve-scorers.ts';
import type { MetricScore } from './scores.ts';

/** Samples of the selection with this bit. */
function countIn(state: Uint8Array, bit: number, selection: Selection): number {
  let count = 0;
  for (const item of selection.items) {
    for (let slot = item * selection.repeats; slot < (item + 1) * selection.repeats; slot++) {
      if (((state[slot] ?? 0) & bit) !== 0) count++;
    }
  }
  return count;
}

/** Answers that the metric's own scorer could not read; an evaluator reports errors in place of them. */
function countUnparsed(column: MetricColumn, state: Uint8Array, selection: Selection): number {
  const bit = BUILTIN_SCORERS.get(splitMetricName(column.name)[0])?.unparsedBit ?? 0;
  return bit === 0 ? 0 : countIn(state, bit, selection);
}

/** One metric over a selection of items, with its interval. Equal arguments give equal numbers, on any machine. */
export function scoreMetric(column: MetricColumn, state: Uint8Array, selection: Selection, confidence: number): MetricScore {
  const result = withoutThinParts(estimate(estimatorOf(column), selection, { confidence, label: column.name }), column, selection);
  const tooFew = result.value !== null && result.samples < column.info.minN;
  const absence = column.absence?.(result.samples) ?? 'no sample has a finite value';
  const reason = tooFew ? `needs ${column.info.minN} samples, has ${result.samples}` : absence;
  const value = tooFew ? null : result.value;
  return {
    name: column.name,
    info: column.info,
    aggregation: column.kind === 'profile' ? column.profile.name : column.kind,
    value,
    reason: value === null ? reason : null,
    interval: value === null ? null : result.interval,
    intervalReason: value === null ? reason : result.intervalReason,
    n: result.samples,
    clusters: result.clusters,
    planned: selection.items.length * selection.repeats - (column.states === undefined ? 0 : countIn(state, NOT_DUE, selection)),
    unparsed: countUnparsed(column, state, selection),
    ...(column.signature === undefined ? {} : { signature: column.signature }),
  };
}

/** The same with standard error and effective n: for whole suites. */
export function scoreWholeMetric(column: MetricColumn, state: Uint8Array, selection: Selection, confidence: number): MetricScore {
  const score = scoreMetric(column, state, selection, confidence);
  if (score.value !== null) return { ...score, ...spreadOf(estimatorOf(column), selection, score.value) };
  return { ...score, standardError: null, standardErrorReason: score.reason, effectiveN: null, effectiveNReason: score.reason };
}
