/** Places from values: 1 is best, equal values share a place, models without a value have none and stand last. Used by both rankings. */

export interface Placed {
  readonly index: number;
  readonly rank: number | null;
}

/**
 * Indices from the highest value to the lowest, each with its place. Values within `tolerance` of the first of a place share it and
 * stand in the order of the file: rounding must not decide who is before whom.
 */
export function placesOf(values: readonly (number | null)[], tolerance: number): Placed[] {
  const valued = values.flatMap((value, index) => (value === null ? [] : [{ value, index }])).sort((a, b) => b.value - a.value);
  const placed: { index: number; rank: number }[] = [];
  let first = { value: Number.POSITIVE_INFINITY, rank: 0 };
  for (const [position, { value, index }] of valued.entries()) {
    if (!(first.value - value <= tolerance)) first = { value, rank: position + 1 };
    placed.push({ index, rank: first.rank });
  }
  placed.sort((a, b) => a.rank - b.rank || a.index - b.index);
  return [...placed, ...values.flatMap((value, index) => (value === null ? [{ index, rank: null }] : []))];
}
