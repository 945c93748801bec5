/**
 * `bakeoff import FORMAT FILE`: a spec, or several, from a file of an older format, with a note of everything that could not be carried over. Each spec
 * is checked at once; exit code 2 when one does not stand as it is.
 */
import { basename, join, relative, resolve } from 'node:path';
import { importLocalOld, type WrittenImport } from '../compose/local-import-old.ts';
import { BakeoffError } from '../core/errors.ts';
import { splitAtEquals } from '../core/imports/column-roles.ts';
import { slugOf } from '../core/imports/item-ids.ts';
import { OLD_FORMATS, type OldContext } from '../core/imports/old/old-import.ts';
import { TASKS } from '../core/manifest.ts';
import { NAME_PATTERN } from '../core/spec.ts';
import type { SpecProblem } from '../core/spec-problem.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { loadRegistry, loadSpec } from './load-spec.ts';
import { optionList } from './option-list.ts';
import { readText } from './read-text.ts';
import { safeText, wrapText } from './wrap-text.ts';

type Options = CommonOptions & Record<string, unknown>;

interface CheckedSpec {
  readonly name: string;
  readonly path: string;
  readonly notes: readonly string[];
  readonly problems: readonly SpecProblem[];
}

export async function importVerb(args: readonly string[], options: Options, io: VerbIo): Promise<ExitCode> {
  const [formatName = '', source = ''] = args;
  const format = OLD_FORMATS.find((each) => each === formatName);
  if (format === undefined) throw usage(`there is no format ${JSON.stringify(formatName)}`, `Give one of ${OLD_FORMATS.join(', ')}.`);
  const name = nameOf(source, options.name);
  const out = resolve(io.cwd, typeof options.out === 'string' ? options.out : name);
  const written = await importLocalOld({
    format,
    source: source === '-' ? '-' : resolve(io.cwd, source),
    openText: (path) => readText(path, io),
    context: await contextOf(name, source, out, options, io),
    out,
    skipsRefused: options.skipRefused === true,
  });
  const specs: CheckedSpec[] = [];
  for (const spec of written.specs) {
    const path = join(out, `${spec.name}.yaml`);
    const loaded = await loadSpec(path, io);
    specs.push({ name: spec.name, path, notes: spec.notes, problems: loaded.ok ? [] : loaded.problems });
  }
  if (options.json) writeJson(io, documentOf(written, specs, out));
  else print(written, specs, io);
  return specs.every(({ problems }) => problems.length === 0) ? 0 : 2;
}

async function contextOf(name: string, source: string, out: string, options: Options, io: VerbIo): Promise<OldContext> {
  const registry = await loadRegistry(io);
  const given = optionList(options.model).map(splitAtEquals);
  const task = TASKS.find((each) => each === options.task) ?? null;
  if (task === null && options.task !== undefined)
    throw usage(`there is no task ${JSON.stringify(options.task)}`, `Give --task ${TASKS.join(', ')}.`);
  const suite = typeof options.suite === 'string' ? options.suite : null;
  return {
    models: registry.models,
    suites: new Map([...registry.suites].map(([id, { manifest }]) => [id, manifest.task])),
    renamed: new Map(given.flatMap(([old = '', id]) => (id === undefined ? [] : [[old, id] as const]))),
    otherwise: given.flatMap(([id = '', renamed]) => (renamed === undefined ? [id] : [])),
    suite: suite === null || registry.suites.has(suite) ? suite : pathFrom(out, resolve(io.cwd, suite)),
    task,
    name,
    fileName: source === '-' ? 'standard input' : basename(source),
  };
}

/** As the spec names it: relative to its own folder. */
function pathFrom(folder: string, path: string): string {
  const way = relative(folder, path);
  return way.startsWith('.') ? way : `./${way}`;
}

function nameOf(source: string, given: unknown): string {
  if (given === undefined && source === '-') throw usage('--name is not given', 'Name the spec: --name NAME.');
  const name = typeof given === 'string' ? given : slugOf(basename(source).replace(/\.[A-Za-z0-9]{1,8}$/, ''), 'imported', 32);
  if (NAME_PATTERN.test(name) && name.length <= 32) return name;
  throw usage(`--name is ${JSON.stringify(name)}`, 'Give lower-case letters, digits and hyphens, at most 32.');
}

function documentOf({ suites, counts }: WrittenImport, specs: readonly CheckedSpec[], out: string) {
  return {
    folder: out,
    specs: specs.map(({ problems, ...spec }) => ({ ...spec, valid: problems.length === 0, problems })),
    suites: suites.map(({ id, task }, index) => ({ id, task, ...counts[index] })),
  };
}

function print({ suites, counts }: WrittenImport, specs: readonly CheckedSpec[], io: VerbIo): void {
  for (const { path, notes, problems } of specs) {
    io.stdout.write(`${safeText(`spec     ${relative(io.cwd, path)}: ${problems.length === 0 ? 'valid' : 'not valid as it is'}`)}\n`);
    for (const note of notes) io.stderr.write(`${wrapText(`note: ${note}`, io.columns, '', '  ')}\n`);
    for (const { code, message, path: place } of problems.slice(0, 20)) {
      io.stderr.write(`${wrapText(`${code}${place === '' ? '' : ` at ${place}`}: ${message}`, io.columns, '', '  ')}\n`);
    }
  }
  for (const [index, { id }] of suites.entries()) {
    const { items = 0, entries = 0, refused = [] } = counts[index] ?? {};
    io.stdout.write(`${safeText(`suite    ${id}: ${items} of ${entries} entries`)}\n`);
    for (const { where, why } of refused.slice(0, 20)) io.stderr.write(`${wrapText(`refused: ${where}: ${why}`, io.columns, '', '  ')}\n`);
  }
}

function usage(message: string, remedy: string): BakeoffError {
  return new BakeoffError({ code: 'bad-usage', message, remedy });
}
