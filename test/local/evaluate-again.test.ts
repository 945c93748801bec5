/**
 * `bakeoff evaluate` through the real CLI, with real model and evaluator servers: no model is started, the scores are those of a run that had
 * the scorer from the start, kills lose nothing, and another version of an evaluator counts in place of the first.
 */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openLocalStores } from '../../lib/compose/local.ts';
import type { JobRecord } from '../../lib/core/job.ts';
import { keys } from '../../lib/core/object-key.ts';
import { type Report, reportSchema } from '../../lib/report/report-model.ts';
import { processesOf } from './process-scan.ts';
import { runCli, startCli } from './run-cli.ts';

const TIMEOUT_MS = 240_000;
const work = mkdtempSync(join(tmpdir(), 'bakeoff-evaluate-'));
const freshDir = (): string => mkdtempSync(join(work, 'runs-'));

function spec(scorers: readonly string[]): string {
  const path = join(mkdtempSync(join(work, 'spec-')), 'spec.json');
  const models = [{ model: 'noise-t2v', reference: false }, { model: 'oracle-t2v' }];
  const load = { mode: 'closed', concurrency: 1, warmup: 0 };
  const sent = { suite: 'shapes', samples: { limit: 6, perItem: 2 }, models, load, limits: { ready: '3m', sample: '1m', job: '10m' } };
  writeFileSync(path, JSON.stringify({ apiVersion: 'bakeoff/v1', name: 'clips', ...sent, scorers }));
  return path;
}

function reportOf(dir: string): Report {
  const [runId = ''] = readdirSync(join(dir, 'runs'));
  return reportSchema.parse(JSON.parse(readFileSync(join(dir, keys.report(runId, 'report.json')), 'utf8')));
}

async function recordsOf(dir: string): Promise<JobRecord[]> {
  const stores = openLocalStores(dir);
  try {
    const [run] = await stores.runs.listRuns(1);
    return await stores.runs.listJobs(run?.runId ?? '');
  } finally {
    stores.close();
  }
}

const metricsOf = (report: Report, scorer: string) =>
  report.jobs.map(({ jobId, scores }) => ({ jobId, metrics: scores?.metrics.filter(({ name }) => name.startsWith(`${scorer}.`)) }));
const stagesOf = (records: readonly JobRecord[]) => records.map(({ stages }) => stages.map(({ name, attempt }) => `${name} ${attempt}`));

let expected: ReturnType<typeof metricsOf>;
beforeAll(async () => {
  const dir = freshDir();
  const end = await runCli(['run', spec(['shapes']), '--dir', dir]);
  expect(end.exitCode, end.stderr).toBe(0);
  expected = metricsOf(reportOf(dir), 'shapes');
}, TIMEOUT_MS);

describe('bakeoff evaluate', () => {
  it(
    'scores saved outputs as a run would have, starts no model, and refuses to do it twice',
    async () => {
      const dir = freshDir();
      await runCli(['run', spec(['latency', 'video']), '--dir', dir]);
      const before = reportOf(dir);

      const end = await runCli(['evaluate', 'latest', '--scorers', 'shapes', '--dir', dir, '--json']);

      expect(end.exitCode, end.stderr).toBe(0);
      expect(JSON.parse(end.stdout)).toMatchObject({ state: 'succeeded' });
      const after = reportOf(dir);
      expect(metricsOf(after, 'shapes')).toEqual(expected);
      expect(metricsOf(after, 'video')).toEqual(metricsOf(before, 'video'));
      expect(after.jobs.map(({ scores }) => scores?.latency)).toEqual(before.jobs.map(({ scores }) => scores?.latency));
      expect(after.host).toEqual(before.host);
      const records = await recordsOf(dir);
      expect(stagesOf(records)).toEqual(
        Array.from({ length: 2 }, () => ['infer 1', 'evaluate:eval-video 1', 'evaluate:eval-video:2 1', 'score 0']),
      );
      expect(records.flatMap(({ tasks }) => tasks.map(({ stage }) => stage)).filter((stage) => stage === 'infer')).toHaveLength(2);

      const again = await runCli(['evaluate', 'latest', '--scorers', 'shapes', '--dir', dir]);
      expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('error[already-scored]')]);
      const rescored = await runCli(['rescore', 'latest', '--dir', dir]);
      expect(rescored.stderr).toContain('every score is what it was');
      const shown = await runCli(['show', 'latest', '--dir', dir]);
      expect(shown.stdout).toContain('shapes.');
      expect(readFileSync(join(dir, keys.report(after.run.runId, 'report.md')), 'utf8')).toContain('Pass 1, asked for');
    },
    TIMEOUT_MS,
  );

  it(
    'loses nothing when it is killed, and leaves no process',
    async () => {
      const dir = freshDir();
      await runCli(['run', spec(['latency']), '--dir', dir]);
      const args = ['evaluate', 'latest', '--scorers', 'shapes', '--dir', dir];

      const killed = startCli(args);
      await hasBegun(dir);
      killed.process.kill('SIGKILL');
      await killed.ended;
      const interrupted = await runCli(['list', '--dir', dir]);
      const end = await runCli(args);

      expect(interrupted.stdout).toContain('interrupted');
      expect(end.exitCode, end.stderr).toBe(0);
      expect(end.stderr).toContain('going on with an earlier evaluation');
      expect(metricsOf(reportOf(dir), 'shapes')).toEqual(expected);
      expect(stagesOf(await recordsOf(dir)).map(([infer]) => infer)).toEqual(['infer 1', 'infer 1']);
      expect(processesOf(dir)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'goes on by "run --resume" after an interrupt, as what it is',
    async () => {
      const dir = freshDir();
      const path = spec(['latency']);
      await runCli(['run', path, '--dir', dir]);

      const killed = startCli(['evaluate', 'latest', '--scorers', 'shapes', '--dir', dir]);
      await hasBegun(dir);
      killed.process.kill('SIGINT');
      const stopped = await killed.ended;
      const end = await runCli(['run', path, '--dir', dir, '--resume']);

      expect([stopped.exitCode, stopped.stderr]).toEqual([130, expect.stringContaining('bakeoff evaluate clips-')]);
      expect(end.exitCode, end.stderr).toBe(0);
      expect(metricsOf(reportOf(dir), 'shapes')).toEqual(expected);
      expect(stagesOf(await recordsOf(dir)).map(([infer]) => infer)).toEqual(['infer 1', 'infer 1']);
    },
    TIMEOUT_MS,
  );

  it(
    'tells how it is used, and what there is no such thing of',
    async () => {
      const dir = freshDir();
      await runCli(['run', spec(['latency']), '--dir', dir, '--limit', '1']);
      const calls = [
        ['evaluate', 'latest', '--dir', dir],
        ['evaluate', 'latest', '--scorers', 'shapse', '--dir', dir],
        ['evaluate', 'latest', '--scorers', 'text', '--dir', dir],
        ['evaluate', 'nothing', '--scorers', 'shapes', '--dir', dir],
      ];

      const ends = await Promise.all(calls.map((args) => runCli(args)));

      expect(ends.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2]);
      const [unnamed, unknown, otherTask, noRun] = ends.map(({ stderr }) => stderr.replaceAll(/\s+/g, ' '));
      expect(unnamed).toContain('error[scorers-not-named]');
      expect(unknown).toContain('did you mean shapes?');
      expect(otherTask).toContain('error[evaluation-invalid]');
      expect(noRun).toContain('error[run-unknown]');
      expect(ends.flatMap(({ stderr }) => stderr.split('\n')).filter((line) => line.length > 80)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

/** Until an evaluator's rows are there or its stage is under way. */
async function hasBegun(dir: string): Promise<void> {
  for (;;) {
    const records = await recordsOf(dir);
    if (records.some(({ stages }) => stages.some(({ name, attempt }) => name.startsWith('evaluate:') && attempt > 0))) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
