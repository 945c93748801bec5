/**
 * The Levenshtein distance between two sequences of symbols (code points or words): fewest insertions, deletions and
 * substitutions, each at cost 1. Myers' bit-parallel algorithm in blocks of 32 rows: rows * columns / 32 steps.
 */

/** For each symbol of the pattern, one word a block, with the bits set where the symbol stands. */
function positionMasks<T>(pattern: readonly T[], blocks: number): Map<T, Int32Array> {
  const masks = new Map<T, Int32Array>();
  for (const [index, symbol] of pattern.entries()) {
    let mask = masks.get(symbol);
    if (mask === undefined) {
      mask = new Int32Array(blocks);
      masks.set(symbol, mask);
    }
    const block = index >>> 5;
    mask[block] = (mask[block] ?? 0) | (1 << (index & 31));
  }
  return masks;
}

/**
 * Myers (1999), with Hyyro's (2003) horizontal carries between blocks. `plus` and `minus` hold, a bit a row, whether the
 * distance grows or shrinks by one from the row above; a column's carry is the same difference along the last row of a block.
 */
function blockDistance<T>(pattern: readonly T[], text: readonly T[]): number {
  const blocks = Math.ceil(pattern.length / 32);
  const masks = positionMasks(pattern, blocks);
  const none = new Int32Array(blocks);
  const plus = new Int32Array(blocks).fill(-1);
  const minus = new Int32Array(blocks);
  const lastRow = (pattern.length - 1) & 31;
  let distance = pattern.length;
  for (const symbol of text) {
    const mask = masks.get(symbol) ?? none;
    let carryPlus = 1;
    let carryMinus = 0;
    for (let block = 0; block < blocks; block++) {
      const equal = mask[block] ?? 0;
      const up = plus[block] ?? 0;
      const down = minus[block] ?? 0;
      const entering = equal | carryMinus;
      const diagonal = ((((entering & up) + up) | 0) ^ up) | entering | down;
      let horizontalPlus = down | ~(diagonal | up);
      let horizontalMinus = up & diagonal;
      const row = block === blocks - 1 ? lastRow : 31;
      const leavingPlus = (horizontalPlus >>> row) & 1;
      const leavingMinus = (horizontalMinus >>> row) & 1;
      horizontalPlus = (horizontalPlus << 1) | carryPlus;
      horizontalMinus = (horizontalMinus << 1) | carryMinus;
      plus[block] = horizontalMinus | ~(equal | down | horizontalPlus);
      minus[block] = horizontalPlus & (equal | down);
      carryPlus = leavingPlus;
      carryMinus = leavingMinus;
    }
    distance += carryPlus - carryMinus;
  }
  return distance;
}

/** Symbols are compared with `===`. Equal ends are cut off first, the shorter sequence becomes the pattern. */
export function levenshtein<T extends string | number>(a: readonly T[], b: readonly T[]): number {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  let start = 0;
  while (start < short.length && short[start] === long[start]) start++;
  let cut = 0;
  while (cut < short.length - start && short[short.length - 1 - cut] === long[long.length - 1 - cut]) cut++;
  const pattern = short.slice(start, short.length - cut);
  const text = long.slice(start, long.length - cut);
  return pattern.length === 0 ? text.length : blockDistance(pattern, text);
}
