/**
 * Builds a virtual environment from a lock. Called by environments.ts, inside a folder of its own.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CacheLayout } from './cache-layout.ts';
import { type InstallContext, runInstall } from './install-command.ts';
import type { Installer } from './installer.ts';
import { uvSettingsFromPip } from './installer-settings.ts';
import type { Python } from './python.ts';

export interface BuildPythonOptions {
  readonly id: string;
  readonly folder: string;
  readonly lockFile: string;
  readonly prune: readonly string[];
  readonly python: Python;
  readonly installer: Installer;
  readonly cache: CacheLayout;
  readonly context: InstallContext;
}

/** Installs the lock, checked against its hashes, into `folder`, then removes the pruned paths from site-packages. */
export async function buildPython(options: BuildPythonOptions): Promise<void> {
  if (options.installer.kind === 'uv') await installWithUv(options, options.installer.path);
  else await installWithPip(options);
  const sitePackages = join(options.folder, 'lib', 'python3.11', 'site-packages');
  // Files are hard links into uv's cache: unlinking is safe where emptying would not be.
  await Promise.all(options.prune.map((path) => rm(join(sitePackages, path), { recursive: true, force: true })));
}

async function installWithUv(options: BuildPythonOptions, uv: string): Promise<void> {
  const { context, python, folder, cache } = options;
  const env = {
    UV_CACHE_DIR: join(cache.downloads, 'uv'),
    UV_PYTHON_DOWNLOADS: 'never',
    UV_NO_PROGRESS: '1',
    ...(await uvSettingsFromPip(python.executable, context.env)),
  };
  const what = `environment of ${options.id}`;
  // Run in the cache, not where the user is: a project file there must not change what is installed.
  const step = (...args: string[]) => runInstall(context, { what, command: [uv, ...args], cwd: cache.root, env });
  await step('venv', '--python', python.executable, '--allow-existing', folder);
  const target = ['--python', join(folder, 'bin', 'python'), '--link-mode', 'hardlink', '--compile-bytecode'];
  await step('pip', 'install', '--require-hashes', ...target, '-r', options.lockFile);
}

async function installWithPip(options: BuildPythonOptions): Promise<void> {
  const { context, python, folder, cache } = options;
  const what = `environment of ${options.id}`;
  const env = { PIP_DISABLE_PIP_VERSION_CHECK: '1', PYTHONDONTWRITEBYTECODE: '' };
  const step = (...command: string[]) => runInstall(context, { what, command, cwd: cache.root, env });
  await step(python.executable, '-m', 'venv', folder);
  await step(join(folder, 'bin', 'python'), '-m', 'pip', 'install', '--no-input', '--require-hashes', '-r', options.lockFile);
}
