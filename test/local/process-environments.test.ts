/**
 * Environments of packages, built by the real installers: whole or not there, apart from each other, errors with a remedy. One file, and
 * long, because the wheels that it installs take seconds to make.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MARKER } from '../../lib/adapters/local/process/build-aside.ts';
import { type Environment, type Environments, environments } from '../../lib/adapters/local/process/environments.ts';
import { pinnedUvVersion } from '../../lib/adapters/local/process/installer.ts';
import { listPids, readEnvironment } from '../../lib/adapters/local/process/process-table.ts';
import { seededRandom } from './kill-moments.ts';
import { awaitCondition } from './process/await-condition.ts';
import { openWorkbench, type Workbench } from './process/tiny-packages.ts';

const run = promisify(execFile);
// Installers take seconds, more on a busy machine; nothing here asserts a time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const asRoot = process.getuid?.() === 0;
let bench: Workbench;

beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => rmSync(bench.root, { recursive: true, force: true }));

function freshCache(): string {
  return mkdtempSync(join(bench.root, 'cache-'));
}

function open(cacheDir: string, env = bench.env, more: { python?: string; fetchUv?: boolean } = {}): Environments {
  return environments({ cacheDir, python: more.python ?? null, installerEnv: env, fetchUv: more.fetchUv ?? true });
}

/** The version of the library that a server in this environment would import. */
async function importedVersion(environment: Environment): Promise<string> {
  return (await run(join(environment.folder, 'bin/python'), ['-m', 'widget'])).stdout.trim();
}

function sitePackages(environment: Environment): string {
  return join(environment.folder, 'lib/python3.11/site-packages');
}

describe('the environment of a Python package', () => {
  it('holds its own version of a library while another holds a conflicting one', async () => {
    const packages = [bench.pythonPackage('old', '1.0.0'), bench.pythonPackage('new', '2.0.0')];

    const [old, young] = await open(freshCache()).prepareAll(packages);

    expect(await Promise.all([importedVersion(old!), importedVersion(young!)])).toEqual(['1.0.0', '2.0.0']);
  });

  it('is built once for all packages with the same lock, while others are built', async () => {
    const packages = [
      bench.pythonPackage('twin-a', '1.0.0'),
      bench.pythonPackage('twin-b', '1.0.0'),
      bench.pythonPackage('other', '2.0.0'),
    ];
    const events: string[] = [];

    const made = await open(freshCache()).prepareAll(packages, ({ event, id }) => events.push(`${event} ${id}`));

    expect(made.map(({ digest }) => digest)).toEqual([made[0]!.digest, made[0]!.digest, made[2]!.digest]);
    expect(events.slice(0, 2).sort()).toEqual(['building other', 'building twin-a']);
    expect(events.slice(4)).toEqual(['cached twin-b']);
  });

  it('is built once: the second time takes no time and says so', async () => {
    const cacheDir = freshCache();
    const events: string[] = [];
    const first = await open(cacheDir).prepare(bench.pythonPackage('once', '1.0.0'), ({ event }) => events.push(event));

    const second = await open(cacheDir).prepare(bench.pythonPackage('once', '1.0.0'), ({ event }) => events.push(event));

    expect(events).toEqual(['building', 'built', 'cached']);
    expect(first.installMs).toBeGreaterThan(0);
    expect(second).toEqual({ ...first, installMs: 0 });
  });

  it('lacks what the manifest prunes, and the installer’s own cache keeps it', async () => {
    const cacheDir = freshCache();
    const pruned = await open(cacheDir).prepare(bench.pythonPackage('pruned', '1.0.0', { prune: ['widget/data/big.txt'] }));
    const whole = await open(cacheDir).prepare(bench.pythonPackage('whole', '1.0.0'));

    expect(existsSync(join(sitePackages(pruned), 'widget/data/big.txt'))).toBe(false);
    expect(existsSync(join(sitePackages(pruned), 'widget/data/small.txt'))).toBe(true);
    expect(lstatSync(join(sitePackages(whole), 'widget/data/big.txt')).size).toBe(4000);
  });

  it('has its byte code written before the first start', async () => {
    const environment = await open(freshCache()).prepare(bench.pythonPackage('compiled', '1.0.0'));

    expect(readdirSync(join(sitePackages(environment), 'widget/__pycache__'))).toContain('__init__.cpython-311.pyc');
  });

  it('still works when the cache folder is renamed', async () => {
    const cacheDir = freshCache();
    const environment = await open(cacheDir).prepare(bench.pythonPackage('moved', '2.0.0'));

    renameSync(cacheDir, `${cacheDir}-elsewhere`);

    const folder = environment.folder.replace(cacheDir, `${cacheDir}-elsewhere`);
    expect(await importedVersion({ ...environment, folder })).toBe('2.0.0');
  });

  it('can be built by pip where there is no uv', async () => {
    const PATH = (bench.env.PATH ?? '').split(':').slice(1).join(':');
    const environment = await open(freshCache(), { ...bench.env, PATH }, { fetchUv: false }).prepare(
      bench.pythonPackage('by-pip', '1.0.0'),
    );

    expect(await importedVersion(environment)).toBe('1.0.0');
  });

  it('is refused when a file does not have the hash of the lock, in the installer’s own words', async () => {
    const cacheDir = freshCache();
    const wrong = bench.pythonPackage('forged', '1.0.0', { lock: `widget==1.0.0 --hash=sha256:${'0'.repeat(64)}\n` });

    const attempt = open(cacheDir).prepare(wrong);

    await expect(attempt).rejects.toMatchObject({ code: 'install-failed', kind: 'environment', remedy: expect.stringContaining('lock') });
    await expect(attempt).rejects.toThrow(/environment of forged failed[\s\S]*[Hh]ash/);
    expect(readdirSync(join(cacheDir, 'environments'))).toEqual([]);
  });
});

describe('building an environment', () => {
  const builder = (cacheDir: string, localPackage: object) => {
    const order = JSON.stringify({ cacheDir, localPackage, env: bench.env, python: bench.python.executable });
    return spawn(process.execPath, [join(import.meta.dirname, 'process/build-environment.ts'), order], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  };
  const installersIn = (cacheDir: string) =>
    listPids().filter((pid) => readEnvironment(pid).includes(`UV_CACHE_DIR=${cacheDir}/downloads/uv`));

  /** Moments of a build as its files show them; a kill comes a drawn while after one was seen. */
  const MOMENTS: Record<string, (aside: string) => boolean> = {
    'the folder is made': () => true,
    'there is an interpreter': (aside) => existsSync(join(aside, 'bin/python')),
    'the library arrives': (aside) => existsSync(join(aside, 'lib/python3.11/site-packages/widget')),
    'byte code is written': (aside) => existsSync(join(aside, 'lib/python3.11/site-packages/widget/__pycache__')),
  };

  it('leaves nothing to trust and no process when it is killed, at eight moments; then it works', async () => {
    const cacheDir = freshCache();
    const localPackage = bench.pythonPackage('killed', '1.0.0');
    const entries = () => (existsSync(join(cacheDir, 'environments')) ? readdirSync(join(cacheDir, 'environments')) : []);
    const random = seededRandom(11);
    const finished: string[] = [];
    for (const [name, seen] of [...Object.entries(MOMENTS), ...Object.entries(MOMENTS)]) {
      const before = new Set(entries());
      const child = builder(cacheDir, localPackage);
      const isNow = (entry: string) => !before.has(entry) && seen(join(cacheDir, 'environments', entry));
      await awaitCondition(name, () => entries().some(isNow));
      await new Promise((resolve) => setTimeout(resolve, random() * 40));
      child.kill('SIGKILL');
      await awaitCondition('installers die', () => installersIn(cacheDir).length === 0);
      const built = entries().filter((entry) => !entry.includes('.aside-'));
      finished.push(...built.map(() => name));
      for (const entry of built) {
        expect(existsSync(join(cacheDir, 'environments', entry, MARKER))).toBe(true);
        rmSync(join(cacheDir, 'environments', entry), { recursive: true });
      }
    }
    // Work was missing at the kills; only the last moment may find the build done.
    expect(finished.filter((name) => name !== 'byte code is written')).toEqual([]);

    const environment = await open(cacheDir).prepare(localPackage);

    expect(await importedVersion(environment)).toBe('1.0.0');
    expect(readdirSync(join(cacheDir, 'environments'))).toEqual([environment.digest]);
  });

  it('happens once when two processes want the same one', async () => {
    const cacheDir = freshCache();
    const localPackage = bench.pythonPackage('shared', '1.0.0');

    const said = await Promise.all([builder(cacheDir, localPackage), builder(cacheDir, localPackage)].map((child) => text(child.stdout)));

    expect(said.join('').match(/built/g)).toHaveLength(1);
    expect(said.join('').match(/cached/g)).toHaveLength(1);
  });

  it('ends at once when it is interrupted, with its installer, and nothing is built after it', async () => {
    const cacheDir = freshCache();
    const opened = open(cacheDir);
    const attempt = opened.prepareAll([bench.pythonPackage('stopped', '1.0.0'), bench.pythonPackage('waiting', '2.0.0')]);
    const outcome = expect(attempt).rejects.toMatchObject({ code: 'install-interrupted', remedy: expect.stringContaining('--resume') });
    await awaitCondition('an installer runs', () => installersIn(cacheDir).length > 0);

    opened.interrupt();

    await outcome;
    expect(installersIn(cacheDir)).toEqual([]);
    expect(readdirSync(join(cacheDir, 'environments'))).toEqual([]);
    await expect(opened.prepare(bench.pythonPackage('later', '1.0.0'))).rejects.toMatchObject({ code: 'install-interrupted' });
  });

  it('fetches the pinned uv by its hash where there is none', () => {
    const uv = (bench.env.PATH ?? '').split(':')[0];
    expect(execFileSync(join(uv!, 'uv'), ['--version'], { encoding: 'utf8' })).toContain(`uv ${pinnedUvVersion()}`);
  });
});

describe('the environment of a Node package', () => {
  it('holds its files and modules, runs no install script, and leaves the tests out', async () => {
    const environment = await open(freshCache()).prepare(bench.nodePackage('by-npm'));

    const { stdout } = await run(process.execPath, ['main.mjs'], { cwd: environment.folder });
    expect(stdout.trim()).toBe('3.0.0');
    expect(existsSync(join(environment.folder, 'tests'))).toBe(false);
    expect(existsSync(join(environment.folder, 'node_modules/gadget/install-script-ran'))).toBe(false);
  });

  it('says so when there is no npm', async () => {
    const attempt = open(freshCache(), { ...bench.env, PATH: '/nowhere' }).prepare(bench.nodePackage('npm-less'));

    await expect(attempt).rejects.toMatchObject({ code: 'npm-missing', kind: 'environment' });
  });
});

describe('an environment that cannot be built', () => {
  it('for want of any Python says what to install', async () => {
    const attempt = open(freshCache(), { ...bench.env, PATH: '/nowhere' }).prepare(bench.pythonPackage('no-python', '1.0.0'));

    await expect(attempt).rejects.toMatchObject({
      code: 'python-missing',
      kind: 'environment',
      remedy: expect.stringContaining('python3.11'),
    });
  });

  it('for want of Python 3.11 names the versions that are there', async () => {
    const bin = mkdtempSync(join(bench.root, 'bin-'));
    const words = { ...bench.python, version: '3.12.4' };
    writeFileSync(join(bin, 'python3'), `#!/bin/sh\necho '${JSON.stringify(words)}'\n`, { mode: 0o755 });

    const attempt = open(freshCache(), { ...bench.env, PATH: bin }).prepare(bench.pythonPackage('young-python', '1.0.0'));

    await expect(attempt).rejects.toThrow(/found .*\/python3 \(CPython 3\.12\.4\)/);
  });

  it('for want of pip and venv names the package to install', async () => {
    const bin = mkdtempSync(join(bench.root, 'bin-'));
    const words = { ...bench.python, pip: false, venv: false };
    writeFileSync(join(bin, 'python3.11'), `#!/bin/sh\necho '${JSON.stringify(words)}'\n`, { mode: 0o755 });

    const attempt = open(freshCache(), { ...bench.env, PATH: bin }).prepare(bench.pythonPackage('bare-python', '1.0.0'));

    await expect(attempt).rejects.toMatchObject({ code: 'python-venv-missing', remedy: expect.stringContaining('python3.11-venv') });
  });

  it('because a file stands where the cache should be says that it cannot write there', async () => {
    const blocked = join(freshCache(), 'file');
    writeFileSync(blocked, '');

    const attempt = open(join(blocked, 'cache')).prepare(bench.pythonPackage('blocked', '1.0.0'));

    await expect(attempt).rejects.toMatchObject({ code: 'cache-unwritable', remedy: expect.stringContaining('BAKEOFF_CACHE') });
  });

  // Only root may mount; where root runs the tests, as in CI, both run, and fail if the mount does.
  it.skipIf(!asRoot)('on a read-only disk says that it cannot write there', async () => {
    await onMount('ro', async (folder) => {
      await expect(open(folder).prepare(bench.pythonPackage('read-only', '1.0.0'))).rejects.toMatchObject({ code: 'cache-unwritable' });
    });
  });

  it.skipIf(!asRoot)('on a full disk says so, and leaves nothing to trust', async () => {
    await onMount('size=96k', async (folder) => {
      const attempt = open(folder).prepare(bench.pythonPackage('full-disk', '1.0.0'));

      await expect(attempt).rejects.toMatchObject({
        code: 'disk-full',
        kind: 'environment',
        remedy: expect.stringContaining('Free space'),
      });
      const left = existsSync(join(folder, 'environments')) ? readdirSync(join(folder, 'environments')) : [];
      expect(left).toEqual([]);
    });
  });
});

async function onMount(options: string, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(bench.root, 'mount-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  try {
    await use(folder);
  } finally {
    execFileSync('umount', [folder]);
  }
}
