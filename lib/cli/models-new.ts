/**
 * `bakeoff models new NAME --task TASK`: a package that passes `bakeoff models check` as it is, for an author to write a model into. Copies a
 * folder of models/_new to where the registry finds it; overwrites nothing.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { BakeoffError, messageOf } from '../core/errors.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { loadRegistry } from './load-spec.ts';
import { wrapText } from './wrap-text.ts';

/** What `--task` may say: the folder of models/_new, and where a lock with the libraries of its adapter lies, below models/. */
const STARTERS: ReadonlyMap<string, { readonly lock: string }> = new Map([
  ['text-to-video', { lock: 'noise-t2v/requirements.lock' }],
  ['chat', { lock: '_server/requirements.lock' }],
  ['tabular', { lock: '_server/requirements.lock' }],
]);

/** An id that is also the name of an image: these take no capitals. */
const NAME_PATTERN = /^(?=.{1,64}$)[a-z0-9]+(?:[.-][a-z0-9]+)*$/;

type NewOptions = CommonOptions & { readonly task?: unknown; readonly into?: unknown };

export async function modelsNewVerb(args: readonly string[], options: NewOptions, io: VerbIo): Promise<ExitCode> {
  const [name = ''] = args;
  const { task, starter } = starterOf(options.task);
  if (!NAME_PATTERN.test(name)) throw badName(name);
  const parent = parentOf(options.into, io);
  await refuseKnown(name, io);
  const folder = join(parent, name);
  const files = await scaffold({ name, task, folder, lock: starter.lock, models: join(io.root, 'models') });
  const isFound = [join(io.root, 'models'), ...io.settings.extraModelFolders].includes(parent);
  if (options.json) {
    writeJson(io, { id: name, task, folder, files, registered: isFound });
    return 0;
  }
  const shown = relative(io.cwd, folder) || '.';
  io.stdout.write(`${wrapText(`made ${shown}: ${files.join(', ')}`, io.columns, '', '  ')}\n`);
  // Commands stay whole, to be copied.
  if (!isFound) io.stdout.write(`no verb finds it by its name yet; for that:\n  export BAKEOFF_MODELS=${parent}\n`);
  io.stdout.write(`next: write your model into ${join(shown, 'adapter.py')}, then\n  npx bakeoff models check ${isFound ? name : shown}\n`);
  return 0;
}

function starterOf(task: unknown) {
  const starter = typeof task === 'string' ? STARTERS.get(task) : undefined;
  if (typeof task === 'string' && starter !== undefined) return { task, starter };
  throw new BakeoffError({
    code: 'bad-usage',
    message: 'models new needs to know what the model does',
    remedy: `Give --task: ${[...STARTERS.keys()].join(', ')}.`,
  });
}

/** The folder that is given; else the first of BAKEOFF_MODELS; else models/ of the installation, or of wherever else the user is. */
function parentOf(into: unknown, { cwd, root, settings }: VerbIo): string {
  if (typeof into === 'string') return resolve(cwd, into);
  const [first] = settings.extraModelFolders;
  if (first !== undefined) return first;
  const isInside = !relative(root, cwd).startsWith('..');
  return join(isInside ? root : cwd, 'models');
}

async function refuseKnown(name: string, io: VerbIo): Promise<void> {
  const { models, evaluators, faults } = await loadRegistry(io);
  const known = [...models.values(), ...evaluators.values()].map(({ manifest, folder }) => ({ id: manifest.id, folder }));
  const same = [...known, ...faults].find(({ id }) => id.toLowerCase() === name);
  if (same !== undefined) throw taken(`a package ${same.id} is registered already: ${same.folder}`);
}

interface Scaffold {
  readonly name: string;
  readonly task: string;
  readonly folder: string;
  readonly lock: string;
  /** The folder `models/` of the installation. */
  readonly models: string;
}

/** The files that were written, in order. What was begun is removed when it cannot be ended. */
async function scaffold({ name, task, folder, lock, models }: Scaffold): Promise<string[]> {
  await makeFolder(folder);
  try {
    const source = join(models, '_new', task);
    const isInstalled = dirname(folder) === models;
    const sdk = relative(folder, join(models, '_server'));
    const values = { __NAME__: name, __SDK__: sdk, ...dockerWords(name, isInstalled, relative(dirname(folder), join(models, '_server'))) };
    const paths = (await readdir(source, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'))
      .map((entry) => relative(source, join(entry.parentPath, entry.name)));
    for (const path of paths) await writeFilled(join(source, path), join(folder, path), values);
    await cp(join(models, lock), join(folder, 'requirements.lock'));
    return [...paths, 'requirements.lock'].sort();
  } catch (thrown) {
    await rm(folder, { recursive: true, force: true });
    throw thrown;
  }
}

/** How the image is built, and where it takes the SDK from: both lie in one context only below the installation's models/. */
function dockerWords(name: string, isInstalled: boolean, sdk: string): Readonly<Record<string, string>> {
  if (isInstalled)
    return { __BUILD__: `docker build -f models/${name}/Dockerfile -t bakeoff/${name} models`, __COPY_SDK__: 'COPY _server/src' };
  const build = `docker build -f ${name}/Dockerfile --build-context sdk=${sdk} -t bakeoff/${name} .   (in the folder above)`;
  return { __BUILD__: build, __COPY_SDK__: 'COPY --from=sdk src' };
}

async function writeFilled(source: string, target: string, values: Readonly<Record<string, string>>): Promise<void> {
  const text = await readFile(source, 'utf8');
  await mkdir(dirname(target), { recursive: true });
  await writeFile(
    target,
    text.replaceAll(/__[A-Z_]+?__/g, (word) => values[word] ?? word),
  );
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(dirname(folder), { recursive: true });
    await mkdir(folder);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') throw taken(`there is ${folder} already`);
    throw new BakeoffError({
      code: 'folder-unwritable',
      message: `${folder} cannot be made: ${messageOf(cause)}`,
      remedy: 'Give --into a folder that you may write to.',
      cause,
    });
  }
}

function taken(message: string): BakeoffError {
  return new BakeoffError({ code: 'name-taken', message, remedy: 'Take another name; nothing is overwritten.' });
}

function badName(name: string): BakeoffError {
  return new BakeoffError({
    code: 'bad-name',
    message: `${JSON.stringify(name)} is no name of a package`,
    remedy: 'Take at most 64 lower-case letters and digits, with single hyphens or dots between them, for example my-model.',
  });
}
