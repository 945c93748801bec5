/** Numbers that come one at a time and are kept at eight bytes each. Used while tables are read. */

export interface GrowingNumbers {
  readonly push: (value: number) => void;
  readonly count: () => number;
  /** Moves all into an array of at least their count, and gives their memory back at once; it is called last. */
  readonly moveTo: (target: Float64Array) => void;
}

/** Few numbers take little room, and many leave no copies behind: blocks double up to this size and are never moved. */
const FIRST_BLOCK = 64;
const LARGEST_BLOCK = 16_384;

export function growingNumbers(): GrowingNumbers {
  const full: Float64Array<ArrayBuffer>[] = [];
  let block = new Float64Array(FIRST_BLOCK);
  let used = 0;
  let before = 0;
  const push = (value: number): void => {
    if (used === block.length) {
      full.push(block);
      before += used;
      block = new Float64Array(Math.min(2 * used, LARGEST_BLOCK));
      used = 0;
    }
    block[used++] = value;
  };
  const moveTo = (target: Float64Array): void => {
    let at = 0;
    for (const part of full) {
      target.set(part, at);
      at += part.length;
      part.buffer.transfer(0);
    }
    target.set(block.subarray(0, used), at);
  };
  return { push, moveTo, count: () => before + used };
}
