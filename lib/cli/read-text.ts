/**
 * The text of a file that the user names, or of standard input for `-`, piece by piece: files of any size pass through. Called by the
 * verbs that take anybody's data.
 */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { BakeoffError, messageOf } from '../core/errors.ts';
import type { VerbIo } from './io.ts';

/** Bytes read at a time. */
const PIECE_BYTES = 1 << 18;

/** Pieces may end anywhere. Throws `file-unreadable` and `not-utf8`. */
export async function* readText(name: string, io: Pick<VerbIo, 'cwd' | 'stdin'>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let lines = 0;
  const decoded = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (thrown) {
      throw new BakeoffError({
        code: 'not-utf8',
        message: `${shown(name)} is not UTF-8 text, in line ${lines + 1} or soon after`,
        remedy: 'Save the file as UTF-8.',
        cause: thrown,
      });
    }
  };
  for await (const bytes of bytesOf(name, io)) {
    const text = decoded(bytes);
    yield text;
    lines += countLines(bytes);
  }
  yield decoded();
}

async function* bytesOf(name: string, io: Pick<VerbIo, 'cwd' | 'stdin'>): AsyncGenerator<Uint8Array> {
  try {
    yield* name === '-' ? (io.stdin ?? process.stdin) : createReadStream(resolve(io.cwd, name), { highWaterMark: PIECE_BYTES });
  } catch (thrown) {
    if (thrown instanceof BakeoffError) throw thrown;
    throw new BakeoffError({
      code: 'file-unreadable',
      message: `${shown(name)} cannot be read: ${messageOf(thrown)}`,
      remedy: 'Name a readable file, or - for standard input.',
      cause: thrown,
    });
  }
}

function shown(name: string): string {
  return name === '-' ? 'standard input' : name;
}

const LINE_FEED = 10;

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1;
  return count;
}
