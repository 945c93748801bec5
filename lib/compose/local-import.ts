/** Imports a suite on this machine: reads the source, writes the suite's folder, and reads that again as every run will. Called by the CLI. */
import { importSuite, type ImportCounts } from '../adapters/local/imports/import-suite.ts';
import { type SourceOptions, sourceDrafts } from '../adapters/local/imports/source-drafts.ts';
import { readSuite } from '../adapters/local/read-suite.ts';
import type { Choice } from '../core/imports/chosen-items.ts';
import type { RegisteredSuite } from '../core/registry.ts';
import type { SuiteManifest } from '../core/suite.ts';

export interface LocalImport extends SourceOptions {
  readonly choice: Choice;
  readonly out: string;
  readonly skipsRefused: boolean;
  /** Null: as the format suggests, where it does. */
  readonly categories: readonly string[] | null;
  readonly head: Omit<SuiteManifest, 'description' | 'categories' | 'items' | 'apiVersion' | 'kind'>;
}

export interface ImportedSuite {
  readonly suite: RegisteredSuite;
  readonly counts: ImportCounts;
  readonly notes: readonly string[];
}

export async function importLocalSuite(given: LocalImport): Promise<ImportedSuite> {
  const { drafts, images, notes, categories } = await sourceDrafts(given);
  const manifest = (counts: ImportCounts): SuiteManifest => ({
    apiVersion: 'bakeoff/v1',
    kind: 'suite',
    ...given.head,
    description: describe(counts, notes, given.choice).slice(0, 4000),
    items: 'items.jsonl',
    categories: [...(given.categories ?? categories)],
  });
  const { out, choice, skipsRefused } = given;
  const counts = await importSuite({ drafts, images, choice, out, skipsRefused, manifest });
  return { suite: await readSuite(out), counts, notes };
}

/** What was left out belongs to the suite: whoever reads a score should know it. */
function describe(counts: ImportCounts, notes: readonly string[], { filter, limit, seed }: Choice): string {
  const wanted = Object.entries(filter).map(([name, values]) => `${name} is ${values.join(' or ')}`);
  const parts = [
    `${counts.items} of ${counts.entries} entries.`,
    ...(wanted.length === 0 ? [] : [`Only where ${wanted.join(' and ')}: ${counts.filtered} left out.`]),
    ...(limit === null ? [] : [`The first ${limit} of the order of seed ${seed}: ${counts.beyondLimit} left out.`]),
    ...(counts.refusedCount === 0 ? [] : [`${counts.refusedCount} could not be read.`]),
    ...notes.map((note) => `${note[0]?.toUpperCase() ?? ''}${note.slice(1)}.`),
  ];
  return parts.join(' ');
}
