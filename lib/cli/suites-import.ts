/** `bakeoff suites import FORMAT SOURCE`: a suite folder from files that others have made, with everything named that did not become an item. */
import { basename, relative, resolve } from 'node:path';
import { importLocalSuite, type ImportedSuite } from '../compose/local-import.ts';
import { BakeoffError } from '../core/errors.ts';
import { ID_PATTERN } from '../core/ids.ts';
import { parseMapping, splitAtEquals } from '../core/imports/column-roles.ts';
import { slugOf } from '../core/imports/item-ids.ts';
import { TASKS } from '../core/manifest.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { optionList } from './option-list.ts';
import { readText } from './read-text.ts';
import { SUITE_FORMATS, type SuiteFormat } from '../core/imports/suite-formats.ts';
import { alignColumns, safeText, wrapText } from './wrap-text.ts';

type Options = CommonOptions & Record<string, unknown>;

export async function suitesImportVerb(args: readonly string[], options: Options, io: VerbIo): Promise<ExitCode> {
  const [formatName = '', source = ''] = args;
  const format = SUITE_FORMATS.find((each) => each === formatName);
  if (format === undefined) throw usage(`there is no format ${JSON.stringify(formatName)}`, `Give one of ${SUITE_FORMATS.join(', ')}.`);
  const task = taskOf(format, options.task);
  const id = idOf(source, format, options.id);
  const absolute = source === '-' ? '-' : resolve(io.cwd, source);
  const imported = await importLocalSuite({
    format,
    source: absolute,
    task,
    openText: (path) => readText(path, io),
    mapped: parseMapping(optionList(options.map), task),
    attributes: listOrNull(options.attribute),
    prompt: textOr(options.prompt, null),
    split: textOr(options.split, null),
    categories: listOrNull(options.category),
    choice: { filter: filterOf(optionList(options.filter)), limit: numberOr(options.limit, null), seed: seedOf(options.seed) },
    out: resolve(io.cwd, textOr(options.out, id)),
    skipsRefused: options.skipRefused === true,
    head: {
      id,
      task,
      version: '1.0.0',
      title: textOr(options.title, source === '-' ? id : basename(absolute)).slice(0, 120),
      license: textOr(options.license, format === 'vbench' ? 'Apache-2.0' : 'unknown'),
      source: format === 'vbench' ? `VBench (Vchitect/VBench), ${basename(absolute)}` : `Imported as ${format} from ${basename(absolute)}`,
    },
  });
  if (options.json) writeJson(io, documentOf(imported));
  else print(imported, io);
  return 0;
}

const TASK_OF_FORMAT: Readonly<Partial<Record<SuiteFormat, string>>> = { vbench: 'text-to-video', images: 'image-to-text' };

function taskOf(format: SuiteFormat, given: unknown): (typeof TASKS)[number] {
  const name = textOr(given, TASK_OF_FORMAT[format] ?? null);
  const task = TASKS.find((each) => each === name);
  if (task !== undefined) return task;
  throw usage(name === null ? '--task is not given' : `there is no task ${JSON.stringify(name)}`, `Give --task ${TASKS.join(', ')}.`);
}

/** A suite of a folder is called otherwise: both may lie side by side. */
function idOf(source: string, format: SuiteFormat, given: unknown): string {
  const suffix = format === 'dataset' || format === 'images' ? '-suite' : '';
  const id = textOr(
    given,
    source === '-' ? null : `${slugOf(basename(source).replace(/\.[A-Za-z0-9]{1,8}$/, ''), 'imported', 48)}${suffix}`,
  );
  if (id !== null && ID_PATTERN.test(id)) return id;
  if (id === null) throw usage('--id is not given', 'Name the suite: --id NAME.');
  throw usage(`--id is ${JSON.stringify(id)}`, 'Give a letter or digit, then at most 63 of A-Z a-z 0-9 . _ -');
}

function filterOf(given: readonly string[]): Record<string, string[]> {
  const filter = new Map<string, string[]>();
  for (const text of given) {
    const [name = '', value] = splitAtEquals(text);
    if (value === undefined || name === '') throw usage(`--filter ${text}`, 'Give --filter attribute=value.');
    filter.set(name, [...(filter.get(name) ?? []), value]);
  }
  return Object.fromEntries(filter);
}

function seedOf(given: unknown): number {
  if (given === undefined) return 0;
  const seed = typeof given === 'string' && /^\d{1,10}$/.test(given) ? Number(given) : Number.NaN;
  if (seed < 2 ** 31) return seed;
  throw usage(`--seed is ${JSON.stringify(given)}`, 'Give a whole number from 0 to 2147483647.');
}

function documentOf({ suite, counts, notes }: ImportedSuite) {
  const { manifest, digest, folder, itemCount } = suite;
  return { id: manifest.id, folder, task: manifest.task, license: manifest.license, digest, ...counts, items: itemCount, notes };
}

const SHOWN = 20;

function print({ suite, counts, notes }: ImportedSuite, io: VerbIo): void {
  for (const { where, why } of counts.refused.slice(0, SHOWN)) {
    io.stderr.write(`${wrapText(`refused: ${where}: ${why}`, io.columns, '', '  ')}\n`);
  }
  if (counts.refusedCount > SHOWN) io.stderr.write(`refused: ${counts.refusedCount - SHOWN} more; --json has the first 1000\n`);
  const leftOut = [
    ...(counts.filtered === 0 ? [] : [`${counts.filtered} by the filter`]),
    ...(counts.beyondLimit === 0 ? [] : [`${counts.beyondLimit} by the limit`]),
    ...(counts.refusedCount === 0 ? [] : [`${counts.refusedCount} refused`]),
  ];
  const facts = [
    ['suite', `${suite.manifest.id} (${suite.manifest.task})`],
    ['items', `${counts.items} of ${counts.entries} entries${leftOut.length === 0 ? '' : `; left out: ${leftOut.join(', ')}`}`],
    ['license', suite.manifest.license === 'unknown' ? 'unknown: say it with --license' : suite.manifest.license],
    ['sha256', suite.digest],
    ['folder', suite.folder],
  ];
  io.stdout.write(`${alignColumns(facts).map(safeText).join('\n')}\n`);
  const path = relative(io.cwd, suite.folder);
  io.stdout.write(`${safeText(`in a spec  suite: ${path.startsWith('..') ? suite.folder : `./${path}`}`)}\n`);
  for (const note of notes) io.stdout.write(`${wrapText(note, io.columns, '', '  ')}\n`);
}

function textOr<T extends string | null>(given: unknown, otherwise: T): string | T {
  return typeof given === 'string' && given !== '' ? given : otherwise;
}

function numberOr<T extends number | null>(given: unknown, otherwise: T): number | T {
  return typeof given === 'number' ? given : otherwise;
}

function listOrNull(given: unknown): string[] | null {
  const list = optionList(given);
  return list.length === 0 ? null : list;
}

function usage(message: string, remedy: string): BakeoffError {
  return new BakeoffError({ code: 'bad-usage', message, remedy });
}
