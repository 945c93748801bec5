/**
 * Builds the environment of a Node package: a copy of its files with its modules beside them, because Node looks for the
 * modules of an ES module above the file that imports them. Called by environments.ts.
 */
import { cp } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BakeoffError } from '../../../core/errors.ts';
import type { CacheLayout } from './cache-layout.ts';
import { findOnPath } from './cpu-affinity.ts';
import { type InstallContext, runInstall } from './install-command.ts';

export interface BuildNodeOptions {
  readonly id: string;
  readonly folder: string;
  readonly packageFolder: string;
  readonly cache: CacheLayout;
  readonly context: InstallContext;
}

const LEFT_OUT = new Set(['node_modules', 'tests', 'test', '__pycache__']);

/** Copies the package and runs `npm ci` without scripts: no code of a dependency runs at install time. */
export async function buildNode(options: BuildNodeOptions): Promise<void> {
  const { context, folder, packageFolder, cache } = options;
  const npm = findOnPath('npm', context.env.PATH ?? '');
  if (npm === null) throw npmMissing(options.id);
  const isWanted = (source: string) => dirname(source) !== packageFolder || !LEFT_OUT.has(basename(source));
  await cp(packageFolder, folder, { recursive: true, filter: isWanted, errorOnExist: false });
  await runInstall(context, {
    what: `environment of ${options.id}`,
    command: [npm, 'ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'],
    cwd: folder,
    env: {
      // The Node that runs us comes first, and is what npm itself then runs on.
      PATH: `${dirname(process.execPath)}:${context.env.PATH ?? ''}`,
      npm_config_cache: join(cache.downloads, 'npm'),
      npm_config_update_notifier: 'false',
    },
  });
}

function npmMissing(id: string): BakeoffError {
  return new BakeoffError({
    code: 'npm-missing',
    message: `no npm on the PATH, and the package ${id} is a Node package`,
    remedy: 'Install npm (it comes with Node) and put it on the PATH.',
    kind: 'environment',
  });
}
