/** Places from values: 1 is best, equal values share a place, models without a value have none and stand last. Used by both rankings. */
import type { ColumnSorter } from './ascending-order.ts';

export interface Places {
  /** Indices from best to worst. */
  readonly order: Uint32Array;
  /** The place of each index; 0 for none. */
  readonly ranks: Uint32Array;
}

/**
 * The highest value comes first; NaN is no value. Values within `tolerance` of the first of a place share it and stand in the order of
 * the file: rounding must not decide who is before whom.
 */
export function placesOf(values: Float64Array, tolerance: number, ascendingOrder: ColumnSorter): Places {
  const ascending = ascendingOrder(values);
  const worth = (place: number): number => values[ascending[place] ?? 0] ?? Number.NaN;
  const ranks = new Uint32Array(values.length);
  const order = new Uint32Array(values.length);
  let placed = 0;
  for (let last = ascending.length - 1; last >= 0; ) {
    let first = last;
    while (first > 0 && worth(last) - worth(first - 1) <= tolerance) first--;
    const alike = ascending.subarray(first, last + 1);
    order.set(alike.length > 1 ? alike.sort() : alike, placed);
    for (const index of alike) ranks[index] = placed + 1;
    placed += alike.length;
    last = first - 1;
  }
  for (let index = 0; index < values.length; index++) if (ranks[index] === 0) order[placed++] = index;
  return { order, ranks };
}
