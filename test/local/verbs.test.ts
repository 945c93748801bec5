/**
 * The verbs that work on a run, through the real CLI on a real run of the regression example; and that the run's packages were
 * kept apart: two of them pin versions of one library that cannot be installed together.
 */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openLocalStores } from '../../lib/compose/local.ts';
import { keys } from '../../lib/core/object-key.ts';
import { reportSchema } from '../../lib/report/report-model.ts';
import { isInPhase } from './kill-moments.ts';
import { ROOT, runCli, startCli } from './run-cli.ts';

const dir = mkdtempSync(join(tmpdir(), 'bakeoff-verbs-'));
const spec = join(ROOT, 'examples/diabetes.yaml');
let ran: { exitCode: number | null; stdout: string; stderr: string };
let document: {
  runId: string;
  state: string;
  dir: string;
  report: string;
  jobs: { jobId: string; model: string; params: object; state: string; samples: Record<string, number> }[];
  leaderboard: { metric: string; entries: unknown[] };
};

beforeAll(async () => {
  ran = await runCli(['run', spec, '--limit', '70', '--dir', dir, '--json']);
  document = JSON.parse(ran.stdout);
}, 300_000);

async function awaitInfer(folder: string): Promise<void> {
  const { runs, close } = openLocalStores(folder);
  const watched = async () => ({ dir: folder, cacheDir: '', before: new Map(), runs, runId: (await runs.listRuns(1))[0]?.runId ?? null });
  while (!(await isInPhase('infer', await watched()))) await new Promise((resolve) => setTimeout(resolve, 20));
  close();
}

const json = async (...args: string[]) => {
  const end = await runCli([...args, '--dir', dir, '--json']);
  expect(end.exitCode, end.stderr).toBe(0);
  return JSON.parse(end.stdout);
};

describe('bakeoff run --json', () => {
  it('prints one document that names the run, its jobs, its leaderboard and its report', () => {
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(document).toMatchObject({ state: 'succeeded', dir, leaderboard: { metric: 'numbers.mae' } });
    expect(document.jobs.map((job) => [job.model, job.state, job.samples])).toEqual(
      ['ridge', 'random-forest', 'gradient-boosting', 'mean-baseline'].map((model) => [
        model,
        'succeeded',
        { planned: 70, succeeded: 70, failed: 0, missing: 0 },
      ]),
    );
    expect(existsSync(document.report)).toBe(true);
  });

  it('runs packages with conflicting versions of one library side by side', () => {
    const versions = document.jobs.map((job) => {
      const line = readFileSync(join(dir, keys.device(document.runId, job.jobId)), 'utf8').trim();
      return [job.model, JSON.parse(line).device.libraries?.numpy?.split('.')[0] ?? 'none'];
    });
    expect(Object.fromEntries(versions)).toEqual({ ridge: '1', 'random-forest': '2', 'gradient-boosting': '2', 'mean-baseline': 'none' });
  });

  it('writes a report that its schema accepts, and whose phases add up to the wall time', () => {
    const report = reportSchema.parse(JSON.parse(readFileSync(join(dir, keys.report(document.runId, 'report.json')), 'utf8')));
    for (const job of report.jobs) {
      const sum = job.time.phases.reduce((total, { ms }) => total + ms, 0);
      expect(Math.abs(sum - (job.time.wallMs ?? Number.NaN))).toBeLessThan(2);
      expect(job.time.phases.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['sync', 'load', 'infer', 'flush']));
      expect(job.device).toContain('cpu');
    }
  });
});

describe('the verbs on a run', () => {
  it('list shows it', async () => {
    const { runs } = await json('list');
    expect(runs.map((run: { runId: string; state: string }) => [run.runId, run.state])).toEqual([[document.runId, 'succeeded']]);
  });

  it('show finds it by id, by its beginning and as latest', async () => {
    for (const name of [document.runId, document.runId.slice(0, -3), 'latest'])
      expect(await json('show', name)).toMatchObject({ runId: document.runId });
  });

  it('show refuses an unknown run with the nearest id and exit code 2', async () => {
    const end = await runCli(['show', document.runId.replace('diabetes', 'diabetis'), '--dir', dir]);
    expect([end.exitCode, end.stderr.replace(/\s+/g, ' ')]).toEqual([2, expect.stringContaining(`did you mean ${document.runId}`)]);
  });

  it('plan forecasts the time of the same spec from it, and no time for another load', async () => {
    const planned = await json('plan', spec, '--limit', '70');
    expect(planned.expected).toEqual({ seconds: expect.any(Number), reason: null, fromRuns: [document.runId] });
    const other = join(dir, 'other.yaml');
    writeFileSync(other, readFileSync(spec, 'utf8').replace('mode: closed, concurrency: 1', 'mode: offline, maxInFlight: 1'));
    expect((await json('plan', other)).expected).toMatchObject({ seconds: null, reason: expect.stringContaining('never ran') });
  });

  it('plan takes from it how far differences spread, where the metric has no range to assume one from', async () => {
    const { resolution } = await json('plan', spec, '--limit', '70', '--difference', '1');

    const [spread] = resolution.spreads;
    expect(resolution).toMatchObject({ metric: 'numbers.mae', items: 70, pairs: 3, reason: null });
    expect(spread.because).toBe(`as in run ${document.runId}, the widest of 3 pairs`);
    expect(resolution.forDifference.items[0] > 70).toBe(spread.difference > 1);
  });

  it('rescore changes nothing, bit for bit', async () => {
    const before = readFileSync(join(dir, keys.report(document.runId, 'report.json')), 'utf8');
    expect(await json('rescore', 'latest')).toMatchObject({ changed: [] });
    expect(readFileSync(join(dir, keys.report(document.runId, 'report.json')), 'utf8')).toBe(before);
  });

  it('rescore tells which score changed when a row does', async () => {
    const [job] = document.jobs;
    const key = keys.samplePart(document.runId, job?.jobId ?? '', 1, 0);
    const path = existsSync(join(dir, key)) ? join(dir, key) : join(dir, keys.samplePart(document.runId, job?.jobId ?? '', 1, 1));
    const text = readFileSync(path, 'utf8');
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const measured = rows.find((row) => !row.warmup);
    measured.output.value += 1000;
    writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const { changed } = await json('rescore', 'latest');
    expect(changed.map((entry: { jobId: string; metric: string }) => entry.metric)).toEqual([
      'numbers.mae',
      'numbers.rmse',
      'numbers.r2',
      'numbers.spearman',
    ]);
    writeFileSync(path, text);
    expect((await json('rescore', 'latest')).changed).toHaveLength(4);
  });

  it('report writes the page again', async () => {
    expect(await json('report', 'latest')).toMatchObject({ report: document.report });
  });

  it('run --resume of a finished run starts nothing and says so', async () => {
    const end = await runCli(['run', spec, '--limit', '70', '--dir', dir, '--resume']);
    expect([end.exitCode, end.stderr]).toEqual([0, expect.stringContaining('nothing to resume')]);
    expect((await json('list')).runs).toHaveLength(1);
  });
});

describe('an interrupt', () => {
  it('ends with exit code 130 and can be resumed', async () => {
    const other = mkdtempSync(join(tmpdir(), 'bakeoff-interrupt-'));
    const cli = startCli(['run', spec, '--dir', other]);
    await awaitInfer(other);
    cli.process.kill('SIGINT');
    const end = await cli.ended;
    expect([end.exitCode, end.stderr]).toEqual([130, expect.stringContaining('--resume')]);
    const resumed = await runCli(['run', spec, '--dir', other, '--resume', '--json']);
    expect([resumed.exitCode, JSON.parse(resumed.stdout).state]).toEqual([0, 'succeeded']);
  });
});
