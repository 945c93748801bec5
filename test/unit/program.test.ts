/** The command line as a function: usage, errors and exit codes, and what the verbs without a run print. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../lib/cli/program.ts';
import { write, writeImageSuite, writeInstallation } from '../fixtures/installation-fixture.ts';
import { DIABETES_SPEC, OCR_SPEC, SHAPES_SPEC } from '../fixtures/registry-fixture.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'bakeoff-program-'));
  await writeInstallation(root);
  await writeFile(join(root, 'shapes.yaml'), SHAPES_SPEC);
  await writeFile(join(root, 'ocr.yaml'), OCR_SPEC);
  await writeFile(join(root, 'diabetes.json'), DIABETES_SPEC);
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function call(argv: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const written = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const outside = {
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    environment,
    cwd: root,
    root,
    isTty: false,
    isStdoutTty: false,
    columns: 80,
  };
  const exitCode = await main(argv, outside);
  return { exitCode, ...written };
}

const json = async (...argv: string[]) => JSON.parse((await call([...argv, '--json'])).stdout);

describe('usage', () => {
  test('--help names every verb and ends well', async () => {
    const { exitCode, stdout, stderr } = await call(['--help']);
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    for (const verb of ['run', 'validate', 'plan', 'list', 'show', 'report', 'rescore', 'models', 'suites', 'doctor', 'clean']) {
      expect(stdout).toMatch(new RegExp(`^  ${verb}\\b`, 'm'));
    }
  });

  test('the help loads commander and the table of verbs, nothing else', async () => {
    const bundled = await build({
      entryPoints: ['lib/cli/program.ts'],
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      splitting: true,
      outdir: 'out',
    });
    const inputs = Object.entries(bundled.metafile.inputs);
    const loaded = new Set<string>(['lib/cli/program.ts']);
    for (const file of loaded) {
      const imports = inputs.find(([path]) => path === file)?.[1].imports ?? [];
      for (const { path, kind } of imports) if (kind === 'import-statement') loaded.add(path);
    }
    expect([...loaded].sort()).toEqual([
      'commander',
      'lib/cli/program.ts',
      'lib/cli/software-version.ts',
      'lib/cli/verbs.ts',
      'node:fs',
      'node:path',
    ]);
  });

  test('--version prints the version of the package', async () => {
    expect((await call(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([[['models', 'add', 'x']]])('%j is said to be not available in this version', async (argv) => {
    const { exitCode, stdout } = await call([...argv, '--json']);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'not-available', message: expect.stringContaining('in this version') });
  });

  test.each([
    [['nope'], /unknown command 'nope'/],
    [['validat', 'x'], /Did you mean validate/],
    [['validate'], /missing required argument 'spec'/],
    [['validate', 'a', 'b'], /too many arguments/],
    [['plan', 'shapes.yaml', '--limit', '0'], /argument '0' is invalid. A whole number of at least 1 is expected/],
    [['plan', 'shapes.yaml', '--nope'], /unknown option '--nope'/],
    [['run', 'shapes.yaml', '--env', 'cloud'], /Allowed choices are auto, process, docker/],
  ])('%j is refused with exit code 2, in one document with --json', async (argv, message) => {
    const told = await call(argv);
    expect(told).toMatchObject({ exitCode: 2, stdout: '' });
    expect(told.stderr.replaceAll(/\s+/g, ' ')).toMatch(message);

    const document = await call([...argv, '--json']);
    expect(document).toMatchObject({ exitCode: 2, stderr: '' });
    expect(JSON.parse(document.stdout)).toMatchObject({
      error: { code: 'bad-usage', message: expect.stringMatching(message), remedy: expect.any(String) },
    });
  });

  test('no verb prints the help on stderr and fails', async () => {
    const { exitCode, stdout, stderr } = await call([]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: bakeoff');
  });
});

describe('errors', () => {
  test('have code, message and remedy, wrapped to the terminal, and no stack', async () => {
    const { exitCode, stderr } = await call(['validate', 'missing.yaml']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^error\[spec-unreadable\]: there is no file missing\.yaml/);
    expect(stderr).toMatch(/\n {2}fix: Give the path/);
    expect(stderr.split('\n').filter((line) => line.length > 80 && line.includes(' ', 8))).toEqual([]);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('show their stack with BAKEOFF_DEBUG=1', async () => {
    expect((await call(['validate', 'missing.yaml'], { BAKEOFF_DEBUG: '1' })).stderr).toMatch(/\n\s+at .*load-spec\.ts/);
  });

  test('of the settings are told before anything is done', async () => {
    const { exitCode, stderr } = await call(['validate', 'shapes.yaml'], { BAKEOFF_DEBUG: 'maybe' });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('BAKEOFF_DEBUG is "maybe"');
  });

  test('of a corrupt suite are those of the machine: exit code 4, file and digests named', async () => {
    await writeImageSuite(join(root, 'images'));
    await write(root, 'images/images/0.png', 'changed');
    await write(root, 'corrupt.yaml', OCR_SPEC.replace('suite: ocr-lines', 'suite: ./images'));
    const told = await call(['validate', 'corrupt.yaml', '--json']);
    expect(told.exitCode).toBe(4);
    expect(JSON.parse(told.stdout)).toMatchObject({ error: { code: 'suite-corrupt', message: expect.stringContaining('images/0.png') } });
    expect((await call(['suites', 'show', './images'])).exitCode).toBe(4);
  });

  test('cannot steer the terminal', async () => {
    await write(root, 'steer.yaml', SHAPES_SPEC.replace('suite: shapes', 'suite: "a\\u202Eb\\u009B2J"'));
    const { stderr } = await call(['validate', 'steer.yaml']);
    expect(stderr).toContain('\\u{202e}');
    expect(stderr).toContain('\\u{9b}');
    expect(stderr).not.toMatch(/[\u202e\u009b]/);
  });

  test('of a spec show place, seen, expected, nearest name and remedy', async () => {
    await write(
      root,
      'typo.yaml',
      OCR_SPEC.replace('model: tesseract, params: { language: eng }', 'model: tesseratc, params: { language: eng }'),
    );
    expect((await call(['validate', 'typo.yaml'])).stderr).toBe(
      [
        'error[unknown-model]: no model of this name is registered',
        '  at typo.yaml:5:14 (models[0].model)',
        '  seen: "tesseratc"; expected: one of oracle-t2v, pocket-t2v, ridge, tesseract',
        '  did you mean: tesseract',
        '  fix: Name a model that `bakeoff models list` shows.',
        '',
        '1 problem in typo.yaml; nothing was started.',
        '',
      ].join('\n'),
    );
  });
});

describe('validate', () => {
  test('says that a spec is valid', async () => {
    expect(await call(['validate', 'shapes.yaml'])).toEqual({
      exitCode: 0,
      stdout: 'shapes.yaml is valid: shapes-steps, 6 jobs\n',
      stderr: '',
    });
    expect(await json('validate', 'diabetes.json')).toMatchObject({
      valid: true,
      name: 'diabetes',
      jobs: 2,
      spec: { apiVersion: 'bakeoff/v1' },
    });
  });
});

describe('plan', () => {
  test('counts jobs and samples, and says which percentiles they can certify', async () => {
    const plan = await json('plan', 'shapes.yaml');
    expect(plan).toMatchObject({ items: 6, perItem: 2, samplesPerJob: 12, samples: 72, warmupPerJob: 2 });
    expect(plan.latency.percentiles).toEqual([
      { name: 'p50', minN: 11, canBeCertified: true },
      { name: 'p90', minN: 64, canBeCertified: false },
      { name: 'p95', minN: 130, canBeCertified: false },
      { name: 'p99', minN: 662, canBeCertified: false },
      { name: 'p99.9', minN: 6636, canBeCertified: false },
    ]);
    expect(plan.jobs.map(({ model, environment }: { model: string; environment: string }) => [model, environment])).toEqual([
      ...Array(5).fill(['pocket-t2v', 'process']),
      ['oracle-t2v', 'process'],
    ]);
  });

  test('forecasts no time where nothing has run yet, and makes no folder to find out', async () => {
    const plan = await json('plan', 'shapes.yaml', '--dir', join(root, 'never'));
    expect(plan.expected).toEqual({ seconds: null, reason: expect.stringMatching(/of 6 jobs 6 never ran/), fromRuns: [] });
    expect(plan.cost).toEqual({ usd: null, reason: expect.any(String) });
    expect(existsSync(join(root, 'never'))).toBe(false);
  });

  test('reads well on 80 columns', async () => {
    const { exitCode, stdout } = await call(['plan', 'shapes.yaml']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('latency   12 samples per job can certify p50; p90 needs 64, p95 needs 130,');
    expect(stdout).toContain('ranked by 0.7 x shapes.alignment + 0.3 x shapes.area-stability');
    expect(stdout).toMatch(/^oracle-t2v-[0-9a-f]{8}\s+process\s+[0-9a-f]{12}\s+- \(reference\)$/m);
    expect(stdout).toMatch(/^frames\s+process\s+[0-9a-f]{12}\s+shapes video$/m);
  });

  test('takes a limit from the command line', async () => {
    expect(await json('plan', 'shapes.yaml', '--limit', '3')).toMatchObject({ items: 3, samples: 36 });
  });

  test('promises no percentiles for offline load or jobs side by side', async () => {
    expect((await json('plan', 'ocr.yaml')).latency.reason).toMatch(/offline/);
    await write(root, 'parallel.yaml', SHAPES_SPEC.replace('maxParallelJobs: 1', 'maxParallelJobs: 2'));
    expect((await json('plan', 'parallel.yaml')).latency.reason).toMatch(/contended/);
  });
});

describe('models and suites', () => {
  test('are listed', async () => {
    expect((await json('models', 'list')).packages.map(({ id }: { id: string }) => id)).toEqual([
      'oracle-t2v',
      'pocket-t2v',
      'ridge',
      'tesseract',
      'frames',
      'other',
    ]);
    expect((await json('suites', 'list')).suites.map(({ id, items }: { id: string; items: number }) => [id, items])).toEqual([
      ['diabetes', 6],
      ['ocr-lines', 4],
      ['shapes', 12],
    ]);
    expect((await call(['models', 'list'])).stdout).toMatch(/^oracle-t2v\s+reference\s+text-to-video/m);
    expect((await call(['suites', 'list'])).stdout).toMatch(/^shapes\s+12\s+text-to-video/m);
  });

  test('are shown', async () => {
    expect((await call(['models', 'show', 'pocket-t2v'])).stdout).toMatch(/^steps\s+integer\s+16\s+1\.\.64$/m);
    expect((await call(['models', 'show', 'frames'])).stdout).toMatch(/^video\.flicker\s+fraction\s+diagnostic/m);
    expect((await call(['suites', 'show', 'shapes'])).stdout).toContain('motion: down, left, right, up');
    expect(await json('suites', 'show', 'shapes')).toMatchObject({ id: 'shapes', attributes: { size: ['large', 'small'] } });
  });

  test('that are unknown are refused, with the nearest name', async () => {
    expect((await json('models', 'show', 'rigde')).error).toMatchObject({
      code: 'unknown-model',
      message: expect.stringContaining('ridge'),
    });
    expect((await json('suites', 'show', 'shape')).error).toMatchObject({
      code: 'unknown-suite',
      message: expect.stringContaining('shapes'),
    });
  });
});
