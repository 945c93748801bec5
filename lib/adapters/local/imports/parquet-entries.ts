/**
 * Rows of a Parquet file as entries, one row group in memory at a time. Compressed by nothing, Snappy, gzip, Brotli or Zstandard; other codecs
 * (LZO, LZ4) are refused. Called for dataset folders.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type AsyncBuffer, type Compressors, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { BakeoffError, messageOf } from '../../../core/errors.ts';
import { isRecord, type ReadEntry } from '../../../core/imports/source-entry.ts';

/** Uncompressed; a hub's own shards have some hundred rows of images in one. */
const MAX_ROW_GROUP_BYTES = 536_870_912;
const bounded = (maxOutputLength: number) => ({ maxOutputLength: Math.max(1, maxOutputLength) });
const COMPRESSORS: Compressors = {
  GZIP: (input, length) => gunzipSync(input, bounded(length)),
  BROTLI: (input, length) => brotliDecompressSync(input, bounded(length)),
  ZSTD: (input, length) => zstdDecompressSync(input, bounded(length)),
};

/** `name` is told to people. Throws `parquet-unreadable` and `parquet-row-group-too-large`. */
export async function* parquetEntries(path: string, name: string): AsyncGenerator<ReadEntry> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const file: AsyncBuffer = { byteLength: size, slice: (start, end = size) => unheeded(sliceOf(handle, size, start, end)) };
    const metadata = await readable(name, () => parquetMetadataAsync(file));
    yield* rowsOf(file, metadata, name);
  } finally {
    await handle.close();
  }
}

/** Places in the file come from the file: they may be anything. */
async function sliceOf(handle: FileHandle, size: number, start: number, end: number): Promise<ArrayBuffer> {
  const isInside = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end && end <= size;
  if (!isInside) throw new Error('it points to where it is not');
  const bytes = new Uint8Array(end - start);
  await handle.read(bytes, 0, bytes.length, start);
  return bytes.buffer;
}

/** The reader asks for pieces ahead and forgets those that it meets an error before: their failure must not end the process. */
function unheeded<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

async function* rowsOf(file: AsyncBuffer, metadata: FileMetaData, name: string): AsyncGenerator<ReadEntry> {
  let row = 0;
  for (const group of metadata.row_groups) {
    if (group.total_byte_size > MAX_ROW_GROUP_BYTES) {
      throw new BakeoffError({
        code: 'parquet-row-group-too-large',
        message: `${name}: a row group of ${group.total_byte_size} bytes; at most ${MAX_ROW_GROUP_BYTES} are read at a time`,
        remedy: 'Write the file again with smaller row groups.',
      });
    }
    const end = row + Number(group.num_rows);
    const options = { file, metadata, compressors: COMPRESSORS, utf8: false, rowStart: row, rowEnd: end };
    const rows = await readable(name, async () => (await parquetReadObjects(options)).map(plainValue));
    for (const [index, plain] of rows.entries()) {
      yield { kind: 'entry', where: `row ${row + index + 1} of ${name}`, fields: isRecord(plain) ? plain : {} };
    }
    row = end;
  }
}

async function readable<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    throw new BakeoffError({
      code: 'parquet-unreadable',
      message: `${name} cannot be read as Parquet: ${messageOf(thrown).slice(0, 200)}`,
      remedy: 'Write it again, compressed by Snappy or Zstandard, or as JSON lines.',
      cause: thrown,
    });
  }
}

/** Values as JSON would have them: big integers as numbers where they fit, times as ISO 8601; bytes stay bytes. */
function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array || !(typeof value === 'object') || value === null) return value ?? null;
  if (Array.isArray(value)) return value.map(plainValue);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainValue(each)]));
}
