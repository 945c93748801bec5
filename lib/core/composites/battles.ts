/**
 * Battles of the jobs of a run: every sample that two jobs have, won by the better value, ties half to each, summed up by group of items. Used
 * by strengths.ts.
 */
import { type MetricColumn, NOT_DUE, type SuiteColumns } from '../columns.ts';
import { BLOCK, evenWeights, type Groups, isSame, weightedSums } from './item-draws.ts';

/** What the samples of a job are worth, more being better; NaN where it has no value. */
export interface Worths {
  readonly values: Float64Array;
  /** 1 where a sample could have had a value and has none. */
  readonly gaps: Uint8Array;
}

/** Null for a metric that says nothing of a single sample, such as R², an F1 or a correlation. */
export function worthsOf(column: MetricColumn): Worths | null {
  switch (column.kind) {
    case 'mean': {
      const sign = column.info.direction === 'higher' ? 1 : -1;
      return worths(
        column,
        column.values.length,
        (slot) => sign * (column.values[slot] ?? Number.NaN),
        () => true,
      );
    }
    case 'corpus-ratio': {
      const sign = column.info.direction === 'higher' ? 1 : -1;
      const { numerators, denominators } = column;
      const own = (slot: number): number => {
        const denominator = denominators[slot] ?? Number.NaN;
        return denominator > 0 ? (sign * (numerators[slot] ?? Number.NaN)) / denominator : Number.NaN;
      };
      return worths(column, numerators.length, own, (slot) => (denominators[slot] ?? Number.NaN) > 0);
    }
    case 'mae':
    case 'rmse': {
      const { predictions, references } = column.numbers;
      const own = (slot: number): number => -Math.abs((predictions[slot] ?? Number.NaN) - (references[slot] ?? Number.NaN));
      return worths(column, predictions.length, own, (slot) => !Number.isNaN(references[slot] ?? Number.NaN));
    }
    default:
      return null;
  }
}

function worths({ states }: MetricColumn, slots: number, worthAt: (slot: number) => number, couldHave: (slot: number) => boolean): Worths {
  const values = Float64Array.from({ length: slots }, (_, slot) => worthAt(slot));
  const isDue = (slot: number): boolean => states === undefined || ((states[slot] ?? 0) & NOT_DUE) === 0;
  const gaps = Uint8Array.from(values, (value, slot) => (Number.isNaN(value) && couldHave(slot) && isDue(slot) ? 1 : 0));
  return { values, gaps };
}

/** Missing samples at infinitely bad, or good. */
export function filledWorths({ values, gaps }: Worths, extreme: number): Worths {
  return { values: values.map((value, slot) => (gaps[slot] === 1 ? extreme : value)), gaps };
}

/** 1 for a win of the first, half for a tie, NaN for no battle. */
function outcome(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (isSame(x, y)) return 0.5;
  return x > y ? 1 : 0;
}

export interface Battles {
  readonly jobs: number;
  readonly groups: number;
  /** Wins of the first and of the second of each pair, by group: at (2 × pair + side) × groups + group. Halves are exact in 32 bits. */
  readonly table: Float32Array;
}

/** Pairs (i, j), j below i, in the order of their numbers. */
export function pairNumber(i: number, j: number): number {
  return (i * (i - 1)) / 2 + j;
}

export function battlesOf(jobs: readonly Worths[], suite: SuiteColumns, groups: Groups): Battles {
  const pairs = (jobs.length * (jobs.length - 1)) / 2;
  const table = new Float32Array(2 * pairs * groups.count);
  for (let i = 1; i < jobs.length; i++) for (let j = 0; j < i; j++) fight(table, pairNumber(i, j), jobs[i], jobs[j], suite, groups);
  return { jobs: jobs.length, groups: groups.count, table };
}

/** The same with two jobs' worths in place of their own; the battles of all others stay as they are. */
export function refought(
  battles: Battles,
  jobs: readonly Worths[],
  changed: readonly number[],
  suite: SuiteColumns,
  groups: Groups,
): Battles {
  const table = battles.table.slice();
  for (const i of changed) {
    for (let other = 0; other < jobs.length; other++) {
      if (other === i || (changed.includes(other) && other > i)) continue;
      const [high, low] = [Math.max(i, other), Math.min(i, other)];
      const pair = pairNumber(high, low);
      table.fill(0, 2 * pair * groups.count, 2 * (pair + 1) * groups.count);
      fight(table, pair, jobs[high], jobs[low], suite, groups);
    }
  }
  return { ...battles, table };
}

function fight(
  table: Float32Array,
  pair: number,
  a: Worths | undefined,
  b: Worths | undefined,
  { order, repeats }: SuiteColumns,
  { count, groupOf }: Groups,
): void {
  if (a === undefined || b === undefined) return;
  const [first, second] = [2 * pair * count, (2 * pair + 1) * count];
  for (let position = 0; position < order.length; position++) {
    const item = order[position] ?? 0;
    const group = groupOf[position] ?? 0;
    for (let slot = item * repeats; slot < (item + 1) * repeats; slot++) {
      const won = outcome(a.values[slot] ?? Number.NaN, b.values[slot] ?? Number.NaN);
      if (Number.isNaN(won)) continue;
      table[first + group] = (table[first + group] ?? 0) + won;
      table[second + group] = (table[second + group] ?? 0) + 1 - won;
    }
  }
}

/** Who beat whom how often, on every resample of a block: `wins[resample][i * jobs + j]`. */
export function winsOf({ jobs, groups, table }: Battles, weights: Float64Array, wins: readonly Float64Array[]): void {
  const sums = new Float64Array(2 * BLOCK);
  for (let i = 1; i < jobs; i++) {
    for (let j = 0; j < i; j++) {
      const first = 2 * pairNumber(i, j) * groups;
      weightedSums(weights, table, first, sums, 0);
      weightedSums(weights, table, first + groups, sums, BLOCK);
      for (const [within, own] of wins.entries()) {
        own[i * jobs + j] = sums[within] ?? 0;
        own[j * jobs + i] = sums[BLOCK + within] ?? 0;
      }
    }
  }
}

/** Of all battles together. */
export function allWins(battles: Battles): Float64Array {
  const wins = new Float64Array(battles.jobs ** 2);
  winsOf(battles, evenWeights(battles.groups), [wins]);
  return wins;
}
