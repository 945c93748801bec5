/**
 * Keeps a log file that others append to (O_APPEND) within bounds, and reads its end. Node's built-ins only.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, statSync, writeSync } from 'node:fs';

const TAIL_BYTES = 4096;

/** When the file exceeds maxBytes, keeps its newest half. Lines written during the cut may be lost: it is a log. */
export function boundLog(path: string, maxBytes: number): void {
  try {
    if (statSync(path).size <= maxBytes) return;
    const kept = readEnd(path, Math.floor(maxBytes / 2));
    const file = openSync(path, 'r+');
    ftruncateSync(file, 0);
    writeSync(file, kept);
    closeSync(file);
  } catch {
    // A full disk or a removed folder must not end the supervisor: it has a server to look after.
  }
}

/** The last 4 KiB as text, from the start of a line; null when there is nothing. */
export function readLogTail(path: string): string | null {
  try {
    const text = readEnd(path, TAIL_BYTES).toString('utf8').trimEnd();
    if (text === '') return null;
    const cut = statSync(path).size > TAIL_BYTES ? text.indexOf('\n') + 1 : 0;
    return text.slice(cut);
  } catch {
    return null;
  }
}

function readEnd(path: string, bytes: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    const buffer = Buffer.alloc(Math.min(size, bytes));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer;
  } finally {
    closeSync(file);
  }
}
