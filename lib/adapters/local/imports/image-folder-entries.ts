/**
 * A folder of images as entries: one per image, with the rows of `metadata.jsonl` or `metadata.csv` beside it where there are some (their column
 * `file_name` names the image), and the name of its sub-folder as label where there are none. An image without a row, and a row without an
 * image, are refused by name.
 */
import { posix } from 'node:path';
import { csvEntries } from '../../../core/imports/csv-entries.ts';
import { jsonlEntries } from '../../../core/imports/jsonl-entries.ts';
import { type ReadEntry, refusedEntry } from '../../../core/imports/source-entry.ts';
import type { SourceFolder } from './source-files.ts';

const IMAGE = /\.(png|jpe?g|webp|gif|bmp|tiff?)$/i;
const METADATA = /(^|\/)metadata\.(jsonl|csv)$/i;

/** How a text file of the source is read: pieces of UTF-8. */
export type OpenText = (absolutePath: string) => AsyncIterable<string>;

export function isImagePath(path: string): boolean {
  return IMAGE.test(path);
}

export function isMetadataPath(path: string): boolean {
  return METADATA.test(path);
}

/** `files`: those of the source that count. Rows come first, in the order of their files; then images that no row has named. */
export async function* imageFolderEntries(source: SourceFolder, files: readonly string[], openText: OpenText): AsyncGenerator<ReadEntry> {
  const images = files.filter(isImagePath);
  const metadata = files.filter(isMetadataPath);
  const named = new Set<string>();
  for (const file of metadata) {
    const found = await source.find(file);
    if ('why' in found) {
      yield refusedEntry(file, found.why);
      continue;
    }
    const place = (line: number): string => `line ${line} of ${file}`;
    const entries = /csv$/i.test(file) ? csvEntries(openText(found.absolute), place) : jsonlEntries(openText(found.absolute), place);
    for await (const entry of entries) yield entry.kind === 'refused' ? entry : withImagePath(entry, posix.dirname(file), named);
  }
  for (const image of images) {
    if (named.has(image)) continue;
    yield metadata.length > 0 ? refusedEntry(image, 'no row of the metadata names it') : entryOfImage(image);
  }
}

function withImagePath(entry: Extract<ReadEntry, { kind: 'entry' }>, folder: string, named: Set<string>): ReadEntry {
  const { file_name: name, ...rest } = entry.fields;
  if (typeof name !== 'string' || name === '') return refusedEntry(entry.where, 'file_name names no image');
  // A path that leads out of the folder stays as it is, and is refused where it is read.
  const path = name.startsWith('/') ? name : posix.join(folder, name);
  named.add(path);
  return { ...entry, fields: { ...rest, file_name: path } };
}

function entryOfImage(path: string): ReadEntry {
  const folder = posix.dirname(path);
  const label = folder === '.' ? {} : { label: posix.basename(folder) };
  return { kind: 'entry', where: path, fields: { file_name: path, ...label } };
}
