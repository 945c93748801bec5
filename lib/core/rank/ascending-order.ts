/** Sorts the indices of a column by its values, in linear time: tables of a million rows are ranked column by column. For win-rate.ts and places.ts. */

const BYTES = 8;
const BUCKETS = 256;
/** Which half of a double, seen as two words, holds its sign. */
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

export type ColumnSorter = (values: Float64Array) => Uint32Array;

/**
 * A sorter of columns of at most `capacity` values; its memory is made once. It answers indices by ascending value, equal values in order of
 * index, NaN left out; the answer holds until the next call.
 *
 * A radix sort over the bits of the doubles, least byte first: with the sign bit flipped, and all bits of negative numbers, they stand in
 * the order of the numbers.
 */
export function columnSorter(capacity: number): ColumnSorter {
  const numbers = new Float64Array(capacity);
  const words = new Uint32Array(numbers.buffer);
  const buffers = [new Uint32Array(capacity), new Uint32Array(capacity)] as const;
  return (values) => {
    let count = 0;
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      numbers[index] = value + 0; // -0 + 0 is 0
      orderBits(words, index);
      buffers[0][count++] = index;
    }
    let [order, target] = [buffers[0].subarray(0, count), buffers[1].subarray(0, count)];
    for (let byte = 0; byte < BYTES; byte++) {
      const half = byte < BYTES / 2 ? 1 - HIGH : HIGH;
      if (moveByByte(words, half, 8 * (byte % 4), order, target)) [order, target] = [target, order];
    }
    return order;
  };
}

function orderBits(words: Uint32Array, index: number): void {
  const [high, low] = [2 * index + HIGH, 2 * index + 1 - HIGH];
  const sign = words[high] ?? 0;
  if (sign >>> 31 === 0) words[high] = sign ^ 0x80000000;
  else {
    words[high] = ~sign;
    words[low] = ~(words[low] ?? 0);
  }
}

/** One pass from `order` to `target`; false, and nothing moved, when all have the same byte. */
function moveByByte(words: Uint32Array, half: number, shift: number, order: Uint32Array, target: Uint32Array): boolean {
  const starts = new Uint32Array(BUCKETS);
  for (let at = 0; at < order.length; at++) {
    const bucket = ((words[2 * (order[at] ?? 0) + half] ?? 0) >>> shift) & 255;
    starts[bucket] = (starts[bucket] ?? 0) + 1;
  }
  if (starts.includes(order.length)) return false;
  let start = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const count = starts[bucket] ?? 0;
    starts[bucket] = start;
    start += count;
  }
  for (let at = 0; at < order.length; at++) {
    const index = order[at] ?? 0;
    const bucket = ((words[2 * index + half] ?? 0) >>> shift) & 255;
    const place = starts[bucket] ?? 0;
    target[place] = index;
    starts[bucket] = place + 1;
  }
  return true;
}
