/**
 * Which ids have been seen, at eight bytes each: ten million rows must not keep ten million strings. Ids are told apart by 64 bits of hash;
 * among ten million of them two different ones are taken for equal with a chance of about three in a million.
 */

export interface SeenIds {
  /** False when the id was there already. */
  readonly add: (id: string) => boolean;
}

const FIRST_SIZE = 1 << 10;
const MAX_LOAD = 0.8;

/** Two independent hashes of 32 bits (multiply and rotate, with the finaliser of MurmurHash3). */
function hash(id: string, seed: number): number {
  let state = seed;
  for (let index = 0; index < id.length; index++) {
    state = Math.imul(state ^ id.charCodeAt(index), 0x5bd1e995);
    state = (state << 13) | (state >>> 19);
  }
  state ^= id.length;
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

export function createSeenIds(): SeenIds {
  // Two words an entry; both 0 is free.
  let table = new Uint32Array(2 * FIRST_SIZE);
  let count = 0;

  const insert = (into: Uint32Array, high: number, low: number): boolean => {
    const size = into.length / 2;
    let at = Math.floor((high / 4294967296) * size);
    while (into[2 * at] !== 0 || into[2 * at + 1] !== 0) {
      if (into[2 * at] === high && into[2 * at + 1] === low) return false;
      at = at + 1 === size ? 0 : at + 1;
    }
    into[2 * at] = high;
    into[2 * at + 1] = low;
    return true;
  };

  const grow = (): void => {
    const larger = new Uint32Array(2 * Math.ceil((table.length / 2) * 1.5));
    for (let at = 0; at < table.length; at += 2) {
      const [high = 0, low = 0] = [table[at], table[at + 1]];
      if (high !== 0 || low !== 0) insert(larger, high, low);
    }
    table = larger;
  };

  return {
    add: (id) => {
      if ((count + 1) * 2 > table.length * MAX_LOAD) grow();
      const isNew = insert(table, hash(id, 0x9747b28c), (hash(id, 0x1b873593) | 1) >>> 0);
      if (isNew) count++;
      return isNew;
    },
  };
}
