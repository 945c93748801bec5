/** Imports a file of an older format on this machine: reads it, makes specs of it against what is registered, and writes them. Called by the CLI. */
import { dirname } from 'node:path';
import type { ImportCounts } from '../adapters/local/imports/import-suite.ts';
import { sourceFinder } from '../adapters/local/imports/source-files.ts';
import { writeOldImport } from '../adapters/local/imports/write-old-import.ts';
import { csvEntries } from '../core/imports/csv-entries.ts';
import { jsonlEntries } from '../core/imports/jsonl-entries.ts';
import { type OldContext, type OldFormat, type OldImport, oldInvalid } from '../core/imports/old/old-import.ts';
import { importRegression } from '../core/imports/old/regression.ts';
import { importRunPlan } from '../core/imports/old/run-plan.ts';
import { importRunRequests } from '../core/imports/old/run-request.ts';
import { importTaskRegistry } from '../core/imports/old/task-registry.ts';

export interface LocalOldImport {
  readonly format: OldFormat;
  /** Absolute; `-` for what `openText` makes of it. */
  readonly source: string;
  readonly openText: (path: string) => AsyncIterable<string>;
  readonly context: OldContext;
  readonly out: string;
  readonly skipsRefused: boolean;
}

export interface WrittenImport extends OldImport {
  readonly counts: readonly ImportCounts[];
}

export async function importLocalOld({ format, source, openText, context, out, skipsRefused }: LocalOldImport): Promise<WrittenImport> {
  const made = await read(format, openText(source), context);
  const images = source === '-' ? null : await sourceFinder(dirname(source));
  const counts = await writeOldImport(made, { out, fileName: context.fileName, images, skipsRefused });
  return { ...made, counts };
}

async function read(format: OldFormat, pieces: AsyncIterable<string>, context: OldContext): Promise<OldImport> {
  if (format === 'run-plan') return importRunPlan(csvEntries(pieces), context);
  if (format === 'regression') return importRegression(jsonlEntries(pieces), context);
  const text = await wholeText(pieces);
  return format === 'run-request' ? importRunRequests(text, context) : importTaskRegistry(text, context);
}

const MAX_LENGTH = 33_554_432;

async function wholeText(pieces: AsyncIterable<string>): Promise<string> {
  const parts: string[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > MAX_LENGTH) throw oldInvalid(`the file has more than ${MAX_LENGTH} characters`, 'Split it.');
    parts.push(piece);
  }
  return parts.join('');
}
