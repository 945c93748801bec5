/**
 * Brings the columns of two runs onto the items that both have: the same id with the same content and truth. Pure; used by the comparison
 * of runs, whose items may be in another order or in another number.
 */
import { isAnswerColumn, pickAnswers } from '../core/answer-column.ts';
import type { MetricColumn, PlainColumn, SuiteColumns } from '../core/columns.ts';

/** One item of a run: its id, and a digest of all that was sent and of its truth. */
export interface ItemIdentity {
  readonly id: string;
  readonly digest: string;
}

export interface Alignment {
  readonly suite: SuiteColumns;
  /** By common slot, the slot in each run. */
  readonly slotsA: Uint32Array;
  readonly slotsB: Uint32Array;
}

export interface RunItems {
  readonly items: readonly ItemIdentity[];
  readonly repeats: number;
}

/** Common items, sorted by id so that draws do not depend on the order of issue; of unequal repeats the smaller number. */
export function alignItems(a: RunItems, b: RunItems): Alignment {
  const inB = new Map(b.items.map(({ id, digest }, index) => [id, { digest, index }]));
  const common = a.items
    .flatMap(({ id, digest }, indexA) => {
      const other = inB.get(id);
      return other === undefined || other.digest !== digest ? [] : [{ id, indexA, indexB: other.index }];
    })
    .sort((left, right) => (left.id < right.id ? -1 : 1));
  const repeats = Math.min(a.repeats, b.repeats);
  const slotsA = new Uint32Array(common.length * repeats);
  const slotsB = new Uint32Array(common.length * repeats);
  for (const [item, { indexA, indexB }] of common.entries()) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      slotsA[item * repeats + repeat] = indexA * a.repeats + repeat;
      slotsB[item * repeats + repeat] = indexB * b.repeats + repeat;
    }
  }
  const order = Uint32Array.from({ length: common.length }, (_, item) => item);
  return { suite: { itemCount: common.length, repeats, order, categories: [] }, slotsA, slotsB };
}

/** Values at the slots; NaN where there is none. */
export function pickDoubles(values: Float64Array, slots: Uint32Array): Float64Array {
  return Float64Array.from(slots, (slot) => values[slot] ?? Number.NaN);
}

function pickFloats(values: Float32Array, slots: Uint32Array): Float32Array {
  return Float32Array.from(slots, (slot) => values[slot] ?? Number.NaN);
}

export function pickColumn(whole: MetricColumn, slots: Uint32Array): MetricColumn {
  if (isAnswerColumn(whole)) return pickAnswers(whole, slots);
  if (whole.kind !== 'profile') return pickPlain(whole, slots);
  return { ...whole, parts: whole.parts.map((part) => ({ ...part, column: pickPlain(part.column, slots) })) };
}

function pickPlain(whole: PlainColumn, slots: Uint32Array): PlainColumn {
  const { states } = whole;
  const column = states === undefined ? whole : { ...whole, states: Uint8Array.from(slots, (slot) => states[slot] ?? 0) };
  switch (column.kind) {
    case 'mean':
      return { ...column, values: pickDoubles(column.values, slots) };
    case 'corpus-ratio':
      return { ...column, numerators: pickFloats(column.numerators, slots), denominators: pickFloats(column.denominators, slots) };
    case 'mae':
    case 'rmse':
    case 'r2':
      return {
        ...column,
        numbers: { predictions: pickDoubles(column.numbers.predictions, slots), references: pickDoubles(column.numbers.references, slots) },
      };
  }
}
