/**
 * Scores and reports the runs of bench/score-fixture.ts in this process and prints `{seconds, baseMiB, peakMiB}`: time of the large one, peak
 * memory after the small one, peak memory after both.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileObjectStore } from '../lib/adapters/local/file-object-store.ts';
import { keepYoungGenerationSmall } from '../lib/compose/steady-memory.ts';
import { sqliteRunStore } from '../lib/adapters/local/sqlite-run-store.ts';
import { newJobRecord } from '../lib/core/advance.ts';
import type { Plan, RunRecord } from '../lib/core/job.ts';
import { specSchema } from '../lib/core/spec.ts';
import { writeReport } from '../lib/workflow/steps/report-step.ts';
import type { StoredRun } from '../lib/workflow/stored-run.ts';
import { RUN_ID } from '../test/fixtures/scoring/stored-run.ts';
import { benchJobs, LARGE_RUN_FOLDER, SMALL_RUN_FOLDER } from './score-fixture.ts';

function storedRun(rows: number): StoredRun {
  const jobs = benchJobs(rows);
  const suite = { id: 'bench', version: '1', digest: '0'.repeat(64), title: 'Bench', task: 'image-to-text', categories: ['font'] };
  const itemCount = rows / 2;
  const plan: Plan = {
    schema: 1,
    runId: RUN_ID,
    name: 'bench',
    specSha256: '0'.repeat(64),
    suite,
    itemCount,
    repeats: 1,
    jobs: jobs.map(({ jobId }) => ({ jobId, stages: ['infer', 'score'] })),
    softwareVersion: '0',
  };
  const models = jobs.map(({ model }) => ({ model: model.id }));
  const spec = specSchema.parse({
    apiVersion: 'bakeoff/v1',
    name: 'bench',
    suite: 'bench',
    models,
    scorers: ['latency', 'text'],
    score: { rankBy: 'text.cer' },
  });
  const scoring = { confidence: 0.95, score: { kind: 'rankBy', metric: 'text.cer' }, contended: false, categories: ['font'] } as const;
  return { spec, plan, evaluations: [], jobs, scoring, slots: 1 };
}

function recordOf(stored: StoredRun): RunRecord {
  const head = {
    schema: 1,
    runId: RUN_ID,
    name: 'bench',
    version: 1,
    start: 1,
    state: 'succeeded',
    specSha256: stored.plan.specSha256,
  } as const;
  return { ...head, createdAtMs: 0, updatedAtMs: 1, finishedAtMs: 1, cancelRequested: false, owner: null, failure: null };
}

function peakMiB(): number {
  return process.resourceUsage().maxRSS / 1024;
}

async function reported(folder: string, rows: number): Promise<void> {
  const stored = storedRun(rows);
  const jobs = stored.jobs.map((job) => newJobRecord(RUN_ID, job.jobId, job.ordinal, ['infer', 'score'], 1));
  const runs = sqliteRunStore(join(folder, 'records.sqlite'));
  const ports = { objects: fileObjectStore(folder), runs, clock: { nowMs: () => 1 }, host: null, environment: 'process' } as const;
  const report = await writeReport(recordOf(stored), jobs, stored, ports);
  const values = report.jobs.flatMap((job) => (job.scores?.metrics ?? []).map((metric) => metric.n));
  if (values.length === 0 || values.some((n) => n !== rows / 2))
    throw new Error(`scored ${values.join(', ')} samples a metric, expected ${rows / 2}`);
}

keepYoungGenerationSmall();
const [folder = ''] = process.argv.slice(2);
const [smallRows, largeRows] = JSON.parse(await readFile(join(folder, 'sizes.json'), 'utf8'));
await reported(join(folder, SMALL_RUN_FOLDER), smallRows);
const baseMiB = peakMiB();
const startedMs = performance.now();
await reported(join(folder, LARGE_RUN_FOLDER), largeRows);
console.log(JSON.stringify({ seconds: (performance.now() - startedMs) / 1000, baseMiB, peakMiB: peakMiB() }));
