/**
 * What rows leave behind, a few numbers each, in chunks of typed arrays: each number takes one byte while it is small, more where it must.
 * Keeps millions of rows in tens of megabytes.
 */

export interface PartColumns {
  readonly push: (parts: Float64Array) => void;
  /** Writes the parts of a row in any place; rows that were never written read as zeros. */
  readonly write: (row: number, parts: Float64Array) => void;
  /** Writes the parts of a row. */
  readonly read: (row: number, parts: Float64Array) => void;
  readonly length: () => number;
}

const CHUNK_ROWS = 1 << 13;

type Chunk = Uint8Array | Uint16Array | Uint32Array | Float64Array;

function fits(chunk: Chunk, value: number): boolean {
  if (chunk instanceof Float64Array) return true;
  return Number.isInteger(value) && value >= 0 && value < 2 ** (8 * chunk.BYTES_PER_ELEMENT) && !Object.is(value, -0);
}

/** The same values in the narrowest kind that holds `value`, too. */
function widened(chunk: Chunk, value: number): Chunk {
  for (const kind of [Uint16Array, Uint32Array]) {
    if (kind.BYTES_PER_ELEMENT > chunk.BYTES_PER_ELEMENT && fits(new kind(0), value)) return kind.from(chunk);
  }
  return Float64Array.from(chunk);
}

/** `width`: how many numbers a row has. */
export function createPartColumns(width: number): PartColumns {
  const columns = Array.from({ length: width }, (): Chunk[] => []);
  let length = 0;
  const write = (row: number, parts: Float64Array): void => {
    const chunkIndex = Math.floor(row / CHUNK_ROWS);
    const at = row % CHUNK_ROWS;
    for (const [k, chunks] of columns.entries()) {
      const value = parts[k] ?? 0;
      const open = chunks[chunkIndex] ?? new Uint8Array(CHUNK_ROWS);
      const chunk = fits(open, value) ? open : widened(open, value);
      chunk[at] = value;
      chunks[chunkIndex] = chunk;
    }
    length = Math.max(length, row + 1);
  };
  return {
    push: (parts) => write(length, parts),
    write,
    read: (row, parts) => {
      const chunkIndex = Math.floor(row / CHUNK_ROWS);
      for (const [k, chunks] of columns.entries()) parts[k] = chunks[chunkIndex]?.[row % CHUNK_ROWS] ?? 0;
    },
    length: () => length,
  };
}
