/** Places from values: 1 is best, equal values share a place, models without a value have none and stand last. Used by both rankings. */
import { columnSorter } from './ascending-order.ts';

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
export function placesOf(values: Float64Array, tolerance: number): Places {
  const valued = columnSorter(values.length)(values.map((value) => -value));
  const worth = (place: number): number => values[valued[place] ?? 0] ?? Number.NaN;
  const ranks = new Uint32Array(values.length);
  let start = 0;
  while (start < valued.length) {
    let end = start + 1;
    while (end < valued.length && worth(start) - worth(end) <= tolerance) end++;
    const alike = valued.subarray(start, end);
    if (alike.length > 1) alike.sort();
    for (const index of alike) ranks[index] = start + 1;
    start = end;
  }
  const order = new Uint32Array(values.length);
  order.set(valued);
  let last = valued.length;
  for (let index = 0; index < values.length; index++) if (ranks[index] === 0) order[last++] = index;
  return { order, ranks };
}
