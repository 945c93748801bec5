/** Packages that install in a moment and without a network: wheels and a module made on the spot. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { manifestSchema } from '../../../lib/core/manifest.ts';
import { cacheLayout } from '../../../lib/adapters/local/process/cache-layout.ts';
import { findInstaller } from '../../../lib/adapters/local/process/installer.ts';
import type { LocalPackage } from '../../../lib/adapters/local/process/local-package.ts';
import { findPython, type Python } from '../../../lib/adapters/local/process/python.ts';

export interface Workbench {
  readonly root: string;
  readonly python: Python;
  /** The user's environment of the tests: uv is on its PATH, and all indexes are replaced by a folder. */
  readonly env: NodeJS.ProcessEnv;
  readonly pythonPackage: (id: string, version: '1.0.0' | '2.0.0', changes?: PackageChanges) => LocalPackage;
  readonly nodePackage: (id: string) => LocalPackage;
}

export interface PackageChanges {
  readonly prune?: readonly string[];
  readonly lock?: string;
  readonly adapter?: string;
  readonly memoryMiB?: number;
  readonly files?: readonly { path: string; sha256: string; bytes: number }[];
}

/** uv is fetched by its hash, once for all test files of a machine. */
export async function openWorkbench(): Promise<Workbench> {
  const python = await findPython({ path: process.env.PATH ?? '', home: process.env.HOME ?? '', python: null });
  const cache = cacheLayout(join(tmpdir(), `bakeoff-test-tools-${process.getuid?.() ?? 0}`));
  const context = {
    cacheRoot: cache.root,
    compileCacheFolder: cache.compiled,
    env: process.env,
    interruption: new AbortController().signal,
  };
  const installer = await findInstaller({ cache, python, context });
  if (installer.kind !== 'uv') throw new Error(`no uv to test with: ${installer.why}`);
  const root = mkdtempSync(join(tmpdir(), 'bakeoff-environments-'));
  const wheels = join(root, 'wheels');
  mkdirSync(wheels);
  const made = execFileSync(python.executable, [join(import.meta.dirname, 'make-wheels.py'), wheels], { encoding: 'utf8' });
  const hashes = z.record(z.string(), z.string()).parse(JSON.parse(made));
  const path = `${dirname(installer.path)}:${process.env.PATH}`;
  const env = { ...process.env, PATH: path, UV_FIND_LINKS: wheels, UV_NO_INDEX: '1', PIP_FIND_LINKS: wheels, PIP_NO_INDEX: '1' };
  const lockOf = (version: string) => `widget==${version} --hash=sha256:${hashes[version]}\n`;
  return {
    root,
    python,
    env,
    pythonPackage: (id, version, changes = {}) => writePythonPackage(join(root, 'packages', id), id, { lock: lockOf(version), ...changes }),
    nodePackage: (id) => writeNodePackage(join(root, 'packages', id), id),
  };
}

const requirements = { accelerator: { kind: 'none' }, cpu: 1, memoryMiB: 512, diskMiB: 10, maxConcurrency: 1 };
const common = {
  apiVersion: 'bakeoff/v1',
  kind: 'model',
  version: '1.0.0',
  title: 'Tiny',
  tasks: ['tabular-regression'],
  protocol: 'native',
  license: 'MIT',
};

function writePythonPackage(folder: string, id: string, changes: PackageChanges): LocalPackage {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'requirements.lock'), changes.lock ?? '');
  writeFileSync(join(folder, 'adapter.py'), changes.adapter ?? '');
  const runtime = {
    python: { version: '3.11', lock: 'requirements.lock', prune: changes.prune ?? [] },
    command: ['python', '-m', 'adapter'],
  };
  const memory = { ...requirements, memoryMiB: changes.memoryMiB ?? requirements.memoryMiB };
  const manifest = manifestSchema.parse({ ...common, id, runtime, requirements: memory, files: changes.files ?? [] });
  return { manifest, digest: digestOf(`${id}${JSON.stringify(changes)}`), folder };
}

/** One dependency, a tarball beside it whose install script would leave a trace. */
function writeNodePackage(folder: string, id: string): LocalPackage {
  const source = join(folder, 'source/package');
  mkdirSync(source, { recursive: true });
  mkdirSync(join(folder, 'tests'));
  writeFileSync(join(folder, 'tests/one.test.mjs'), '');
  const scripts = { postinstall: 'touch install-script-ran' };
  writeFileSync(
    join(source, 'package.json'),
    JSON.stringify({ name: 'gadget', version: '3.0.0', type: 'module', main: 'index.js', scripts }),
  );
  writeFileSync(join(source, 'index.js'), "export const version = '3.0.0';\n");
  const tarball = join(folder, 'gadget.tgz');
  execFileSync('tar', ['-czf', tarball, '-C', join(folder, 'source'), 'package']);
  const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  const dependencies = { gadget: 'file:gadget.tgz' };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: id, version: '1.0.0', type: 'module', dependencies }));
  const packages = {
    '': { name: id, version: '1.0.0', dependencies },
    'node_modules/gadget': { version: '3.0.0', resolved: 'file:gadget.tgz', integrity, hasInstallScript: true },
  };
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({ name: id, version: '1.0.0', lockfileVersion: 3, requires: true, packages }),
  );
  writeFileSync(join(folder, 'main.mjs'), "import { version } from 'gadget';\nconsole.log(version);\n");
  const manifest = manifestSchema.parse({
    ...common,
    id,
    runtime: { node: { lock: 'package-lock.json' }, command: ['node', 'main.mjs'] },
    requirements,
  });
  return { manifest, digest: digestOf(id), folder };
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
