/**
 * Writes a new suite folder from drafts of items: aside first, renamed when it is whole, so that there is a suite or nothing. Called by compose for
 * every importer; it knows no format.
 */
import { createWriteStream } from 'node:fs';
import { lstat, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BakeoffError } from '../../../core/errors.ts';
import { type Choice, chosenItems } from '../../../core/imports/chosen-items.ts';
import type { DraftItem } from '../../../core/imports/draft-item.ts';
import { finishItem } from '../../../core/imports/finish-item.ts';
import { type RefusedEntry, refusedEntry } from '../../../core/imports/source-entry.ts';
import { writeYaml } from '../../../core/write-yaml.ts';
import type { SuiteManifest } from '../../../core/suite.ts';
import { type ImageFiles, imageFiles } from './image-files.ts';
import type { SourceFinder } from './source-files.ts';

/** Refused entries that are told in full; the rest is counted. */
const MAX_TOLD = 1000;

export interface SuiteImport {
  readonly drafts: AsyncIterable<DraftItem | RefusedEntry>;
  /** Where paths of images lead; null: nowhere. */
  readonly images: Pick<SourceFinder, 'find'> | null;
  readonly choice: Choice;
  /** Must not be there. */
  readonly out: string;
  /** False: one refused entry refuses the import. */
  readonly skipsRefused: boolean;
  /** Called when all entries have been read. */
  readonly manifest: (counts: ImportCounts) => SuiteManifest;
}

export interface ImportCounts {
  readonly entries: number;
  readonly items: number;
  readonly filtered: number;
  readonly beyondLimit: number;
  readonly refusedCount: number;
  readonly refused: readonly RefusedEntry[];
}

/** Throws `out-exists`, `entries-refused`, `nothing-imported`, and what reading throws; then nothing is left behind. */
export async function importSuite(given: SuiteImport): Promise<ImportCounts> {
  if (await isThere(given.out)) throw outExists(given.out);
  await mkdir(dirname(given.out), { recursive: true });
  const aside = await mkdtemp(join(dirname(given.out), `.${basename(given.out)}-`));
  // A folder within: that of mkdtemp is closed to everybody else, which a suite need not be.
  const suite = join(aside, 'suite');
  try {
    await mkdir(suite);
    const counts = await writeItems(given, suite);
    await writeFile(join(suite, 'suite.yaml'), writeYaml(given.manifest(counts)));
    await rename(suite, given.out);
    return counts;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function writeItems(given: SuiteImport, aside: string): Promise<ImportCounts> {
  const images = imageFiles(aside, given.images);
  const dropped: string[] = [];
  const chosen = chosenItems(given.choice, (path) => dropped.push(path));
  const refused: RefusedEntry[] = [];
  let [entries, refusedCount, filtered, added] = [0, 0, 0, 0];
  for await (const draft of given.drafts) {
    entries += 1;
    const outcome = 'kind' in draft ? draft : await takeItem(draft, images, chosen);
    if (outcome === 'added') added += 1;
    else if (outcome === 'filtered') filtered += 1;
    else {
      refusedCount += 1;
      if (refused.length < MAX_TOLD) refused.push(outcome);
    }
    for (const path of dropped.splice(0)) await images.drop(path);
  }
  if (refusedCount > 0 && !given.skipsRefused) throw entriesRefused(refused, refusedCount);
  const kept = chosen.end();
  for (const path of dropped.splice(0)) await images.drop(path);
  if (kept.length === 0) throw nothingImported(entries, filtered, refusedCount);
  const lines = Readable.from(kept.map(({ line }) => `${line}\n`));
  await pipeline(lines, createWriteStream(join(aside, 'items.jsonl')));
  return { entries, items: kept.length, filtered, beyondLimit: added - kept.length, refusedCount, refused };
}

async function takeItem(
  draft: DraftItem,
  images: ImageFiles,
  chosen: ReturnType<typeof chosenItems>,
): Promise<'added' | 'filtered' | RefusedEntry> {
  if (!chosen.passes(draft.attributes)) return 'filtered';
  const file = draft.image === null ? null : await images.take(draft.image);
  if (typeof file === 'string') return refusedEntry(draft.where, file);
  const item = finishItem(draft, file);
  if (typeof item !== 'string' && chosen.add(item)) return 'added';
  if (file !== null) await images.drop(file.path);
  return refusedEntry(
    draft.where,
    typeof item === 'string' ? item : `${item.id}: the ${draft.givenId === null ? 'same entry' : 'id'} was there before`,
  );
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

function outExists(out: string): BakeoffError {
  return new BakeoffError({
    code: 'out-exists',
    message: `${out} is there already`,
    remedy: 'Remove it, or give another folder with --out.',
  });
}

const SHOWN = 5;

function entriesRefused(refused: readonly RefusedEntry[], count: number): BakeoffError {
  const told = refused.slice(0, SHOWN).map(({ where, why }) => `${where}: ${why}`);
  const more = count > SHOWN ? `; and ${count - SHOWN} more` : '';
  return new BakeoffError({
    code: 'entries-refused',
    message: `${told.join('; ')}${more}`,
    remedy: 'Correct the entries, or leave them out with --skip-refused; nothing was written.',
  });
}

function nothingImported(entries: number, filtered: number, refused: number): BakeoffError {
  return new BakeoffError({
    code: 'nothing-imported',
    message: `of ${entries} entries, ${filtered} do not pass the filter and ${refused} are refused; none is left`,
    remedy: 'Loosen the filter, or correct the source.',
  });
}
