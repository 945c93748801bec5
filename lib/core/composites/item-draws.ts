/**
 * Draws of items for numbers that all jobs make together: one resample of the items serves every job, so that what is drawn for one is drawn
 * for the others. Bounded in work whatever the number of items and jobs. Used by win-rates.ts and strengths.ts.
 */
import { quantile } from '../measures/bca.ts';
import { normalQuantile } from '../measures/normal.ts';
import { createRandomStream } from '../measures/random.ts';
import type { Interval } from '../scores.ts';

/** Items are drawn one by one up to so many; of more, groups of items of equal size are drawn. */
export const MAX_GROUPS = 2048;
/** Multiplications for all resamples together: some seconds. */
export const MAX_WORK = 2 ** 31;
const BASE_RESAMPLES = 2000;
/** Resamples beyond each end of an interval: as many as wanted, and the least that still tells a percentile. */
const WANTED_IN_TAIL = 12;
const MIN_IN_TAIL = 10;
/** Fewer resamples tell no spread. */
const MIN_RESAMPLES = 200;
/** Relative difference below which two measures are equal: sums are rounded. */
export const SAME = 1e-12;

/** Infinitely bad or good values are equal to nothing but themselves. */
export function isSame(x: number, y: number): boolean {
  return x === y || (Number.isFinite(x - y) && Math.abs(x - y) <= SAME * (Math.abs(x) + Math.abs(y)));
}

/** What is drawn: single items, or groups of them. `groupOf` has a group for each position in the list of items. */
export interface Groups {
  readonly count: number;
  readonly groupOf: Uint32Array;
}

/** Groups of equal size, give or take one, dealt out by the stream `groups/<label>`; every item its own while there are few. */
export function groupItems(items: number, maxGroups: number, label: string): Groups {
  const count = Math.min(items, maxGroups);
  const groupOf = Uint32Array.from({ length: items }, (_, position) => position % Math.max(1, count));
  if (count === items) return { count, groupOf };
  const draws = new Uint32Array(items);
  createRandomStream(`groups/${label}`).fill(draws);
  for (let last = items - 1; last > 0; last--) {
    const other = Math.floor(((draws[last] ?? 0) / 2 ** 32) * (last + 1));
    const group = groupOf[last] ?? 0;
    groupOf[last] = groupOf[other] ?? 0;
    groupOf[other] = group;
  }
  return { count, groupOf };
}

/** How often to resample, `work` being the multiplications of one: enough for the tails of this confidence where that can be paid; 0 for never. */
export function jointResamples(confidence: number, work: number): number {
  const wanted = Math.max(BASE_RESAMPLES, Math.round((2 * WANTED_IN_TAIL) / (1 - confidence)));
  const affordable = Math.min(Math.floor(MAX_WORK / Math.max(1, work)), wanted);
  // Tails that no work pays for are left to the normal approximation, for which the base is enough.
  const count = hasTail(affordable, confidence) ? affordable : Math.min(affordable, BASE_RESAMPLES);
  return count < MIN_RESAMPLES ? 0 : count - (count % BLOCK);
}

function hasTail(resamples: number, confidence: number): boolean {
  return (resamples * (1 - confidence)) / 2 >= MIN_IN_TAIL;
}

/** Resamples that are summed up in one pass over a table: each number that is read serves so many. */
export const BLOCK = 8;

/**
 * Calls `visit` with how often each group was drawn, BLOCK resamples at a time: weights[group × BLOCK + resample within the block]. As many
 * groups are drawn as there are; `resamples` is a multiple of BLOCK.
 */
export function forEachBlock(
  groups: number,
  resamples: number,
  label: string,
  visit: (weights: Float64Array, first: number) => void,
): void {
  const { fillBelow } = createRandomStream(label);
  const picks = new Uint32Array(groups);
  const weights = new Float64Array(groups * BLOCK);
  for (let first = 0; first < resamples; first += BLOCK) {
    weights.fill(0);
    for (let within = 0; within < BLOCK; within++) {
      fillBelow(picks, groups);
      for (let at = 0; at < groups; at++) {
        const cell = (picks[at] ?? 0) * BLOCK + within;
        weights[cell] = (weights[cell] ?? 0) + 1;
      }
    }
    visit(weights, first);
  }
}

/** Weights of a block in which every group counts once: the data as it is. */
export function evenWeights(groups: number): Float64Array {
  return new Float64Array(groups * BLOCK).fill(1);
}

/** The sums of the groups of one column, table[offset ..], for every resample of a block: into[at .. at + BLOCK). */
export function weightedSums(
  weights: Float64Array,
  table: Float64Array | Float32Array,
  offset: number,
  into: Float64Array,
  at: number,
): void {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let cell = 0, group = offset; cell < weights.length; cell += BLOCK, group++) {
    const value = table[group] ?? 0;
    a += value * (weights[cell] ?? 0);
    b += value * (weights[cell + 1] ?? 0);
    c += value * (weights[cell + 2] ?? 0);
    d += value * (weights[cell + 3] ?? 0);
    e += value * (weights[cell + 4] ?? 0);
    f += value * (weights[cell + 5] ?? 0);
    g += value * (weights[cell + 6] ?? 0);
    h += value * (weights[cell + 7] ?? 0);
  }
  into[at] = a;
  into[at + 1] = b;
  into[at + 2] = c;
  into[at + 3] = d;
  into[at + 4] = e;
  into[at + 5] = f;
  into[at + 6] = g;
  into[at + 7] = h;
}

export interface Spread {
  readonly interval: Interval | null;
  readonly intervalReason: string | null;
  /** 1 where the interval lies above 0, -1 where it lies below. */
  readonly sign: -1 | 0 | 1;
}

export const NO_RESAMPLES = 'the jobs and items are too many to be resampled';
const UNTOUCHED = 'no resample of the items changes it';

/**
 * The interval of a number from its resampled values, which are sorted in place: between percentiles, or where the tails of this confidence
 * were not drawn, value ± z × their standard deviation. One without width says nothing of uncertainty; its sign counts.
 */
export function spreadOfDraws(value: number, draws: Float64Array, confidence: number): Spread {
  if (draws.length === 0) return { interval: null, intervalReason: NO_RESAMPLES, sign: 0 };
  const { low, high, method } = hasTail(draws.length, confidence) ? percentiles(draws, confidence) : normal(value, draws, confidence);
  const sign = low > 0 ? 1 : high < 0 ? -1 : 0;
  if (!(high - low > SAME * Math.max(Math.abs(low), Math.abs(high)))) return { interval: null, intervalReason: UNTOUCHED, sign };
  return { interval: { low, high, confidence, method }, intervalReason: null, sign };
}

function percentiles(draws: Float64Array, confidence: number) {
  const sorted = draws.sort();
  return { low: quantile(sorted, (1 - confidence) / 2), high: quantile(sorted, (1 + confidence) / 2), method: 'percentile-bootstrap' };
}

function normal(value: number, draws: Float64Array, confidence: number) {
  let [sum, squares] = [0, 0];
  for (const draw of draws) sum += draw;
  const mean = sum / draws.length;
  for (const draw of draws) squares += (draw - mean) ** 2;
  const half = normalQuantile(0.5 + confidence / 2) * Math.sqrt(squares / (draws.length - 1));
  return { low: value - half, high: value + half, method: 'normal-bootstrap' };
}
