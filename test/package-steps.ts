/**
 * The tests of the packages, each in the environment that `bakeoff run` would build for it: pytest on top of a Python package's
 * lock, node's runner in a copy of the Node package. Used by test/run-all.ts.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Environments, environments } from '../lib/adapters/local/process/environments.ts';
import type { LocalPackage } from '../lib/adapters/local/process/local-package.ts';
import { readRegistry } from '../lib/adapters/local/registry.ts';
import type { Settings } from '../lib/settings.ts';
import { lockAsPackage } from './lock-as-package.ts';
import { type Counts, readJunit, runStep } from './test-step.ts';

interface PackageStepsOptions {
  readonly root: string;
  readonly reports: string;
  readonly settings: Settings;
  readonly environment: NodeJS.ProcessEnv;
}

export interface TestStep {
  readonly name: string;
  readonly run: () => Promise<Counts>;
}

export async function packageSteps(options: PackageStepsOptions): Promise<TestStep[]> {
  const { root, settings } = options;
  const built = environments({ cacheDir: settings.cacheDir, python: settings.python, installerEnv: options.environment });
  const registry = await readRegistry({ root });
  for (const fault of registry.faults) throw fault.error;
  const packages = [...registry.models.values(), ...registry.evaluators.values()];
  const sdk = lockAsPackage('sdk', join(root, 'models/_server'), 'requirements.lock');
  const suites = readdirSync(join(root, 'examples/suites'))
    .map((id) => lockAsPackage(`suite-${id}`, join(root, 'examples/suites', id), 'requirements.lock'))
    .filter(({ folder }) => existsSync(join(folder, 'requirements.lock')));
  return [sdk, ...packages, ...suites].filter(hasTests).map((each) => ({
    name: each.manifest.id,
    run: () => ('python' in each.manifest.runtime ? runPytest(each, built, options) : runNodeTests(each, built, options)),
  }));
}

function hasTests({ folder }: LocalPackage): boolean {
  return existsSync(join(folder, 'tests')) && readdirSync(join(folder, 'tests')).length > 0;
}

async function runPytest(tested: LocalPackage, built: Environments, { root, reports }: PackageStepsOptions): Promise<Counts> {
  const { id } = tested.manifest;
  const environment = await built.prepare(tested);
  const extras = await built.prepare(lockAsPackage('test-extras', join(root, 'models/_server'), 'requirements-test.lock'));
  const paths = [tested.folder, join(root, 'models/_server/src'), join(extras.folder, 'lib/python3.11/site-packages')];
  const env = {
    ...process.env,
    PYTHONPATH: paths.join(delimiter),
    PYTHONDONTWRITEBYTECODE: '1',
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
  };
  const report = join(reports, `${id}.xml`);
  const args = ['-m', 'pytest', '-q', '--no-header', '-p', 'no:cacheprovider', `--junitxml=${report}`, 'tests'];
  const exitCode = await runStep(id, join(environment.folder, 'bin/python'), args, { cwd: tested.folder, env });
  return readJunit(id, report, exitCode);
}

/** ES modules find their dependencies beside themselves, so the package is copied and given its environment's modules. */
async function runNodeTests(tested: LocalPackage, built: Environments, { reports }: PackageStepsOptions): Promise<Counts> {
  const { id } = tested.manifest;
  const environment = await built.prepare(tested);
  const folder = join(mkdtempSync(join(tmpdir(), 'bakeoff-node-package-')), id);
  cpSync(tested.folder, folder, { recursive: true, filter: (path) => !path.endsWith('node_modules') });
  symlinkSync(join(environment.folder, 'node_modules'), join(folder, 'node_modules'));
  const report = join(reports, `${id}.xml`);
  const reporters = [
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=junit',
    `--test-reporter-destination=${report}`,
  ];
  const exitCode = await runStep(id, process.execPath, ['--test', ...reporters, 'tests/*.test.mjs'], { cwd: folder, env: process.env });
  return readJunit(id, report, exitCode);
}
