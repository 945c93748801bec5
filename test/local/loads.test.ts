/**
 * Kinds of load, limits and parallel jobs through the real CLI, up to the report: offline and closed load with several requests in
 * flight, schedules, durations, repeats, jobs side by side, and the two early stops.
 */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openLocalStores } from '../../lib/compose/local.ts';
import { keys } from '../../lib/core/object-key.ts';
import { drawSchedule, scheduleLabel } from '../../lib/core/load/schedule.ts';
import type { SampleRow } from '../../lib/core/sample.ts';
import { type Report, reportSchema } from '../../lib/report/report-model.ts';
import { ROOT, runCli } from './run-cli.ts';

const work = mkdtempSync(join(tmpdir(), 'bakeoff-loads-'));
const dir = join(work, 'out');

interface Ran {
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly report: Report;
  readonly text: (name: string) => string;
  /** Of one job, warm-up included. */
  readonly rows: (at: number) => SampleRow[];
}

const prompts = (...texts: string[]): object[] => texts.map((prompt, index) => ({ id: `item-${index}`, input: { prompt } }));
const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index}`);

async function ran(name: string, more: object): Promise<Ran> {
  const spec = { apiVersion: 'bakeoff/v1', name, models: [{ model: 'troublesome' }], scorers: ['latency', 'resources'], ...more };
  const path = join(work, `${name}.json`);
  writeFileSync(path, JSON.stringify(spec));
  const packages = join(ROOT, 'test/fixtures/packages');
  const end = await runCli(['run', path, '--dir', dir, '--json'], { BAKEOFF_MODELS: packages });
  const { runId } = JSON.parse(end.stdout);
  expect(runId, end.stderr + end.stdout).toBeDefined();
  const text = (file: string): string => readFileSync(join(dir, keys.report(runId, file)), 'utf8');
  const report = reportSchema.parse(JSON.parse(text('report.json')));
  const rows = (at: number): SampleRow[] => {
    const folder = join(dir, keys.sampleParts(runId, report.jobs[at]?.jobId ?? ''));
    return readdirSync(folder).flatMap((file) => {
      const lines = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n');
      return lines.map((line): SampleRow => JSON.parse(line));
    });
  };
  return { exitCode: end.exitCode, stderr: end.stderr, report, text, rows };
}

const latencyOf = ({ report }: Ran, at = 0) => report.jobs[at]?.scores?.latency;

/** The most requests that were on their way at once. */
function mostInFlight(rows: readonly SampleRow[]): number {
  const changes = rows.flatMap(({ timings }) => (timings === null ? [] : [[timings.sentMs, 1] as const, [timings.doneMs, -1] as const]));
  let [now, most] = [0, 0];
  for (const [, change] of changes.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}

describe('offline load', () => {
  let run: Ran;
  beforeAll(async () => {
    const load = { mode: 'offline', maxInFlight: 4, warmup: 3 };
    run = await ran('offline', { items: prompts(...many(30)), samples: { seed: 5, perItem: 2 }, load });
  }, 120_000);

  it('keeps as many in flight as the spec allows', () => {
    expect(run.exitCode, run.stderr).toBe(0);
    expect(mostInFlight(run.rows(0).filter((row) => !row.warmup))).toBe(4);
  });

  it('reports a throughput with its unit, and no percentiles', () => {
    expect(latencyOf(run)).toMatchObject({ percentiles: [], n: 0, throughputSamplesPerSecond: expect.any(Number) });
    for (const name of ['index.html', 'report.md', 'leaderboard.csv']) expect(run.text(name), name).toMatch(/samples(\/s|_per_second)/i);
  });

  it('sends every item as often as asked, each time with a seed of its own, and keeps warm-up out of all counts', () => {
    const [warmups, measured] = [run.rows(0).filter((row) => row.warmup), run.rows(0).filter((row) => !row.warmup)];
    expect(warmups.map((row) => row.ordinal)).toEqual([-1, -1, -1]);
    expect(new Set(measured.map((row) => row.sampleId)).size).toBe(60);
    expect(new Set([...measured, ...warmups].map((row) => row.seed)).size).toBe(63);
    expect(run.report.jobs[0]?.scores).toMatchObject({ planned: 60, succeeded: 60, failed: 0, missing: 0 });
  });
});

describe('open-loop load', () => {
  let run: Ran;
  beforeAll(async () => {
    const load = { mode: 'poisson', rate: 100, ramp: '100ms' };
    run = await ran('open-loop', { items: prompts(...many(30)), samples: { seed: 5, perItem: 2 }, load, slo: { latencyMs: 60_000 } });
  }, 120_000);
  const due = [...drawSchedule({ mode: 'poisson', ratePerSecond: 100, rampMs: 100 }, 60, scheduleLabel(5))];

  it('sends every sample at a time that anyone can draw again', () => {
    expect(run.exitCode, run.stderr).toBe(0);
    const measured = run.rows(0).filter((row) => !row.warmup);
    const byTime = measured.map((row) => row.timings?.scheduledMs ?? Number.NaN).sort((a, b) => a - b);
    expect(byTime).toEqual(due);
    expect(latencyOf(run)?.schedule).toMatchObject({ seedLabel: 'schedule/5', arrivals: 60, sent: 60, held: 0 });
  });

  it('leaves its ramp out of latency and goodput', () => {
    const inRamp = due.filter((dueMs) => dueMs < 100).length;
    expect(latencyOf(run)).toMatchObject({ n: 60 - inRamp, leftOutRamp: inRamp, goodput: { met: 60 - inRamp, n: 60 - inRamp, share: 1 } });
  });
});

describe('a closed load with a duration', () => {
  it('succeeds when its time is over; samples that were never due are not missing', async () => {
    const load = { mode: 'closed', concurrency: 2, duration: '1s' };
    const run = await ran('duration', { items: prompts(...many(30)), samples: { perItem: 1_000 }, load });
    expect(run.exitCode, run.stderr).toBe(0);
    const measured = run.rows(0).filter((row) => !row.warmup);
    expect(measured.length).toBeLessThan(30_000);
    expect(run.report.jobs[0]).toMatchObject({ state: 'succeeded', stages: [{ status: 'finished', stopped: 'duration' }, {}] });
    expect(run.report.jobs[0]?.scores).toMatchObject({ planned: measured.length, succeeded: measured.length, missing: 0 });
  }, 120_000);
});

describe('jobs side by side', () => {
  let run: Ran;
  beforeAll(async () => {
    const models = [{ model: 'troublesome', matrix: { fault: ['none', 'hang', 'memory'] } }];
    run = await ran('parallel', {
      items: prompts(...many(80)),
      models,
      compute: { maxParallelJobs: 2 },
      load: { mode: 'closed', concurrency: 4 },
    });
  }, 120_000);

  it('overlap, and lose nothing', async () => {
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.report.jobs.map((job) => job.scores?.succeeded)).toEqual([80, 80, 80]);
    const { runs, close } = openLocalStores(dir);
    const tasks = (await runs.listJobs(run.report.run.runId)).flatMap((job) => job.tasks);
    close();
    const [first, second] = tasks.sort((a, b) => a.startedAtMs - b.startedAtMs);
    expect(second?.startedAtMs).toBeLessThan(first?.endedAtMs ?? Number.NaN);
  });

  it('are labelled contended: never certified, not on the Pareto chart', () => {
    for (const at of [0, 1, 2]) {
      expect(latencyOf(run, at)).toMatchObject({ contended: true, n: 80 });
      expect(latencyOf(run, at)?.percentiles.map(({ certified, certifiedReason }) => [certified, certifiedReason?.slice(0, 9)])).toEqual(
        Array.from({ length: 5 }, () => [null, 'contended']),
      );
    }
    expect(run.report.pareto.points).toEqual([]);
    expect(run.report.warnings.map(({ code }) => code)).toContain('contended');
  });
});

describe('limits', () => {
  let run: Ran;
  beforeAll(async () => {
    const models = [{ model: 'troublesome', matrix: { fault: ['500', 'hang'] } }];
    const limits = { ready: '5s', sample: '2s', job: '2s', maxErrorRate: 0.2, minSamplesForStop: 5 };
    const items = prompts('trouble', 'trouble', ...many(4));
    run = await ran('limits', { items, models, samples: { perItem: 4 }, load: { mode: 'closed', concurrency: 2, warmup: 0 }, limits });
  }, 120_000);

  it('end a job early, and say which limit did', () => {
    expect(run.exitCode).toBe(3);
    const stops = run.report.jobs.map((job) => [job.state, job.stages[0]?.status, job.stages[0]?.stopped]);
    expect(stops).toEqual([
      ['incomplete', 'finished', 'error-rate'],
      ['incomplete', 'finished', 'job-deadline'],
    ]);
    for (const text of [run.text('report.md'), run.text('index.html')]) {
      expect(text.includes('more samples failed than limits.maxErrorRate allows')).toBe(true);
      expect(text.includes('limits.job had passed')).toBe(true);
    }
  });

  it('leave the rest missing, neither failed nor zero', () => {
    for (const { scores } of run.report.jobs) {
      expect(scores?.missing).toBeGreaterThan(0);
      expect((scores?.succeeded ?? 0) + (scores?.failed ?? 0) + (scores?.missing ?? 0)).toBe(24);
    }
  });
});
