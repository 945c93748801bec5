/**
 * Which program installs Python packages: uv of the PATH, else uv fetched by its hash into the cache, else pip. Called once,
 * when the first environment has to be built.
 */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BakeoffError, messageOf } from '../../../core/errors.ts';
import { buildAside } from './build-aside.ts';
import { findOnPath } from './cpu-affinity.ts';
import type { CacheLayout } from './cache-layout.ts';
import { type InstallContext, runInstall } from './install-command.ts';
import { uvSettingsFromPip } from './installer-settings.ts';
import type { Python } from './python.ts';

export interface UvInstaller {
  readonly kind: 'uv';
  readonly path: string;
  /** Variables that tell uv what the user has told pip. */
  readonly settings: Readonly<Record<string, string>>;
}

export type Installer = UvInstaller | { readonly kind: 'pip'; readonly why: string };

/** A pinned uv with the hashes of its wheels for every platform. */
const UV_LOCK = fileURLToPath(new URL('./uv-wheel.lock', import.meta.url));

export interface FindInstallerOptions {
  readonly cache: CacheLayout;
  readonly python: Python;
  readonly context: InstallContext;
  /** False: never fetch uv (the tests of the way through pip). */
  readonly fetchUv?: boolean;
}

/** Throws `python-venv-missing` when there is no way to install anything. */
export async function findInstaller(options: FindInstallerOptions): Promise<Installer> {
  const { cache, python, context } = options;
  const present = findOnPath('uv', context.env.PATH ?? '');
  if (present !== null) return withSettings(present, options);
  if (!python.pip && !python.venv) throw venvMissing(python);
  if (options.fetchUv !== false) {
    try {
      return await withSettings(await fetchUv(cache, python, context), options);
    } catch (cause) {
      const full = cause instanceof BakeoffError && cause.code !== 'install-failed';
      if (full || !python.venv) throw cause;
      return { kind: 'pip', why: messageOf(cause) };
    }
  }
  if (!python.venv) throw venvMissing(python);
  return { kind: 'pip', why: 'uv was not asked for' };
}

async function withSettings(path: string, { python, context }: FindInstallerOptions): Promise<UvInstaller> {
  return { kind: 'uv', path, settings: python.pip ? await uvSettingsFromPip(python.executable, context.env) : {} };
}

/** The version pinned in uv-wheel.lock. */
export function pinnedUvVersion(): string {
  return /^uv==(\S+)/m.exec(readFileSync(UV_LOCK, 'utf8'))?.[1] ?? 'unknown';
}

async function fetchUv(cache: CacheLayout, python: Python, context: InstallContext): Promise<string> {
  const name = `uv-${pinnedUvVersion()}-${python.platform}`;
  const folder = join(cache.tools, name);
  await buildAside({
    folder,
    lockFile: join(cache.locks, `${name}.lock`),
    facts: { tool: 'uv', version: pinnedUvVersion() },
    build: async (aside) => {
      const step = (command: readonly string[]): Promise<void> =>
        runInstall(context, { what: 'installer (uv)', command, cwd: aside, env: { PIP_DISABLE_PIP_VERSION_CHECK: '1' } });
      const lender = join(aside, PIP_LENDER);
      if (!python.pip) await step([python.executable, '-m', 'venv', lender]);
      const pip = [python.pip ? python.executable : join(lender, 'bin', 'python'), '-m', 'pip'];
      const pinned = ['--no-deps', '--only-binary', ':all:', '--require-hashes', '-r', UV_LOCK];
      await step([...pip, 'install', '--no-input', ...pinned, '--target', aside]);
      await rm(lender, { recursive: true, force: true });
    },
  });
  return join(folder, 'bin', 'uv');
}

/** Where Python comes without pip (Debian packs it apart), a throw-away virtual environment lends one. */
const PIP_LENDER = '.pip-lender';

function venvMissing(python: Python): BakeoffError {
  return new BakeoffError({
    code: 'python-venv-missing',
    message: `${python.executable} (Python ${python.version}) has neither pip nor venv with ensurepip; one of them is needed to build environments`,
    remedy: 'Install them (Debian 12: `apt-get install python3.11-venv`), or put uv on the PATH.',
    kind: 'environment',
  });
}
