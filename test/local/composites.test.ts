/** Composites through the real CLI: a win rate over a real run, battles and refused sections over its rows, and a profile over real clips. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openLocalStores } from '../../lib/compose/local.ts';
import { reportSchema } from '../../lib/report/report-model.ts';
import { ROOT, runCli } from './run-cli.ts';

const dir = mkdtempSync(join(tmpdir(), 'bakeoff-composites-'));

function fileOf(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

async function runOf(spec: string, limit: number): Promise<string> {
  const { exitCode, stdout, stderr } = await runCli(['run', spec, '--limit', String(limit), '--dir', dir, '--json']);
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout).runId;
}

const reportOf = (runId: string) => reportSchema.parse(JSON.parse(readFileSync(join(dir, 'runs', runId, 'report/report.json'), 'utf8')));

describe('a mean win rate over the regression example', () => {
  const example = readFileSync(join(ROOT, 'examples/diabetes.yaml'), 'utf8');
  const written = 'score: { profile: mean-win-rate, metrics: [numbers.mae, numbers.rmse, numbers.r2] }';
  const spec = fileOf('diabetes.yaml', example.replace(/^score:.*$/m, written));
  let runId = '';
  beforeAll(async () => {
    runId = await runOf(spec, 30);
  }, 300_000);

  it("is what rank makes of the run's own metrics, and leaves the reference out", async () => {
    const { jobs, ranking } = reportOf(runId);
    const scored = jobs.filter(({ model }) => !model.reference);
    const lines = scored.map(({ jobId, scores }) => [jobId, ...(scores?.metrics ?? []).map(({ value }) => value)].join(','));
    const head = (scored[0]?.scores?.metrics ?? []).map(({ name }) => name);
    const table = fileOf('table.csv', `model,${head.join(',')}\n${lines.join('\n')}\n`);
    const ignored = head
      .filter((name) => !['numbers.mae', 'numbers.rmse', 'numbers.r2'].includes(name))
      .flatMap((name) => ['--ignore', name]);

    const lower = ['--lower', 'numbers.mae', '--lower', 'numbers.rmse'];
    const { stdout } = await runCli(['rank', table, '--method', 'win-rate', ...lower, ...ignored, '--json']);

    const known: { model: string; winRate: number }[] = JSON.parse(stdout).models;
    for (const { model, winRate } of known) expect(ranking.entries.find(({ jobId }) => jobId === model)?.value).toBeCloseTo(winRate, 12);
    expect(known).toHaveLength(3);
    expect(ranking.entries.find(({ reference }) => reference)).toMatchObject({ value: null, rank: null });
    expect(ranking.composite?.inputs.map(({ metric }) => metric)).toEqual(['numbers.mae', 'numbers.rmse', 'numbers.r2']);
  });

  it('is recomputed from the stored rows to the same digits, and stands in the records of its jobs', async () => {
    const before = reportOf(runId);

    const { stdout } = await runCli(['rescore', runId, '--dir', dir, '--json']);

    expect(JSON.parse(stdout).changed).toEqual([]);
    expect(reportOf(runId).ranking).toEqual(before.ranking);
    const stores = openLocalStores(dir);
    const totals = (await stores.runs.listMetrics(runId)).filter(({ name, value }) => name === 'score.total' && value !== null);
    stores.close();
    expect(new Map(totals.map(({ jobId, value }) => [jobId, value]))).toEqual(
      new Map(before.ranking.entries.filter(({ reference }) => !reference).map(({ jobId, value }) => [jobId, value])),
    );
  });

  it('gives way to battles over the same rows, which change nothing that is stored', async () => {
    const before = readFileSync(join(dir, 'runs', runId, 'report/report.json'), 'utf8');
    const score = fileOf('battles.yaml', 'score: { profile: bradley-terry, metric: numbers.mae }\n');

    const { exitCode, stdout } = await runCli(['rescore', runId, '--score', score, '--dir', dir, '--json']);

    const { rule, ranking } = JSON.parse(stdout);
    expect(exitCode).toBe(0);
    expect(rule).toEqual({ kind: 'bradley-terry', metric: 'numbers.mae' });
    expect(ranking.composite).toMatchObject({ profile: 'bradley-terry', version: '1' });
    const elos: number[] = ranking.entries.flatMap(({ value }: { value: number | null }) => value ?? []);
    expect(elos.reduce((sum, elo) => sum + elo, 0) / 3).toBeCloseTo(1000, 6);
    expect(readFileSync(join(dir, 'runs', runId, 'report/report.json'), 'utf8')).toBe(before);
  });

  it('refuses a section that the run cannot answer, with every problem and its place', async () => {
    const score = fileOf('bad.yaml', 'score:\n  profile: mlperf-wan22\n  dimensions: { scene: numbers.r3 }\n');

    const { exitCode, stdout } = await runCli(['rescore', runId, '--score', score, '--dir', dir, '--json']);

    const problems: { code: string; line: number; nearest: string | null }[] = JSON.parse(stdout).problems;
    expect(exitCode).toBe(2);
    expect(problems.map(({ code, line, nearest }) => [code, line, nearest])).toEqual([
      ['dimensions-missing', 3, null],
      ['unknown-metric', 3, 'numbers.r2'],
    ]);
  });

  it('is not compared across runs, with the reason', async () => {
    const { stdout } = await runCli(['compare', runId, runId, '--dir', dir, '--json']);

    const [job] = JSON.parse(stdout).jobs;
    expect(job.leftOut).toContainEqual({ metric: 'score.total', reason: expect.stringContaining('depends on the jobs that a run has') });
  });
});

describe('a published profile over real clips', () => {
  const dimensions = {
    'Subject Consistency': 'area-stability',
    background_consistency: 'background',
    'motion-smoothness': 'motion',
    dynamic_degree: 'size',
    appearance_style: 'color',
    scene: 'shape',
  };

  it('is the mean of the six, in percent, in the report and from the rows', async () => {
    const named = Object.fromEntries(Object.entries(dimensions).map(([dimension, metric]) => [dimension, `shapes.${metric}`]));
    const spec = {
      ...{ apiVersion: 'bakeoff/v1', name: 'shapes-profile', suite: 'shapes', scorers: ['shapes'], load: { mode: 'closed', warmup: 0 } },
      models: [{ model: 'pocket-t2v', params: { steps: 2 } }, { model: 'oracle-t2v' }],
      score: { profile: 'mlperf-wan22', dimensions: named },
    };

    const runId = await runOf(fileOf('shapes.json', JSON.stringify(spec)), 12);

    const { jobs, ranking } = reportOf(runId);
    for (const { scores } of jobs) {
      const values = Object.values(dimensions).map(
        (name) => scores?.metrics.find((metric) => metric.name === `shapes.${name}`)?.value ?? Number.NaN,
      );
      expect(scores?.total?.value).toBeCloseTo((100 * values.reduce((sum, value) => sum + value, 0)) / 6, 10);
    }
    expect(ranking.composite?.note).toContain("not VBench's total");
    const again = await runCli(['rescore', runId, '--dir', dir, '--json']);
    expect(JSON.parse(again.stdout).changed).toEqual([]);
  }, 300_000);
});
