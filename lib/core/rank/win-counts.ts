/** Counts who beat whom while the rows come: memory grows with the models, not with the rows. Used by battle-table.ts. */
import type { WinMatrix } from './connectivity.ts';

export interface WinCounts {
  /** The number of a model, new ones included; -1 when there are too many. */
  readonly numberOf: (model: string) => number;
  readonly add: (winner: number, loser: number, count: number) => void;
  readonly matrix: () => WinMatrix;
}

const FIRST_SIDE = 16;

/** `copy` makes a name last beyond the row that it came with. */
export function winCounts(maxModels: number, copy: (name: string) => string): WinCounts {
  const numbers = new Map<string, number>();
  let side = FIRST_SIDE;
  let wins = new Float64Array(side * side);
  const resized = (newSide: number, rows: number): Float64Array<ArrayBuffer> => {
    const target = new Float64Array(newSide * newSide);
    for (let row = 0; row < rows; row++) target.set(wins.subarray(row * side, row * side + Math.min(side, newSide)), row * newSide);
    return target;
  };
  return {
    numberOf: (model) => {
      const known = numbers.get(model);
      if (known !== undefined) return known;
      if (numbers.size === maxModels) return -1;
      if (numbers.size === side) {
        wins = resized(side * 2, side);
        side *= 2;
      }
      numbers.set(copy(model), numbers.size);
      return numbers.size - 1;
    },
    add: (winner, loser, count) => {
      const cell = winner * side + loser;
      wins[cell] = (wins[cell] ?? 0) + count;
    },
    matrix: () => ({ models: [...numbers.keys()], wins: resized(numbers.size, numbers.size) }),
  };
}
