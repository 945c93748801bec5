/**
 * A metric of a job, to be computed anew for any draw of the groups of items: from the sums of each group, or, where it is made of ranks or of
 * very many sums, from its samples. Used by win-rates.ts.
 */
import { estimatorOf, type MetricColumn, type SuiteColumns } from '../columns.ts';
import type { Estimator } from '../measures/estimator.ts';
import { type RankEstimator, weighed } from '../measures/rank-estimator.ts';
import { BLOCK, evenWeights, type Groups, weightedSums } from './item-draws.ts';

export interface MetricSums {
  /** Of all samples; NaN without one. */
  readonly value: number;
  /** Items with a value. */
  readonly clusters: number;
  /** Of every resample of a block, into[0 .. BLOCK); NaN where the measure is undefined on it. */
  readonly drawn: (weights: Float64Array, into: Float64Array) => void;
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
  const sums = new Float64Array(width * BLOCK);
  const own = new Float64Array(width);
  const constants = Array.from({ length: width }, (_, k) => constantSum(table.subarray(k * groups.count, (k + 1) * groups.count)));
  const drawn: MetricSums['drawn'] = (weights, into) => {
    for (let k = 0; k < width; k++) {
      const constant = constants[k] ?? null;
      if (constant === null) weightedSums(weights, table, k * groups.count, sums, k * BLOCK);
      else sums.fill(constant, k * BLOCK, (k + 1) * BLOCK);
    }
    for (let within = 0; within < BLOCK; within++) {
      for (let k = 0; k < width; k++) own[k] = sums[k * BLOCK + within] ?? 0;
      into[within] = estimator.value(own, 0);
    }
  };
  const value = clusters === 0 ? Number.NaN : valueOfAll(drawn, groups);
  return { value, clusters, drawn, work: groups.count * constants.filter((constant) => constant === null).length };
}

function valueOfAll(drawn: MetricSums['drawn'], groups: Groups): number {
  const into = new Float64Array(BLOCK);
  drawn(evenWeights(groups.count), into);
  return into[0] ?? Number.NaN;
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
  const drawn: MetricSums['drawn'] = (weights, into) => {
    for (let within = 0; within < BLOCK; within++) {
      for (const [at, group] of groupOf.entries()) counts[at] = weights[group * BLOCK + within] ?? 0;
      into[within] = valueAt(counts);
    }
  };
  const value = clusters === 0 ? Number.NaN : valueAt(counts.fill(1));
  return { value, clusters, drawn, work: slots.length * measure.passes };
}
