/**
 * Builds a virtual environment from a lock. Called by environments.ts, inside a folder of its own.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CacheLayout } from './cache-layout.ts';
import { type InstallContext, runInstall } from './install-command.ts';
import type { Installer, UvInstaller } from './installer.ts';
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

/**
 * Byte code is written now: else the first start would compile it, and its load time would not be that of the others. Test
 * folders of libraries, half of the work, are never imported. Files that do not compile (templates) are nobody's fault.
 */
const COMPILE = 'import compileall, re, sys; compileall.compile_dir(sys.argv[1], quiet=2, workers=2, rx=re.compile("/tests?/"))';

/** Installs the lock, checked against its hashes, into `folder`, removes the pruned paths, and compiles what is left. */
export async function buildPython(options: BuildPythonOptions): Promise<void> {
  const { context, cache, folder } = options;
  const what = `environment of ${options.id}`;
  // Run in the cache, not where the user is: a project file there must not change what is installed.
  const step: Step = (command, env = {}) => runInstall(context, { what, command, cwd: cache.root, env });
  if (options.installer.kind === 'uv') await installWithUv(options, options.installer, step);
  else await installWithPip(options, step);
  const sitePackages = join(folder, 'lib', 'python3.11', 'site-packages');
  // Files are hard links into uv's cache: unlinking is safe where emptying would not be.
  await Promise.all(options.prune.map((path) => rm(join(sitePackages, path), { recursive: true, force: true })));
  await step([pythonOf(folder), '-c', COMPILE, sitePackages], { PYTHONDONTWRITEBYTECODE: '' });
}

type Step = (command: readonly string[], env?: Readonly<Record<string, string>>) => Promise<void>;

async function installWithUv(options: BuildPythonOptions, uv: UvInstaller, step: Step): Promise<void> {
  const { python, folder, cache } = options;
  const env = {
    UV_CACHE_DIR: join(cache.downloads, 'uv'),
    UV_PYTHON_DOWNLOADS: 'never',
    UV_NO_PROGRESS: '1',
    ...uv.settings,
  };
  await step([uv.path, 'venv', '--python', python.executable, '--allow-existing', folder], env);
  const target = ['--python', pythonOf(folder), '--link-mode', 'hardlink'];
  // The lock is whole: what it leaves out (a graphical build of a library, say) is left out on purpose.
  await step([uv.path, 'pip', 'install', '--require-hashes', '--no-deps', ...target, '-r', options.lockFile], env);
}

async function installWithPip(options: BuildPythonOptions, step: Step): Promise<void> {
  const { python, folder } = options;
  await step([python.executable, '-m', 'venv', folder]);
  const install = ['-m', 'pip', 'install', '--no-input', '--no-compile', '--disable-pip-version-check', '--require-hashes', '--no-deps'];
  await step([pythonOf(folder), ...install, '-r', options.lockFile]);
}

function pythonOf(folder: string): string {
  return join(folder, 'bin', 'python');
}
