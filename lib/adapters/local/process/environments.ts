/**
 * The environments of packages: one per lock, built once, kept in the cache by digest. Called by the compute before a server
 * starts, and ahead of a run for all its packages.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../../../core/canonical-json.ts';
import { BakeoffError, messageOf } from '../../../core/errors.ts';
import { buildAside } from './build-aside.ts';
import { buildNode } from './build-node.ts';
import { buildPython } from './build-python.ts';
import { type HeldLock, lock } from './cache-lock.ts';
import { cacheLayout } from './cache-layout.ts';
import { findInstaller, type Installer } from './installer.ts';
import type { LocalPackage } from './local-package.ts';
import { findPython, type Python } from './python.ts';

/** Raised when the way of building changes, so that no environment built the old way is used. */
const BUILDER_VERSION = 1;
const AT_ONCE = 2;

export interface Environment {
  readonly kind: 'python' | 'node';
  readonly folder: string;
  readonly digest: string;
  /** Milliseconds that building took now; 0 when it was in the cache. */
  readonly installMs: number;
}

export type InstallEvent =
  | { readonly event: 'building' | 'waiting' | 'cached'; readonly id: string }
  | { readonly event: 'built'; readonly id: string; readonly installMs: number };

export interface Environments {
  readonly prepare: (localPackage: LocalPackage, onEvent?: (event: InstallEvent) => void) => Promise<Environment>;
  /** Several, two at a time; for when nothing is being measured. The first error is thrown once the others have ended. */
  readonly prepareAll: (packages: readonly LocalPackage[], onEvent?: (event: InstallEvent) => void) => Promise<Environment[]>;
  /** Keeps `bakeoff clean` away from an environment in use, until released or until this process ends. */
  readonly hold: (environment: Environment) => Promise<HeldLock>;
  /** Ends what is being built, at once: it throws `install-interrupted`, and so does all that would be built later. */
  readonly interrupt: () => void;
  /** Of the Python that environments are built with; null when none was needed or found. */
  readonly pythonVersion: () => Promise<string | null>;
}

export interface EnvironmentsOptions {
  readonly cacheDir: string;
  /** BAKEOFF_PYTHON, or null. */
  readonly python: string | null;
  /** The user's environment, whole: installers obey the user's settings. */
  readonly installerEnv: NodeJS.ProcessEnv;
  readonly fetchUv?: boolean;
}

/** One instance per process: it finds Python and the installer once, when they are first needed. */
export function environments(options: EnvironmentsOptions): Environments {
  const cache = cacheLayout(options.cacheDir);
  const interruption = new AbortController();
  const { signal } = interruption;
  const context = { cacheRoot: cache.root, compileCacheFolder: cache.compiled, env: options.installerEnv, interruption: signal };
  const search = { path: options.installerEnv.PATH ?? '', home: options.installerEnv.HOME ?? '', python: options.python };
  const python = once(() => findPython(search));
  const installer = once(async () =>
    findInstaller({ cache, python: await python(), context, ...(options.fetchUv === undefined ? {} : { fetchUv: options.fetchUv }) }),
  );

  const digestOfEnvironment = async (localPackage: LocalPackage) => {
    const { id, runtime } = localPackage.manifest;
    if ('image' in runtime) throw needsContainer(id);
    return 'python' in runtime ? pythonDigest(localPackage, await python()) : nodeDigest(localPackage);
  };

  const prepare: Environments['prepare'] = async (localPackage, onEvent = () => undefined) => {
    const { id, runtime } = localPackage.manifest;
    const isPython = 'python' in runtime;
    const digest = await digestOfEnvironment(localPackage);
    const folder = join(cache.environments, digest);
    const installMs = await buildAside({
      folder,
      lockFile: lockFileOf(digest),
      facts: { package: id, digest, builder: BUILDER_VERSION },
      isSound: () => !isPython || existsSync(join(folder, 'bin', 'python')),
      onWait: () => onEvent({ event: 'waiting', id }),
      build: async (aside) => {
        onEvent({ event: 'building', id });
        if (isPython) await build(localPackage, aside, await python(), await installer());
        else await buildNode({ id, folder: aside, packageFolder: localPackage.folder, cache, context });
      },
    });
    onEvent(installMs === 0 ? { event: 'cached', id } : { event: 'built', id, installMs });
    return { kind: isPython ? 'python' : 'node', folder, digest, installMs };
  };

  const build = (localPackage: LocalPackage, folder: string, withPython: Python, withInstaller: Installer) => {
    const { id, runtime } = localPackage.manifest;
    if (!('python' in runtime)) return Promise.resolve();
    const lockFile = join(localPackage.folder, runtime.python.lock);
    return buildPython({ id, folder, lockFile, prune: runtime.python.prune, python: withPython, installer: withInstaller, cache, context });
  };

  const lockFileOf = (digest: string) => join(cache.locks, `${digest}.lock`);
  return {
    prepare,
    prepareAll: async (packages, onEvent) => {
      // One package per environment first: nobody then waits for a builder while another environment could be built.
      const digests = await Promise.all(packages.map(digestOfEnvironment));
      const [first, later] = splitAtRepeats(packages, digests);
      const made = await inPairs(first, (each) => prepare(each, onEvent));
      made.push(...(await inPairs(later, (each) => prepare(each, onEvent))));
      const byPackage = new Map([...first, ...later].map((each, index) => [each, made[index]]));
      return packages.flatMap((each) => byPackage.get(each) ?? []);
    },
    interrupt: () => interruption.abort(),
    hold: (environment) => lock(lockFileOf(environment.digest), 'shared'),
    pythonVersion: () =>
      python().then(
        (found) => found.version,
        () => null,
      ),
  };
}

async function pythonDigest(localPackage: LocalPackage, python: Python): Promise<string> {
  const { runtime } = localPackage.manifest;
  if (!('python' in runtime)) throw new TypeError('not a Python package');
  const lockFile = join(localPackage.folder, runtime.python.lock);
  const content = await readFile(lockFile).catch((cause: unknown) => {
    throw lockMissing(localPackage.manifest.id, lockFile, cause);
  });
  return digestOf(['python', sha256Hex(content), [...runtime.python.prune].sort(), python.version, python.platform]);
}

function lockMissing(id: string, lockFile: string, cause: unknown): BakeoffError {
  return new BakeoffError({
    code: 'package-file-missing',
    message: `${id}: cannot read its lock ${lockFile} (${messageOf(cause)})`,
    remedy: 'Restore the file from the repository, or name the right one in model.yaml.',
    kind: 'environment',
    cause,
  });
}

/** A Node environment holds the package's own files too: its key is the package's digest. */
function nodeDigest(localPackage: LocalPackage): string {
  return digestOf(['node', localPackage.digest, process.version, process.platform, process.arch]);
}

function digestOf(parts: readonly unknown[]): string {
  return sha256Hex(JSON.stringify([BUILDER_VERSION, ...parts]));
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

/** Items whose key comes for the first time, and the others. */
function splitAtRepeats<T>(items: readonly T[], keys: readonly string[]): [T[], T[]] {
  const isFirst = (index: number) => keys.indexOf(keys[index] ?? '') === index;
  return [items.filter((_, index) => isFirst(index)), items.filter((_, index) => !isFirst(index))];
}

async function inPairs<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined && failures.length === 0; next = queue.shift()) {
      const [index, item] = next;
      await work(item).then(
        (result) => {
          results[index] = result;
        },
        (cause: unknown) => {
          failures.push(cause);
        },
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}

function needsContainer(id: string): BakeoffError {
  return new BakeoffError({
    code: 'package-needs-docker',
    message: `${id} is an image, which cannot run as a process`,
    remedy: 'Run it with --env docker.',
    kind: 'environment',
  });
}
