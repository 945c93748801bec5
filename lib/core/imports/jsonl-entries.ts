/** JSON lines as entries, one object a line; a line that is none is refused by its number. Reads pieces of text, knows no file. */
import { messageOf } from '../errors.ts';
import { lineReader } from '../line-reader.ts';
import { isRecord, type ReadEntry, refusedEntry } from './source-entry.ts';

/** `place` names the line for people. Throws `line-too-long`, and what `pieces` throws. */
export async function* jsonlEntries(
  pieces: AsyncIterable<string>,
  place: (line: number) => string = (line) => `line ${line}`,
): AsyncGenerator<ReadEntry> {
  let read: ReadEntry[] = [];
  const reader = lineReader((text, line) => {
    const clean = line === 1 ? text.replace(/^\uFEFF/, '') : text;
    if (clean.trim() !== '') read.push(entryOf(clean, place(line)));
  });
  for await (const piece of pieces) {
    reader.write(piece);
    yield* read;
    read = [];
  }
  reader.end();
  yield* read;
}

function entryOf(text: string, where: string): ReadEntry {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? { kind: 'entry', where, fields: value } : refusedEntry(where, 'a JSON object is expected');
  } catch (thrown) {
    return refusedEntry(where, `not JSON: ${messageOf(thrown).slice(0, 120)}`);
  }
}
