/**
 * What the regression packages read while they answer: copies of them run through the real CLI under a Python audit hook that writes
 * down every file that their processes open. Files that a C library opens on its own are not seen.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT, runCli } from './run-cli.ts';

const work = mkdtempSync(join(tmpdir(), 'bakeoff-reads-'));
const packages = join(work, 'packages');
const PACKAGES = ['ridge', 'random-forest', 'gradient-boosting', 'mean-baseline'] as const;

const logOf = (id: string): string => join(work, `${id}.log`);
const auditHook = (id: string): string => `import os, sys
log = os.open(${JSON.stringify(logOf(id))}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def write_down(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)):
        os.write(log, os.fsencode(os.path.realpath(args[0])) + b"\\n")
sys.addaudithook(write_down)
`;

/** Python imports `sitecustomize` at its start, the server's and the worker's alike; the package's folder is on its path. */
function makeWatched(id: string): void {
  const folder = join(packages, `${id}-watched`);
  cpSync(join(ROOT, 'models', id), folder, { recursive: true, filter: (path) => !path.includes('__pycache__') });
  const manifest = readFileSync(join(folder, 'model.yaml'), 'utf8').replace(/^id: .*$/m, `id: ${id}-watched`);
  writeFileSync(join(folder, 'model.yaml'), manifest);
  writeFileSync(join(folder, 'sitecustomize.py'), auditHook(id));
}

function opened(id: string): string[] {
  const lines = readFileSync(logOf(id), 'utf8').split('\n');
  return [...new Set(lines)].filter((path) => path !== '');
}

beforeAll(async () => {
  for (const id of PACKAGES) makeWatched(id);
  const models = PACKAGES.map((id) => ({ model: `${id}-watched` }));
  const spec = { apiVersion: 'bakeoff/v1', name: 'reads', suite: 'diabetes', models, scorers: ['numbers'], samples: { limit: 5 } };
  writeFileSync(join(work, 'spec.json'), JSON.stringify(spec));
  const end = await runCli(['run', join(work, 'spec.json'), '--dir', join(work, 'out'), '--json'], { BAKEOFF_MODELS: packages });
  expect(end.exitCode, end.stderr).toBe(0);
}, 300_000);

describe.each(PACKAGES)('%s', (id) => {
  it('opens its manifest and its training rows, and no other data', () => {
    const isCode = (path: string): boolean => /\.(py|pyc|so|pth)(\.\d+)?$/.test(path);
    const folder = join(packages, `${id}-watched`);
    const inPackage = opened(id).filter((path) => path.startsWith(`${folder}/`) && !isCode(path));
    expect(inPackage.sort()).toEqual([join(folder, 'data/train.csv'), join(folder, 'model.yaml')]);
    const inRepository = opened(id).filter((path) => path.startsWith(`${ROOT}/`) && !isCode(path));
    expect(inRepository).toEqual([]);
  });

  it('opens nothing of the suite and nothing of the run but its own scratch', () => {
    const outside = opened(id).filter((path) => path.startsWith(join(work, 'out')) && !path.startsWith(join(work, 'out/scratch')));
    expect(outside).toEqual([]);
    expect(opened(id).filter((path) => path.includes('/suites/') || /items|references/.test(path.slice(path.lastIndexOf('/'))))).toEqual(
      [],
    );
  });

  it.skipIf(id === 'mean-baseline')('has an environment without the source data of the library', () => {
    const sklearn = opened(id).find((path) => path.includes('/site-packages/sklearn/')) ?? '';
    const installed = sklearn.slice(0, sklearn.indexOf('/sklearn/') + '/sklearn'.length);
    expect(existsSync(join(installed, 'datasets'))).toBe(true);
    expect(existsSync(join(installed, 'datasets/data'))).toBe(false);
  });
});
