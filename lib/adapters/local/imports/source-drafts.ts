/** Opens a source by its format: the drafts that it holds, where its images lie, and what can be said of it. Called by compose; writes nothing. */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BakeoffError } from '../../../core/errors.ts';
import { csvEntries } from '../../../core/imports/csv-entries.ts';
import type { DraftItem, DraftRules } from '../../../core/imports/draft-item.ts';
import { jsonlEntries } from '../../../core/imports/jsonl-entries.ts';
import type { ReadEntry, RefusedEntry } from '../../../core/imports/source-entry.ts';
import type { SuiteFormat } from '../../../core/imports/suite-formats.ts';
import { type TableOptions, tableItems } from '../../../core/imports/table-items.ts';
import { readVbench } from '../../../core/imports/vbench-entries.ts';
import { datasetFiles } from './dataset-entries.ts';
import { imageFolderEntries, type OpenText } from './image-folder-entries.ts';
import { openSourceFolder, type SourceFinder, sourceFinder } from './source-files.ts';

const MAX_VBENCH_LENGTH = 67_108_864;

export interface SourceDrafts {
  readonly drafts: AsyncIterable<DraftItem | RefusedEntry>;
  readonly images: Pick<SourceFinder, 'find'> | null;
  /** Sentences for people; complete when the drafts have been read. */
  readonly notes: string[];
  /** Attributes that scores should be broken down by, where the user names none. */
  readonly categories: readonly string[];
}

export interface SourceOptions extends TableOptions {
  readonly format: SuiteFormat;
  /** A path, absolute; or `-` for what `openText` makes of it. */
  readonly source: string;
  readonly split: string | null;
  readonly openText: OpenText;
}

/** Throws what is wrong with the source as a whole. */
export async function sourceDrafts(options: SourceOptions): Promise<SourceDrafts> {
  const { format, source, openText } = options;
  if (format === 'vbench') return vbenchDrafts(await wholeText(openText(source)));
  if (format === 'jsonl' || format === 'csv') {
    if (source !== '-') await refuseFolder(source, format);
    const images = source === '-' ? null : await sourceFinder(dirname(source));
    return tableDrafts(format === 'csv' ? csvEntries(openText(source)) : jsonlEntries(openText(source)), options, images, []);
  }
  const folder = await openSourceFolder(source);
  if (format === 'images') return { ...tableDrafts(imageFolderEntries(folder, folder.files, openText), options, folder, []), ...BY_LABEL };
  const { entries, split, isImageFolder, notes } = datasetFiles(folder, options.split, openText);
  const told = split === null ? notes : [`split ${split}`, ...notes];
  return { ...tableDrafts(entries(), options, folder, told), ...(isImageFolder ? BY_LABEL : {}) };
}

const BY_LABEL = { categories: ['label'] };

async function refuseFolder(source: string, format: string): Promise<void> {
  const isFolder = await stat(source).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) return;
  throw new BakeoffError({
    code: 'source-unreadable',
    message: `${source} is a folder; ${format} is the format of one file`,
    remedy: 'Name the file, or import the folder as "dataset" or "images".',
  });
}

function tableDrafts(
  entries: AsyncIterable<ReadEntry>,
  options: TableOptions,
  images: SourceDrafts['images'],
  told: readonly string[],
): SourceDrafts {
  const notes = [...told];
  const onRules = (rules: DraftRules): void => {
    notes.push(...describeRules(rules));
  };
  return { drafts: tableItems(entries, options, onRules), images, notes, categories: [] };
}

function describeRules({ roles, features, attributes }: DraftRules): string[] {
  const parts = Object.entries(roles).map(([role, column]) => (role === column ? role : `${role} from ${column}`));
  const rest = attributes === null ? [] : [`attributes ${attributes.length === 0 ? 'none' : attributes.join(', ')}`];
  const row = features.length === 0 ? [] : [`row of ${features.slice(0, 12).join(', ')}${features.length > 12 ? ', …' : ''}`];
  return [`columns: ${[...parts, ...row, ...rest].join('; ')}`];
}

function vbenchDrafts(text: string): SourceDrafts {
  const { entries, dimensions, uniquePrompts, notes } = readVbench(text);
  const told = [
    `${entries.length} entries, ${uniquePrompts} unique prompts, ${dimensions.length} dimensions`,
    'VBench generates 5 clips of each prompt, 25 for temporal_flickering: set samples.perItem in the spec',
    ...notes,
  ];
  return { drafts: oneByOne(entries), images: null, notes: told, categories: ['dimensions'] };
}

async function* oneByOne<T>(entries: readonly T[]): AsyncGenerator<T> {
  yield* entries;
}

async function wholeText(pieces: AsyncIterable<string>): Promise<string> {
  const parts: string[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    parts.push(piece);
    if (length <= MAX_VBENCH_LENGTH) continue;
    throw new BakeoffError({
      code: 'source-too-large',
      message: `the file has more than ${MAX_VBENCH_LENGTH} characters`,
      remedy: 'Give the metadata file itself.',
    });
  }
  return parts.join('');
}
