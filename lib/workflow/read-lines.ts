/**
 * The lines of a stored JSON Lines object, one at a time: whatever its size, only one line stands in memory. Used by scoring.
 */
import type { z } from 'zod';
import { BakeoffError, messageOf } from '../core/errors.ts';
import type { ObjectStore } from '../core/ports.ts';

const NEWLINE = 0x0a;
/** Far above any row that the driver writes: a line beyond it is not ours. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

export interface StoredLine {
  readonly key: string;
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** Names the line that is not what was written: a torn or edited file. */
export function corruptLine(line: Pick<StoredLine, 'key' | 'number'>, reason: string, cause?: unknown): BakeoffError {
  return new BakeoffError({
    code: 'corrupt-row',
    message: `line ${line.number} of ${line.key} is not what was written: ${reason.slice(0, 500)}`,
    remedy: 'Restore the file from a copy, or start the run anew; files below runs/ are not meant to be edited.',
    kind: 'environment',
    cause,
  });
}

/** Parses one line; throws `corrupt-row` with key and line number. */
export function parseLine<T>(line: StoredLine, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch (error) {
    throw corruptLine(line, messageOf(error), error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw corruptLine(line, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unexpected'}`, parsed.error);
}

/** The text of a line; throws `corrupt-row` where it is not UTF-8. */
export function decodeLine(decoder: TextDecoder, bytes: Uint8Array, line: Pick<StoredLine, 'key' | 'number'>): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw corruptLine(line, 'not UTF-8', error);
  }
}

/** Visits every line in order; awaits the visitor only where it answers a promise. The last line may lack its newline. */
export async function forEachLine(objects: ObjectStore, key: string, visit: (line: StoredLine) => void | Promise<void>): Promise<void> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let number = 0;
  let rest: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  const emit = (bytes: Uint8Array): void | Promise<void> => {
    number++;
    return visit({ key, number, text: decodeLine(decoder, bytes, { key, number }) });
  };
  for await (const chunk of objects.read(key)) {
    const bytes = rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE, from); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      const pending = emit(bytes.subarray(from, end));
      if (pending !== undefined) await pending;
      from = end + 1;
    }
    rest = Buffer.from(bytes.subarray(from));
    if (rest.length > MAX_LINE_BYTES) throw corruptLine({ key, number: number + 1 }, `longer than ${MAX_LINE_BYTES} bytes`);
  }
  if (rest.length > 0) await emit(rest);
}
