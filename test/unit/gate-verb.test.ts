/** `bakeoff gate` as it is called, over runs that the real steps have scored; and what docs/gates.md shows. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { buildProgram, main } from '../../lib/cli/program.ts';
import { parseGates } from '../../lib/core/gates/parse-gates.ts';
import { type ApiFixture, apiFixture, storeRun } from '../fixtures/api-fixture.ts';

const DAY_MS = 86_400_000;
const spec = (changes: object = {}) =>
  JSON.stringify({
    apiVersion: 'bakeoff/v1',
    name: 'gated',
    items: Array.from({ length: 30 }, (_, index) => ({ id: `i${index}`, input: { row: { x: index } }, reference: { value: index } })),
    models: [{ model: 'ridge', matrix: { alpha: [0.1, 1] } }],
    load: { mode: 'closed', concurrency: 1, warmup: 0 },
    scorers: ['latency', 'numbers'],
    ...changes,
  });

let fixture: ApiFixture;
let dir = '';
beforeAll(async () => {
  fixture = await apiFixture();
  dir = fixture.stores.folder;
  const noise = (_ordinal: number, at: number): number => 0.5 + (at % 7) / 10;
  const worse = (ordinal: number, at: number): number => noise(ordinal, at) + (ordinal === 0 ? 2 + (at % 3) : 0);
  await storeRun(fixture, { runId: 'gated-1', specText: spec(), errorOf: noise });
  await storeRun(fixture, { runId: 'elsewhere-1', specText: spec({ name: 'elsewhere' }), errorOf: noise });
  await storeRun(fixture, { runId: 'gated-2', specText: spec({ samples: { seed: 7 } }), errorOf: worse });
  await storeRun(fixture, { runId: 'twin-1', specText: spec(), errorOf: noise });
  await later('gated-2', 40);
  await later('twin-1', 41);
});
async function later(runId: string, days: number): Promise<void> {
  const run = await fixture.stores.runs.getRun(runId);
  if (run === null) throw new Error(`no run ${runId}`);
  const createdAtMs = run.createdAtMs + days * DAY_MS;
  await fixture.stores.runs.replaceRun({ ...run, version: run.version + 1, createdAtMs, finishedAtMs: createdAtMs + 1 });
}
afterAll(() => fixture.close());

async function call(argv: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const told = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (told[name] += text) });
  const outside = { stdout: sink('stdout'), stderr: sink('stderr'), environment, cwd: dir, root: '/', isTty: false, isStdoutTty: false };
  return { exitCode: await main(argv, { ...outside, columns: 80 }), ...told };
}

async function gate(run: string, gates: readonly object[], ...more: string[]) {
  await writeFile(join(dir, 'gates.json'), JSON.stringify({ gates }));
  return call(['gate', run, '--gates', 'gates.json', '--dir', dir, ...more]);
}
const verdict = async (run: string, gates: readonly object[], ...more: string[]) =>
  JSON.parse((await gate(run, gates, ...more, '--json')).stdout);
const MAE = { metric: 'numbers.mae' };
const kinds = (of: { judgements: { outcome: { kind: string } }[] }) => of.judgements.map(({ outcome }) => outcome.kind);

describe('bakeoff gate', () => {
  it('passes a run within its bounds, job by job', async () => {
    const { exitCode, stdout } = await gate('gated-1', [{ ...MAE, max: 1 }]);

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^gated-1 \(succeeded\): all 2 gates passed\nok {5}ridge · alpha 0\.1: numbers\.mae at most 1 = 0\.783 /);
  });

  it('ends with 1 when one gate fails, and says by how much, from which baseline', async () => {
    const { exitCode, stdout } = await gate('gated-2', [{ ...MAE, maxRegression: '10%' }]);

    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /^gated-2 \(succeeded\): of 2 gates 1 failed\nFAILED ridge · alpha 0\.1: .*was 0\.783: worse by 3 \(383 %\)\nok .*no worse/s,
    );
    expect(stdout).toContain('baseline gated-1, 40 days older');
    expect(stdout).toContain('warning[baseline-old]');
    expect(stdout).toContain('warning[seed-differs]');
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('takes as latest the newest earlier run of the same name; the first has none and fails', async () => {
    expect((await verdict('gated-2', [{ ...MAE, maxRegression: 100 }])).baselines.map(({ runId }: { runId: string }) => runId)).toEqual([
      'gated-1',
    ]);
    const first = await verdict('gated-1', [{ ...MAE, maxRegression: 100 }]);
    expect(kinds(first)).toEqual(['failed', 'failed']);
    expect(first.judgements[0].outcome.reason).toContain('no earlier run of gated');
  });

  it('takes rows that are summed up in another order for equal', async () => {
    expect(kinds(await verdict('gated-2', [{ ...MAE, maxRegression: 0 }]))).toEqual(['failed', 'passed']);
  });

  it('tells significant differences from others, corrected for their number', async () => {
    const judged = await verdict('gated-2', [{ ...MAE, maxRegression: 'significant' }]);

    expect(kinds(judged)).toEqual(['failed', 'passed']);
    expect(judged.correction).toMatch(/Bonferroni over 2 tests/);
  });

  it('finds no regression of a run against its equal', async () => {
    const metrics = ['numbers.mae', 'numbers.rmse', 'numbers.r2', 'latency.p50.empirical', 'latency.p50.certified'];
    const rules = metrics.flatMap((metric) => [
      { metric, maxRegression: 0 },
      { metric, maxRegression: '0%' },
      ...(metric.startsWith('latency') ? [] : [{ metric, maxRegression: 'significant' }]),
    ]);
    for (const [run, equal] of [
      ['gated-1', 'twin-1'],
      ['twin-1', 'gated-1'],
    ] as const) {
      const judged = await verdict(run, rules, '--baseline', equal);
      expect(judged).toMatchObject({ outcome: 'passed', baselines: [{ runId: equal }] });
      expect(judged.judgements.length).toBe(2 * rules.length);
      expect(judged.baselines[0].warnings.map(({ code }: { code: string }) => code)).toEqual(run === 'twin-1' ? ['baseline-old'] : []);
    }
  });

  it('takes no run for its own baseline', async () => {
    const judged = await verdict('gated-1', [{ ...MAE, maxRegression: 100 }], '--baseline', 'gated-1');

    expect(judged.judgements[0].outcome).toEqual({ kind: 'failed', reason: 'a run is no baseline of itself: name another one' });
  });

  it('never passes what is not there: no metric, not certified, no such model', async () => {
    const judged = await verdict('gated-1', [
      { metric: 'numbers.mea', max: 5 },
      { metric: 'latency.p99.certified', max: 5000 },
      { ...MAE, max: 5, model: 'rigde' },
    ]);

    expect(kinds(judged)).toEqual(Array(5).fill('failed'));
    const reasons = judged.judgements.map(({ outcome }: { outcome: { reason: string } }) => outcome.reason).join('\n');
    expect(reasons).toMatch(/did you mean numbers\.mae/);
    expect(reasons).toMatch(/not certified: needs 662 samples, has 30/);
    expect(reasons).toMatch(/no job of this model; it has ridge/);
  });

  it('ends with 3 when the run is not at its end', async () => {
    await fixture.ports.launch({ runId: 'live-1', specText: Buffer.from(spec({ name: 'live' })), fileName: 'live.json' });

    const { exitCode, stdout } = await gate('live-1', [{ ...MAE, max: 1 }]);

    expect(exitCode).toBe(3);
    expect(stdout).toContain('the run is not at its end');
  });

  it('judges no report of an earlier start while a resumed run goes on', async () => {
    await storeRun(fixture, { runId: 'resumed-1', specText: spec({ name: 'resumed' }) });
    expect((await gate('resumed-1', [{ ...MAE, max: 1 }])).exitCode).toBe(0);
    const run = await fixture.stores.runs.getRun('resumed-1');
    if (run === null) throw new Error('no run resumed-1');
    await fixture.stores.runs.replaceRun({ ...run, version: run.version + 1, state: 'running', finishedAtMs: null });

    expect((await gate('resumed-1', [{ ...MAE, max: 1 }])).exitCode).toBe(3);
  });

  it('writes JUnit XML and Markdown beside what it prints, failed or not', async () => {
    expect((await gate('gated-2', [{ ...MAE, max: 1 }], '--junit', 'gates.xml', '--markdown', 'gates.md')).exitCode).toBe(1);

    const count = 'import sys, xml.etree.ElementTree as e\nprint(e.parse(sys.argv[1]).getroot().get("failures"))';
    expect(
      execFileSync('python3', ['-c', count, join(dir, 'gates.xml')])
        .toString()
        .trim(),
    ).toBe('1');
    expect(await readFile(join(dir, 'gates.md'), 'utf8')).toContain('of 2 gates 1 failed');
  });

  it('refuses bad usage: no gates, a bad file, an unknown baseline', async () => {
    const refused = async (...argv: string[]) => JSON.parse((await call(['gate', 'gated-1', '--json', '--dir', dir, ...argv])).stdout);
    await writeFile(join(dir, 'bad.yaml'), 'gates:\n  - { metric: numbers.mae }\n');
    await writeFile(join(dir, 'good.yaml'), 'gates: [{ metric: numbers.mae, maxRegression: 1 }]\n');

    expect((await refused()).error.code).toBe('gates-not-named');
    expect((await refused('--gates', 'none.yaml')).error.code).toBe('gates-unreadable');
    expect((await refused('--gates', 'bad.yaml')).problems).toMatchObject([{ code: 'missing-key', line: 2 }]);
    expect((await refused('--gates', 'good.yaml', '--baseline', 'nope')).error.code).toBe('run-unknown');
  });
});

describe('the gates of a spec', () => {
  it('are what a run is judged by where no file is given; --baseline stands in for theirs', async () => {
    const gates = [
      { ...MAE, max: 1 },
      { ...MAE, maxRegression: 100, baseline: 'twin-1' },
    ];
    await storeRun(fixture, { runId: 'own-1', specText: spec({ name: 'own', gates }), errorOf: () => 0.5 });
    const own = async (...more: string[]) => {
      const { exitCode, stdout } = await call(['gate', 'own-1', '--dir', dir, '--json', ...more]);
      return { exitCode, ...JSON.parse(stdout) };
    };
    const runs = ({ baselines }: { baselines: { runId: string }[] }) => baselines.map(({ runId }) => runId);

    const judged = await own();
    expect(judged).toMatchObject({ exitCode: 0, outcome: 'passed' });
    expect([judged.judgements.length, runs(judged)]).toEqual([4, ['twin-1']]);
    expect(runs(await own('--baseline', 'gated-1'))).toEqual(['gated-1']);
    expect(await own('--baseline', 'latest')).toMatchObject({ exitCode: 1, outcome: 'failed' });
  });

  it('are shown with the run, as a table and as JSON', async () => {
    const shown = await call(['show', 'own-1', '--dir', dir]);
    expect(shown.exitCode).toBe(0);
    expect(shown.stdout).toMatch(/own-1 \(succeeded\): all 4 gates passed\nok /);
    const { gates } = JSON.parse((await call(['show', 'own-1', '--dir', dir, '--json'])).stdout);
    expect(gates).toMatchObject({ outcome: 'passed' });
    expect(JSON.parse((await call(['show', 'gated-1', '--dir', dir, '--json'])).stdout).gates).toBeNull();
  });

  it('are judged again by rescore, with the same verdict', async () => {
    const before = await call(['gate', 'own-1', '--dir', dir, '--json']);

    expect((await call(['rescore', 'own-1', '--dir', dir])).stdout).toContain('all 4 gates passed');

    expect(await call(['gate', 'own-1', '--dir', dir, '--json'])).toEqual(before);
  });
});

describe('docs/gates.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/gates.md'), 'utf8');
  const [rules = '', , workflow = ''] = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  const stepSchema = z.object({ run: z.string().optional(), uses: z.string().optional() });
  const workflowSchema = z.object({
    on: z.object({}).loose(),
    jobs: z.record(z.string(), z.object({ steps: z.array(stepSchema) }).loose()),
  });
  const { jobs } = workflowSchema.parse(parse(workflow));
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it('shows rules that are accepted, and kept by a run of such metrics', async () => {
    const parsed = parseGates(rules);
    expect(parsed).toMatchObject({ ok: true });
    await writeFile(join(dir, 'documented.yaml'), rules);
    const judged = JSON.parse(
      (await call(['gate', 'gated-1', '--gates', 'documented.yaml', '--baseline', 'twin-1', '--dir', dir, '--json'])).stdout,
    );
    const failures = judged.judgements.filter(({ outcome }: { outcome: { kind: string } }) => outcome.kind !== 'passed');
    // 30 samples certify no p90; everything else is there.
    expect(new Set(failures.map(({ gate: { metric } }: { gate: { metric: string } }) => metric))).toEqual(
      new Set(['latency.p90.certified']),
    );
  });

  it('shows steps that each run a command or an action, the gate after the run', () => {
    expect(steps.filter(({ run, uses }) => (run === undefined) === (uses === undefined))).toEqual([]);
    const commands = steps.flatMap(({ run }) => run ?? []);
    expect(commands.findIndex((command) => command.includes('bakeoff gate'))).toBeGreaterThan(
      commands.findIndex((command) => command.includes('bakeoff run')),
    );
  });

  it('shows commands that the CLI takes', async () => {
    const commands = [...text.matchAll(/npx bakeoff (.+)$/gm)].map(([, line = '']) => line.trim());
    expect(commands.length).toBe(7);
    const called: string[] = [];
    for (const command of commands) {
      const program = buildProgram(async ({ name }) => void called.push(name));
      for (const each of [program, ...program.commands]) each.exitOverride();
      await program.parseAsync(command.split(' '), { from: 'user' });
    }
    expect(called).toEqual(['run', 'gate', 'gate', 'gate', 'compare', 'run', 'gate']);
  });
});
