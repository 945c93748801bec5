/**
 * A dataset folder of the Hugging Face kind as entries: Parquet, JSON lines or CSV files (also below `data/`, or one folder per split), or images with
 * metadata. Arrow files, as `save_to_disk` writes them, are not read, and it is said what to do instead. One split at a time.
 */
import { BakeoffError } from '../../../core/errors.ts';
import { csvEntries } from '../../../core/imports/csv-entries.ts';
import { jsonlEntries } from '../../../core/imports/jsonl-entries.ts';
import { type ReadEntry, refusedEntry } from '../../../core/imports/source-entry.ts';
import { imageFolderEntries, isImagePath, isMetadataPath, type OpenText } from './image-folder-entries.ts';
import { parquetEntries } from './parquet-entries.ts';
import type { SourceFolder } from './source-files.ts';

const TABLE = /\.(parquet|jsonl|ndjson|csv)$/i;
const SPLIT = /(?:^|[/_.-])(train|test|validation|valid|val|dev)(?=[/_.-]|$)/i;
const SAME_SPLIT: Readonly<Record<string, string>> = { valid: 'validation', val: 'validation', dev: 'validation' };

export interface DatasetFiles {
  readonly entries: () => AsyncGenerator<ReadEntry>;
  /** The split that is read; null where the files name none. */
  readonly split: string | null;
  readonly isImageFolder: boolean;
  /** What lies there and was not read. */
  readonly notes: readonly string[];
}

/** Throws `dataset-arrow`, `dataset-empty`, `dataset-mixed`, `split-missing` and `unknown-split`. */
export function datasetFiles(source: SourceFolder, wanted: string | null, openText: OpenText): DatasetFiles {
  const { files } = source;
  const isImageFolder = files.some(isImagePath) && !files.some((file) => TABLE.test(file) && !isMetadataPath(file));
  const usable = files.filter((file) => (isImageFolder ? isImagePath(file) || isMetadataPath(file) : TABLE.test(file)));
  if (usable.length === 0) throw nothingToRead(files);
  const split = chooseSplit(usable, wanted);
  const chosen = usable.filter((file) => splitOf(file) === split || (isImageFolder && isMetadataPath(file) && splitOf(file) === null));
  const kinds = new Set(isImageFolder ? [] : chosen.map((file) => file.slice(file.lastIndexOf('.') + 1).toLowerCase()));
  if (kinds.size > 1) throw mixed([...kinds]);
  const others = files.filter((file) => !usable.includes(file) && !/(^|\/)(readme|license|dataset_infos?)[^/]*$/i.test(file));
  const notes = others.length === 0 ? [] : [`${others.length} other files were not read, the first is ${others[0]}`];
  const entries = isImageFolder ? () => imageFolderEntries(source, chosen, openText) : () => tableEntries(source, chosen, openText);
  return { entries, split, isImageFolder, notes };
}

async function* tableEntries(source: SourceFolder, files: readonly string[], openText: OpenText): AsyncGenerator<ReadEntry> {
  for (const file of files) {
    const found = await source.find(file);
    const place = (line: number): string => (files.length === 1 ? `line ${line}` : `line ${line} of ${file}`);
    if ('why' in found) yield refusedEntry(file, found.why);
    else if (/parquet$/i.test(file)) yield* parquetEntries(found.absolute, file);
    else if (/csv$/i.test(file)) yield* csvEntries(openText(found.absolute), place);
    else yield* jsonlEntries(openText(found.absolute), place);
  }
}

/** By a word of its path, the last one that names a split. */
function splitOf(file: string): string | null {
  const named = [...file.matchAll(new RegExp(SPLIT, 'gi'))].at(-1)?.[1]?.toLowerCase();
  return named === undefined ? null : (SAME_SPLIT[named] ?? named);
}

function chooseSplit(files: readonly string[], wanted: string | null): string | null {
  const splits = [...new Set(files.filter((file) => !isMetadataPath(file)).map(splitOf))];
  const names = splits.map((name) => name ?? 'none').sort();
  if (wanted === null && splits.length <= 1) return splits[0] ?? null;
  if (wanted === null) {
    const remedy = `Take one with --split ${names.find((name) => name === 'test') ?? names[0]}.`;
    throw new BakeoffError({ code: 'split-missing', message: `the dataset has several splits: ${names.join(', ')}`, remedy });
  }
  const name = wanted === 'none' ? null : (SAME_SPLIT[wanted] ?? wanted);
  if (splits.includes(name)) return name;
  throw new BakeoffError({
    code: 'unknown-split',
    message: `the dataset has no split ${JSON.stringify(wanted)}; its splits are ${names.join(', ')}`,
    remedy: `Give --split ${names[0]}${splits.length === 1 ? ', or leave it out' : ''}.`,
  });
}

function nothingToRead(files: readonly string[]): BakeoffError {
  if (files.some((file) => file.endsWith('.arrow'))) {
    return new BakeoffError({
      code: 'dataset-arrow',
      message: 'the dataset lies there as Arrow files, as save_to_disk writes them; these are not read',
      remedy: 'Write it as Parquet, in Python: load_from_disk("FOLDER").to_parquet("NEW/data.parquet") for each split.',
    });
  }
  const seen = files.length === 0 ? 'the folder is empty' : `${files.length} files, the first is ${files[0]}`;
  return new BakeoffError({
    code: 'dataset-empty',
    message: `nothing that can be read: ${seen}; expected .parquet, .jsonl or .csv files, or images`,
    remedy: 'Write the dataset in one of these formats; unpack what is packed.',
  });
}

function mixed(kinds: readonly string[]): BakeoffError {
  return new BakeoffError({
    code: 'dataset-mixed',
    message: `the split has files of several formats: ${kinds.join(', ')}`,
    remedy: 'Import the sub-folder that holds one of them.',
  });
}
