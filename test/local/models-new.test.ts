/** `bakeoff models new`: what it makes passes conformance and its own tests as it is, lies where it is found, and nothing is overwritten. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { environments } from '../../lib/adapters/local/process/environments.ts';
import { readRegistry } from '../../lib/adapters/local/registry.ts';
import { environment, readSettings } from '../../lib/settings.ts';
import { lockAsPackage } from '../lock-as-package.ts';
import { ROOT, runCli } from './run-cli.ts';

const project = (): string => mkdtempSync(join(tmpdir(), 'bakeoff-new-'));
const make = (cwd: string, args: readonly string[], variables: Record<string, string | undefined> = {}) =>
  runCli(['models', 'new', ...args], { BAKEOFF_MODELS: undefined, ...variables }, cwd);

/** The package's own tests, in the environment that its lock makes. */
async function pytest(folder: string): Promise<{ status: number | null; output: string }> {
  const settings = readSettings(environment());
  const built = environments({ cacheDir: settings.cacheDir, python: settings.python, installerEnv: environment() });
  const [own, extras] = await Promise.all([
    built.prepare(lockAsPackage('new', folder, 'requirements.lock')),
    built.prepare(lockAsPackage('test-extras', join(ROOT, 'models/_server'), 'requirements-test.lock')),
  ]);
  const PYTHONPATH = [folder, join(ROOT, 'models/_server/src'), join(extras.folder, 'lib/python3.11/site-packages')].join(delimiter);
  const env = { PATH: settings.path, PYTHONPATH, PYTHONDONTWRITEBYTECODE: '1' };
  const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'tests'];
  const { status, stdout, stderr } = spawnSync(join(own.folder, 'bin/python'), args, { cwd: folder, env, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

describe.each(['text-to-video', 'chat', 'tabular'])('a new package for %s', (task) => {
  it('passes conformance and its own tests as it is, and is found by its name', async () => {
    const cwd = project();
    const variables = { BAKEOFF_MODELS: join(cwd, 'packages') };
    const made = await make(cwd, ['first-try', '--task', task, '--json'], variables);
    expect(made.exitCode, made.stderr).toBe(0);
    const folder = join(cwd, 'packages/first-try');
    expect(JSON.parse(made.stdout)).toMatchObject({ id: 'first-try', folder, registered: true });
    expect(readdirSync(folder).sort()).toEqual([
      ...['Dockerfile', 'README.md', 'adapter.py', 'model.yaml', 'requirements.in', 'requirements.lock', 'tests'],
    ]);
    const [asked, locked] = ['requirements.in', 'requirements.lock'].map((name) => readFileSync(join(folder, name), 'utf8'));
    const pins = asked!.split('\n').filter((line) => line.includes('=='));
    expect(pins.filter((pin) => !locked!.includes(`${pin} \\`))).toEqual([]);

    const checked = await runCli(['models', 'check', 'first-try', '--json'], variables, cwd);
    const { rules } = JSON.parse(checked.stdout);
    expect(rules.filter(({ outcome }: { outcome: string }) => outcome === 'failed')).toEqual([]);
    expect(rules).toContainEqual(expect.objectContaining({ id: task === 'chat' ? 'completes-chats' : 'generates', outcome: 'passed' }));
    expect(checked.exitCode, checked.stderr).toBe(0);

    const tested = await pytest(folder);
    expect(tested.status, tested.output).toBe(0);
    expect(tested.output).toMatch(/3 passed/);
  }, 300_000);
});

describe('where it is made', () => {
  it('is the folder that is given, and then it is said how it would be found', async () => {
    const cwd = project();
    const made = await make(cwd, ['mine', '--task', 'chat', '--into', 'here']);
    expect(made.stdout).toContain(`export BAKEOFF_MODELS=${join(cwd, 'here')}`);
    expect(existsSync(join(cwd, 'here/mine/model.yaml'))).toBe(true);
    const { models, faults } = await readRegistry({ root: ROOT, extraModelFolders: [join(cwd, 'here')] });
    expect(faults).toEqual([]);
    expect(models.get('mine')?.manifest.tasks).toEqual(['chat']);
  });

  it('is models/ in a folder that has nothing to do with the installation', async () => {
    const cwd = project();
    await make(cwd, ['mine', '--task', 'tabular']);
    expect(existsSync(join(cwd, 'models/mine/model.yaml'))).toBe(true);
    const docker = readFileSync(join(cwd, 'models/mine/Dockerfile'), 'utf8');
    expect(docker).toMatch(/--build-context sdk=\S+\/models\/_server /);
    expect(docker).toContain('COPY --from=sdk src /opt/bakeoff/src');
  });

  it('is models/ of the installation for someone who works there, built as its other packages are', async () => {
    const root = project();
    mkdirSync(join(root, 'models'));
    for (const name of ['_new', '_server', 'noise-t2v']) symlinkSync(join(ROOT, 'models', name), join(root, 'models', name));
    const { modelsNewVerb } = await import('../../lib/cli/models-new.ts');
    const stdout: string[] = [];
    const sink = { write: (text: string) => stdout.push(text) };
    const settings = { ...readSettings({}), extraModelFolders: [] };
    const io = { stdout: sink, stderr: sink, settings, root, cwd: root, isTty: false, isStdoutTty: false, columns: 80 };
    expect(await modelsNewVerb(['mine'], { dir: root, json: false, task: 'chat' }, io)).toBe(0);
    expect(stdout.join('')).not.toContain('BAKEOFF_MODELS');
    const docker = readFileSync(join(root, 'models/mine/Dockerfile'), 'utf8');
    expect(docker).toContain('docker build -f models/mine/Dockerfile -t bakeoff/mine models');
    expect(docker).toContain('COPY _server/src /opt/bakeoff/src');
    expect(readFileSync(join(root, 'models/mine/requirements.in'), 'utf8')).toMatch(/^-r \.\.\/_server\/requirements\.in$/m);
    const files = readdirSync(join(root, 'models/mine'), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.'));
    for (const file of files) expect(readFileSync(join(root, 'models/mine', file), 'utf8')).not.toMatch(/__(NAME|SDK|BUILD|COPY_SDK)__/);
  });
});

describe('what is refused', () => {
  it.each(['../escape', 'Mine', '-x', 'a/b', 'a--b', '', 'a'.repeat(65)])('the name %j', async (name) => {
    const cwd = project();
    const end = await make(cwd, ['--task', 'chat', '--', name]);
    expect(end.exitCode).toBe(2);
    expect(end.stderr.replaceAll(/\s+/g, ' ')).toContain('is no name of a package');
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('a folder that is there, which stays as it was', async () => {
    const cwd = project();
    mkdirSync(join(cwd, 'models/mine'), { recursive: true });
    writeFileSync(join(cwd, 'models/mine/notes.txt'), 'mine');
    const end = await make(cwd, ['mine', '--task', 'chat']);
    expect([end.exitCode, end.stderr]).toEqual([2, expect.stringContaining('nothing is overwritten')]);
    expect(readdirSync(join(cwd, 'models/mine'))).toEqual(['notes.txt']);
  });

  it.each([
    [['ridge', '--task', 'tabular'], 'ridge is registered already'],
    [['mine'], 'Give --task'],
    [['mine', '--task', 'poetry'], 'Allowed choices'],
  ])('%j', async (args, told) => {
    const cwd = project();
    const end = await make(cwd, args);
    expect(end.exitCode).toBe(2);
    expect(end.stderr.replaceAll(/\s+/g, ' ')).toContain(told);
    expect(readdirSync(cwd)).toEqual([]);
  });
});
