/**
 * A metric of a job, to be computed anew for any draw of the groups of items: from the sums of each group, or, where it is made of ranks or of
 * very many sums, from its samples. Used by win-rates.ts.
 */
import { estimatorOf, type MetricColumn, type SuiteColumns } from '../columns.ts';
import type { Estimator } from '../measures/estimator.ts';
import { type RankEstimator, weighed } from '../measures/rank-estimator.ts';
import { type Groups, weightedSum } from './item-draws.ts';

export interface MetricSums {
  /** Of all samples; NaN without one. */
  readonly value: number;
  /** Items with a value. */
  readonly clusters: number;
  /** Of a draw; NaN where the measure is undefined on it. */
  readonly drawn: (weights: Float64Array) => number;
  /** Multiplications of a draw. */
  readonly work: number;
}

export function metricSums(column: MetricColumn, suite: SuiteColumns, groups: Groups): MetricSums {
  const measure = estimatorOf(column);
  if ('prepare' in measure) return bySamples(measure, suite, groups);
  return measure.sparse ? bySamples(weighed(measure), suite, groups) : bySums(measure, suite, groups);
}

function bySums(estimator: Estimator, suite: SuiteColumns, groups: Groups): MetricSums {
  const { width } = estimator;
  const table = new Float64Array(width * groups.count);
  const item = new Float64Array(width);
  let clusters = 0;
  for (const [position, index] of suite.order.entries()) {
    item.fill(0);
    let found = 0;
    for (let slot = index * suite.repeats; slot < (index + 1) * suite.repeats; slot++) {
      if (!estimator.has(slot)) continue;
      estimator.add(slot, item, 0);
      found++;
    }
    if (found === 0) continue;
    clusters++;
    for (let k = 0; k < width; k++) {
      const cell = k * groups.count + (groups.groupOf[position] ?? 0);
      table[cell] = (table[cell] ?? 0) + (item[k] ?? 0);
    }
  }
  const sums = new Float64Array(width);
  const constants = Array.from({ length: width }, (_, k) => constantSum(table.subarray(k * groups.count, (k + 1) * groups.count)));
  const drawn = (weights: Float64Array): number => {
    for (let k = 0; k < width; k++) sums[k] = constants[k] ?? weightedSum(weights, table, k * groups.count);
    return estimator.value(sums, 0);
  };
  const value = clusters === 0 ? Number.NaN : drawn(new Float64Array(groups.count).fill(1));
  return { value, clusters, drawn, work: groups.count * constants.filter((constant) => constant === null).length };
}

/** What every draw sums up to where all groups have the same whole number, as counts mostly have; null elsewhere. */
function constantSum(column: Float64Array): number | null {
  const first = column[0] ?? 0;
  return Number.isInteger(first) && column.every((value) => value === first) ? first * column.length : null;
}

function bySamples(measure: RankEstimator, suite: SuiteColumns, groups: Groups): MetricSums {
  const slots: number[] = [];
  const groupOf: number[] = [];
  let clusters = 0;
  for (const [position, index] of suite.order.entries()) {
    const before = slots.length;
    for (let slot = index * suite.repeats; slot < (index + 1) * suite.repeats; slot++) {
      if (!measure.has(slot)) continue;
      slots.push(slot);
      groupOf.push(groups.groupOf[position] ?? 0);
    }
    if (slots.length > before) clusters++;
  }
  const valueAt = measure.prepare(Uint32Array.from(slots));
  const counts = new Uint32Array(slots.length);
  const drawn = (weights: Float64Array): number => {
    for (const [at, group] of groupOf.entries()) counts[at] = weights[group] ?? 0;
    return valueAt(counts);
  };
  const value = clusters === 0 ? Number.NaN : valueAt(counts.fill(1));
  return { value, clusters, drawn, work: slots.length * measure.passes };
}
