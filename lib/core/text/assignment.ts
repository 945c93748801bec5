/**
 * The assignment problem by Munkres' algorithm (J. SIAM 5, 1957): which rows go with which columns, so that the sum of profits is highest.
 * Several assignments may be equally good, and ANLS* depends on which one is taken: rows and columns are scanned in the order of the
 * implementation that ANLS* was published with (munkres 1.1), and costs are computed in the same steps.
 */

const STAR = 1;
const PRIME = 2;

interface State {
  readonly size: number;
  readonly costs: Float64Array;
  readonly marks: Uint8Array;
  readonly rowCovered: Uint8Array;
  readonly columnCovered: Uint8Array;
}

type Place = readonly [row: number, column: number];

function newState(profits: readonly (readonly number[])[]): State {
  const rows = profits.length;
  const columns = profits[0]?.length ?? 0;
  const size = Math.max(rows, columns);
  const highest = profits.reduce((most, row) => row.reduce((a, b) => Math.max(a, b), most), Number.NEGATIVE_INFINITY);
  const costs = new Float64Array(size * size);
  for (const [row, values] of profits.entries())
    for (const [column, profit] of values.entries()) costs[row * size + column] = highest - profit;
  const marks = new Uint8Array(size * size);
  return { size, costs, marks, rowCovered: new Uint8Array(size), columnCovered: new Uint8Array(size) };
}

function subtractRowMinima({ size, costs }: State): void {
  for (let row = 0; row < size; row++) {
    const line = costs.subarray(row * size, (row + 1) * size);
    const least = line.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    for (let column = 0; column < size; column++) line[column] = (line[column] ?? 0) - least;
  }
}

function starIndependentZeros({ size, costs, marks, rowCovered, columnCovered }: State): void {
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (costs[row * size + column] !== 0 || columnCovered[column] === 1 || rowCovered[row] === 1) continue;
      marks[row * size + column] = STAR;
      columnCovered[column] = 1;
      rowCovered[row] = 1;
    }
  }
  rowCovered.fill(0);
  columnCovered.fill(0);
}

/** Covers the columns of stars; true when there are as many as rows: the stars are the assignment. */
function coverStars({ size, marks, columnCovered }: State): boolean {
  let count = 0;
  for (let place = 0; place < marks.length; place++) {
    const column = place % size;
    if (marks[place] !== STAR || columnCovered[column] === 1) continue;
    columnCovered[column] = 1;
    count++;
  }
  return count === size;
}

function findInRow({ size, marks }: State, row: number, mark: number): number {
  const at = marks.subarray(row * size, (row + 1) * size).indexOf(mark);
  return at;
}

function findStarInColumn({ size, marks }: State, column: number): number {
  for (let row = 0; row < size; row++) if (marks[row * size + column] === STAR) return row;
  return -1;
}

/** Of the first row with an uncovered zero, at or after `from` and around, the last such zero, counted from `from`'s column and around. */
function uncoveredZero({ size, costs, rowCovered, columnCovered }: State, from: Place): Place | null {
  for (let step = 0; step < size; step++) {
    const row = (from[0] + step) % size;
    if (rowCovered[row] === 1) continue;
    for (let back = size - 1; back >= 0; back--) {
      const column = (from[1] + back) % size;
      if (columnCovered[column] === 0 && costs[row * size + column] === 0) return [row, column];
    }
  }
  return null;
}

/** Primes uncovered zeros until one has no star in its row: that one, or null when none is left. */
function primeZeros(state: State): Place | null {
  let from: Place = [0, 0];
  for (;;) {
    const zero = uncoveredZero(state, from);
    if (zero === null) return null;
    state.marks[zero[0] * state.size + zero[1]] = PRIME;
    const star = findInRow(state, zero[0], STAR);
    if (star < 0) return zero;
    from = [zero[0], star];
    state.rowCovered[zero[0]] = 1;
    state.columnCovered[star] = 0;
  }
}

/** Along alternating primes and stars, primes become stars and stars vanish: one star more. */
function augment(state: State, start: Place): void {
  const { size, marks, rowCovered, columnCovered } = state;
  const path: Place[] = [start];
  let column = start[1];
  for (;;) {
    const row = findStarInColumn(state, column);
    if (row < 0) break;
    path.push([row, column]);
    column = findInRow(state, row, PRIME);
    path.push([row, column]);
  }
  for (const [row, at] of path) marks[row * size + at] = marks[row * size + at] === STAR ? 0 : STAR;
  rowCovered.fill(0);
  columnCovered.fill(0);
  for (let place = 0; place < marks.length; place++) if (marks[place] === PRIME) marks[place] = 0;
}

/** Makes a new uncovered zero. A cost in a covered row and an uncovered column goes up and down again, as it does where ties come from. */
function shiftCosts({ size, costs, rowCovered, columnCovered }: State): void {
  let least = Number.POSITIVE_INFINITY;
  for (let place = 0; place < costs.length; place++) {
    if (rowCovered[Math.floor(place / size)] === 0 && columnCovered[place % size] === 0) least = Math.min(least, costs[place] ?? least);
  }
  for (let place = 0; place < costs.length; place++) {
    let cost = costs[place] ?? 0;
    if (rowCovered[Math.floor(place / size)] === 1) cost += least;
    if (columnCovered[place % size] === 0) cost -= least;
    costs[place] = cost;
  }
}

/** Pairs of row and column, by row, as many as the shorter side has. `profits`: rows of equal length, at least one of each. */
export function bestAssignment(profits: readonly (readonly number[])[]): Place[] {
  const state = newState(profits);
  subtractRowMinima(state);
  starIndependentZeros(state);
  while (!coverStars(state)) {
    let zero = primeZeros(state);
    while (zero === null) {
      shiftCosts(state);
      zero = primeZeros(state);
    }
    augment(state, zero);
  }
  const width = profits[0]?.length ?? 0;
  return profits.flatMap((_, row): Place[] => {
    const column = findInRow(state, row, STAR);
    return column >= 0 && column < width ? [[row, column]] : [];
  });
}
