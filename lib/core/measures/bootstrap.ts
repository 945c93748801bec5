/**
 * The cluster bootstrap: items are resampled with all their repeats, and the measure is computed anew from the summed parts.
 * Also the jackknife over items, which gives BCa its acceleration and large samples their standard error.
 */
import type { Estimator, Selection } from './estimator.ts';
import { createRandomStream } from './random.ts';

/** Sums of each item that has at least one value: the first sum of all items, then the second of all items, and so on. */
export interface ClusterTable {
  readonly sums: Float64Array;
  readonly clusters: number;
}

/** Totals over the selection, with the number of samples and of items that have a value. */
export interface Totals {
  readonly sums: Float64Array;
  readonly samples: number;
  readonly clusters: number;
}

/** Sums one item's samples into `sums`; returns how many it had. */
function sumItem(estimator: Estimator, item: number, repeats: number, sums: Float64Array): number {
  let samples = 0;
  for (let slot = item * repeats; slot < (item + 1) * repeats; slot++) {
    if (!estimator.has(slot)) continue;
    estimator.add(slot, sums, 0);
    samples++;
  }
  return samples;
}

/** The sums of an estimator over the selected samples. */
export function totalsOf(estimator: Estimator, selection: Selection): Totals {
  const sums = new Float64Array(estimator.width);
  let samples = 0;
  let clusters = 0;
  for (const item of selection.items) {
    const found = sumItem(estimator, item, selection.repeats, sums);
    samples += found;
    if (found > 0) clusters++;
  }
  return { sums, samples, clusters };
}

/** The sums by cluster (item): what is drawn from is then as long as the suite, not as its samples. */
export function clusterTable(estimator: Estimator, selection: Selection, clusters: number): ClusterTable {
  const sums = new Float64Array(clusters * estimator.width);
  const item = new Float64Array(estimator.width);
  let row = 0;
  for (const index of selection.items) {
    item.fill(0);
    if (sumItem(estimator, index, selection.repeats, item) === 0) continue;
    for (let k = 0; k < item.length; k++) sums[k * clusters + row] = item[k] ?? 0;
    row++;
  }
  return { sums, clusters };
}

const NONE = new Float64Array(0);

function sumOfPicks(column: Float64Array, picks: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < picks.length; i++) sum += column[picks[i] ?? 0] ?? 0;
  return sum;
}

/** What every draw sums up to where all items have the same part (a count, mostly): no need to draw. Null where they differ. */
function constantSum(column: Float64Array): number | null {
  const first = column[0] ?? 0;
  return Number.isInteger(first) && column.every((value) => value === first) ? first * column.length : null;
}

/**
 * The measure on `resamples` draws of as many items as there are, with replacement, ascending. Undefined draws are NaN and
 * sort last. `label` names the random stream: equal labels and equal item order give equal draws.
 */
export function bootstrapDistribution(estimator: Estimator, table: ClusterTable, resamples: number, label: string): Float64Array {
  const { sums, clusters } = table;
  const { fillBelow } = createRandomStream(label);
  const picks = new Uint32Array(clusters);
  const columns = Array.from({ length: estimator.width }, (_, k) => sums.subarray(k * clusters, (k + 1) * clusters));
  const constants = columns.map(constantSum);
  const drawn = new Float64Array(estimator.width);
  const distribution = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    fillBelow(picks, clusters);
    for (let k = 0; k < columns.length; k++) drawn[k] = constants[k] ?? sumOfPicks(columns[k] ?? NONE, picks);
    distribution[resample] = estimator.value(drawn, 0);
  }
  return distribution.sort();
}

/**
 * The same for a measure of many sums, of which a sample adds to a few: samples are added up one by one, so that a draw costs what the
 * samples do, and no table stands in memory.
 */
export function sparseDistribution(estimator: Estimator, selection: Selection, resamples: number, label: string): Float64Array {
  const { fillBelow } = createRandomStream(label);
  const scratch = new Float64Array(estimator.width);
  const items = selection.items.filter((item) => sumItem(estimator, item, selection.repeats, scratch) > 0);
  const picks = new Uint32Array(items.length);
  const drawn = new Float64Array(estimator.width);
  const distribution = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    fillBelow(picks, items.length);
    drawn.fill(0);
    for (let i = 0; i < picks.length; i++) sumItem(estimator, items[picks[i] ?? 0] ?? 0, selection.repeats, drawn);
    distribution[resample] = estimator.value(drawn, 0);
  }
  return distribution.sort();
}

export interface Jackknife {
  readonly standardError: number;
  /** BCa's acceleration: a sixth of the skewness of the leave-one-item-out values. */
  readonly acceleration: number;
}

/** Leaves out each item once (Efron and Tibshirani, 1993, 11.5 and 14.15). One pass, no table: fit for a million items. */
export function jackknife(estimator: Estimator, selection: Selection, totals: Totals): Jackknife {
  const { width } = estimator;
  const without = new Float64Array(width);
  const item = new Float64Array(width);
  const whole = estimator.value(totals.sums, 0);
  let [first, second, third] = [0, 0, 0];
  for (const index of selection.items) {
    item.fill(0);
    if (sumItem(estimator, index, selection.repeats, item) === 0) continue;
    for (let k = 0; k < width; k++) without[k] = (totals.sums[k] ?? 0) - (item[k] ?? 0);
    const shift = whole - estimator.value(without, 0);
    first += shift;
    second += shift * shift;
    third += shift * shift * shift;
  }
  return jackknifeOf([first, second, third], totals.clusters);
}

/** From the sums of the n shifts (whole less leave-one-out), of their squares and of their cubes. */
export function jackknifeOf([first, second, third]: readonly [number, number, number], n: number): Jackknife {
  const mean = first / n;
  const squares = Math.max(0, second - n * mean * mean);
  const cubes = third - 3 * mean * second + 2 * n * mean * mean * mean;
  return {
    standardError: Math.sqrt(((n - 1) / n) * squares),
    acceleration: squares > 0 ? cubes / (6 * squares ** 1.5) : 0,
  };
}
