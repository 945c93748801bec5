/**
 * Counts how many n-grams of a hypothesis occur in its references, each at most as often as in the reference where it is most frequent: the
 * heart of BLEU and chrF. A trie of symbols in typed arrays that are used again for every row, because a row takes hundreds of look-ups.
 */

export interface NgramMatcher {
  /** Forgets the references of the row before. */
  readonly reset: () => void;
  /** Counts the n-grams of one more reference. Symbols are whole numbers from 0. */
  readonly addReference: (symbols: readonly number[]) => void;
  /** Adds to matches[at + n - 1] the clipped matches of order n. A symbol of -1 occurs in no reference. */
  readonly match: (symbols: readonly number[], matches: Float64Array, at: number) => void;
}

const ROOT = 0;
const FIRST_SIZE = 1 << 12;

/** A trie in arrays: an open hash of (node, symbol) -> child. An entry is valid when its stamp is the current row's. */
interface Trie {
  readonly size: number;
  readonly stamps: Int32Array;
  readonly parents: Int32Array;
  readonly symbols: Int32Array;
  readonly children: Int32Array;
  /** By node: highest count in one reference; count in the reference `lastReference`; used up by the hypothesis. */
  readonly most: Int32Array;
  readonly count: Int32Array;
  readonly lastReference: Int32Array;
  readonly used: Int32Array;
}

function newTrie(size: number): Trie {
  const column = () => new Int32Array(size);
  const hash = { size, stamps: column(), parents: column(), symbols: column(), children: column() };
  return { ...hash, most: column(), count: column(), lastReference: column(), used: column() };
}

/** The place of (node, symbol), or of the free entry where it would stand. */
function placeOf(trie: Trie, stamp: number, node: number, symbol: number): number {
  const mask = trie.size - 1;
  let place = Math.imul(Math.imul(node, 0x9e3779b1) ^ symbol, 0x85ebca6b);
  place = (place ^ (place >>> 15)) & mask;
  while (trie.stamps[place] === stamp && (trie.parents[place] !== node || trie.symbols[place] !== symbol)) place = (place + 1) & mask;
  return place;
}

/** `order`: the longest n-grams that count. */
export function createNgramMatcher(order: number): NgramMatcher {
  let trie = newTrie(FIRST_SIZE);
  let stamp = 1;
  let nodes = 1;
  let references = 0;
  const kept: (readonly number[])[] = [];

  const childOf = (node: number, symbol: number): number => {
    const place = placeOf(trie, stamp, node, symbol);
    if (trie.stamps[place] === stamp) return trie.children[place] ?? ROOT;
    const child = nodes++;
    trie.stamps[place] = stamp;
    trie.parents[place] = node;
    trie.symbols[place] = symbol;
    trie.children[place] = child;
    trie.most[child] = 0;
    trie.lastReference[child] = 0;
    trie.used[child] = 0;
    return child;
  };

  const insert = (symbols: readonly number[]): void => {
    references++;
    for (let start = 0; start < symbols.length; start++) {
      const end = Math.min(start + order, symbols.length);
      let node = ROOT;
      for (let index = start; index < end; index++) {
        node = childOf(node, symbols[index] ?? 0);
        const count = trie.lastReference[node] === references ? (trie.count[node] ?? 0) + 1 : 1;
        trie.lastReference[node] = references;
        trie.count[node] = count;
        if (count > (trie.most[node] ?? 0)) trie.most[node] = count;
      }
    }
  };

  /** A larger trie, with the references inserted anew. */
  const grow = (wanted: number): void => {
    let size = trie.size;
    while (size < wanted) size *= 2;
    trie = newTrie(size);
    stamp = 1;
    nodes = 1;
    references = 0;
    for (const symbols of kept) insert(symbols);
  };

  const reset = (): void => {
    stamp++;
    nodes = 1;
    references = 0;
    kept.length = 0;
    if (stamp === 0x7fffffff) {
      trie.stamps.fill(0);
      stamp = 1;
    }
  };
  return {
    reset,
    addReference: (symbols) => {
      const wanted = 2 * (nodes + symbols.length * order);
      if (wanted > trie.size) grow(wanted);
      kept.push(symbols);
      insert(symbols);
    },
    match: (symbols, matches, at) => {
      for (let start = 0; start < symbols.length; start++) {
        const end = Math.min(start + order, symbols.length);
        let node = ROOT;
        for (let index = start; index < end; index++) {
          const place = placeOf(trie, stamp, node, symbols[index] ?? -1);
          // No reference has this n-gram, and so none of those that it begins.
          if (trie.stamps[place] !== stamp) break;
          node = trie.children[place] ?? ROOT;
          const used = trie.used[node] ?? 0;
          if (used >= (trie.most[node] ?? 0)) continue;
          trie.used[node] = used + 1;
          matches[at + index - start] = (matches[at + index - start] ?? 0) + 1;
        }
      }
    },
  };
}
