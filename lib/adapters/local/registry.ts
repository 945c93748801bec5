/**
 * Reads what is registered on this machine into a value: the packages under `models/`, the suites under `examples/suites/`,
 * and a suite that a spec names by its path. A broken folder is a fault of its own; the others stay usable.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BakeoffError, messageOf } from '../../core/errors.ts';
import { ID_PATTERN } from '../../core/ids.ts';
import type { RegisteredEvaluator, RegisteredModel, RegisteredSuite, Registry, RegistryFault } from '../../core/registry.ts';
import { digestSdk, readPackage } from './read-package.ts';
import { readSuite } from './read-suite.ts';

export interface RegistryOptions {
  /** The folder that holds `models/` and `examples/`. */
  readonly root: string;
  /** Folders with more packages, one a sub-folder. */
  readonly extraModelFolders?: readonly string[];
  /** Suites by path: the name under which the spec knows them, and their folder. */
  readonly suitePaths?: readonly { readonly name: string; readonly folder: string }[];
}

/** Never throws for what a package or suite holds: see `faults`. */
export async function readRegistry(options: RegistryOptions): Promise<Registry> {
  const faults: RegistryFault[] = [];
  const packages = await readPackages(options, faults);
  const suites = await readSuites(join(options.root, 'examples/suites'), options.suitePaths ?? [], faults);
  return { ...packages, suites, faults };
}

async function readPackages(options: RegistryOptions, faults: RegistryFault[]): Promise<Pick<Registry, 'models' | 'evaluators'>> {
  const models = new Map<string, RegisteredModel>();
  const evaluators = new Map<string, RegisteredEvaluator>();
  const folderOfId = new Map<string, string>();
  let sdkDigest: Promise<string> | null = null;
  const sdkDigestOnce = (): Promise<string> => {
    sdkDigest ??= digestSdk(join(options.root, 'models/_server/src'));
    return sdkDigest;
  };
  for (const parent of [join(options.root, 'models'), ...(options.extraModelFolders ?? [])]) {
    for (const { id, folder } of await subFolders(parent)) {
      await collectFault(faults, { kind: 'package', id, folder }, async () => {
        refuseTwice(folderOfId, id, folder);
        const { manifest, digest } = await readPackage(folder, sdkDigestOnce);
        if (manifest.kind === 'model') models.set(id, { manifest, digest, folder });
        else evaluators.set(id, { manifest, digest, folder });
      });
    }
  }
  return { models, evaluators };
}

/** The suites below a folder, by id, and those of `paths`, by name. */
export async function readSuites(
  parent: string,
  paths: NonNullable<RegistryOptions['suitePaths']>,
  faults: RegistryFault[],
): Promise<Map<string, RegisteredSuite>> {
  const suites = new Map<string, RegisteredSuite>();
  for (const { id, folder } of await subFolders(parent)) {
    await collectFault(faults, { kind: 'suite', id, folder }, async () => {
      const suite = await readSuite(folder);
      if (suite.manifest.id !== id) throw misnamedSuite(suite.manifest.id, folder);
      suites.set(id, suite);
    });
  }
  for (const { name, folder } of paths) {
    await collectFault(faults, { kind: 'suite', id: name, folder }, async () => {
      suites.set(name, await readSuite(folder));
    });
  }
  return suites;
}

async function collectFault(faults: RegistryFault[], head: Omit<RegistryFault, 'error'>, read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (thrown) {
    faults.push({ ...head, error: thrown instanceof BakeoffError ? thrown : unreadable(head, thrown) });
  }
}

/** Sub-folders by name, without those that start with `_` or `.`; none when the folder does not exist. */
async function subFolders(parent: string): Promise<{ id: string; folder: string }[]> {
  let entries: Awaited<ReturnType<typeof listFolder>>;
  try {
    entries = await listFolder(parent);
  } catch {
    return [];
  }
  return entries
    .filter((entry) => entry.isDirectory() && ID_PATTERN.test(entry.name))
    .map((entry) => ({ id: entry.name, folder: join(parent, entry.name) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function listFolder(parent: string) {
  return readdir(parent, { withFileTypes: true });
}

function refuseTwice(folderOfId: Map<string, string>, id: string, folder: string): void {
  const before = folderOfId.get(id.toLowerCase());
  if (before !== undefined) {
    throw new BakeoffError({
      code: 'package-twice',
      message: `${folder} has the id of ${before} (case is ignored)`,
      remedy: 'Rename one of them.',
    });
  }
  folderOfId.set(id.toLowerCase(), folder);
}

function misnamedSuite(id: string, folder: string): BakeoffError {
  return new BakeoffError({
    code: 'suite-misnamed',
    message: `${join(folder, 'suite.yaml')} has id "${id}"; expected the name of its folder`,
    remedy: 'Rename the folder, or change the id.',
  });
}

function unreadable(head: Omit<RegistryFault, 'error'>, thrown: unknown): BakeoffError {
  return new BakeoffError({
    code: `${head.kind}-unreadable`,
    message: `${head.folder} cannot be read: ${messageOf(thrown)}`,
    remedy: 'Make the folder and its files readable.',
    kind: 'environment',
    cause: thrown,
  });
}
