/** Writes what an importer of an older format made: one folder with the specs, their notes as comments, and the suites that they name. */
import { lstat, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BakeoffError } from '../../../core/errors.ts';
import type { OldImport, OldSpec, OldSuite } from '../../../core/imports/old/old-import.ts';
import { writeYaml } from '../../../core/write-yaml.ts';
import { type ImportCounts, importSuite } from './import-suite.ts';
import type { SourceFinder } from './source-files.ts';

export interface OldImportTarget {
  /** Must not be there. */
  readonly out: string;
  readonly fileName: string;
  readonly images: Pick<SourceFinder, 'find'> | null;
  readonly skipsRefused: boolean;
}

/** What became of each suite, in their order. Throws `out-exists` and `entries-refused`; then nothing is left behind. */
export async function writeOldImport({ specs, suites }: OldImport, target: OldImportTarget): Promise<ImportCounts[]> {
  await refuseExisting(target.out);
  await mkdir(dirname(target.out), { recursive: true });
  const aside = await mkdtemp(join(dirname(target.out), `.${basename(target.out)}-`));
  const folder = join(aside, 'import');
  try {
    await mkdir(folder);
    const counts: ImportCounts[] = [];
    for (const suite of suites) counts.push(await writeSuite(suite, folder, target));
    for (const spec of specs) await writeFile(join(folder, `${spec.name}.yaml`), specText(spec, target.fileName));
    await rename(folder, target.out);
    return counts;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

function specText({ document, notes }: OldSpec, fileName: string): string {
  const told =
    notes.length === 0
      ? ['Everything in it was carried over.']
      : ['Not carried over, or to be looked at:', ...notes.map((note) => `- ${note}`)];
  return writeYaml(document, [`Imported from ${fileName}.`, ...told]);
}

function writeSuite(
  { id, task, drafts }: OldSuite,
  folder: string,
  { fileName, images, skipsRefused }: OldImportTarget,
): Promise<ImportCounts> {
  return importSuite({
    drafts: oneByOne(drafts),
    images,
    choice: { filter: {}, limit: null, seed: 0 },
    out: join(folder, id),
    skipsRefused,
    manifest: (counts) => ({
      ...{ apiVersion: 'bakeoff/v1', kind: 'suite', id, version: '1.0.0', title: id, task, license: 'unknown' },
      ...{
        description: `${counts.items} of ${counts.entries} entries.`,
        source: `Imported from ${fileName}`,
        items: 'items.jsonl',
        categories: [],
      },
    }),
  });
}

async function* oneByOne<T>(entries: readonly T[]): AsyncGenerator<T> {
  yield* entries;
}

async function refuseExisting(out: string): Promise<void> {
  const isThere = await lstat(out).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new BakeoffError({
    code: 'out-exists',
    message: `${out} is there already`,
    remedy: 'Remove it, or give another folder with --out.',
  });
}
