/** CSV rows under a header as entries: cells are text, empty cells are null. A row of another length is refused by its line. */
import { countNoun } from '../count-noun.ts';
import { csvReader } from '../csv.ts';
import { BakeoffError } from '../errors.ts';
import { type ReadEntry, refusedEntry } from './source-entry.ts';

/** Throws `csv-syntax`, `csv-header`, and what `pieces` throws. */
export async function* csvEntries(
  pieces: AsyncIterable<string>,
  place: (line: number) => string = (line) => `line ${line}`,
): AsyncGenerator<ReadEntry> {
  let names: string[] | null = null;
  let read: ReadEntry[] = [];
  const reader = csvReader((cells, line) => {
    if (names === null) names = checkedHeader(cells, place(line));
    else read.push(entryOf(names, cells, place(line)));
  });
  for await (const piece of pieces) {
    reader.write(piece);
    yield* read;
    read = [];
  }
  reader.end();
  yield* read;
}

function entryOf(names: readonly string[], cells: readonly string[], where: string): ReadEntry {
  if (cells.length !== names.length) return refusedEntry(where, `${countNoun(cells.length, 'field')}; the header has ${names.length}`);
  const filled = names.map((name, index) => [name, cells[index]?.trim() === '' ? null : cells[index]] as const);
  return { kind: 'entry', where, fields: Object.fromEntries(filled) };
}

function checkedHeader(cells: readonly string[], where: string): string[] {
  const names = cells.map((cell) => cell.trim());
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice === undefined && !names.includes('')) return names;
  throw new BakeoffError({
    code: 'csv-header',
    message: `${where}: ${twice === undefined ? `column ${names.indexOf('') + 1} has no name` : `the column ${JSON.stringify(twice)} stands twice`}`,
    remedy: 'Give every column a name of its own in the first line.',
  });
}
