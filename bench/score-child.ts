/**
 * Scores the runs of bench/score-fixture.ts in this process and prints `{seconds, baseMiB, peakMiB}`: time of the large one, peak
 * memory after the small one, peak memory after both.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileObjectStore } from '../lib/adapters/local/file-object-store.ts';
import { keepYoungGenerationSmall } from '../lib/compose/steady-memory.ts';
import type { RunScores } from '../lib/core/scores.ts';
import { scoreStoredRun } from '../lib/workflow/score-stored-run.ts';
import { benchJobs, LARGE_RUN_FOLDER, SMALL_RUN_FOLDER } from './score-fixture.ts';

const SCORING = { confidence: 0.95, score: { kind: 'rankBy', metric: 'text.cer' }, contended: false, categories: ['font'] } as const;

function peakMiB(): number {
  return process.resourceUsage().maxRSS / 1024;
}

async function scored(folder: string, rows: number): Promise<RunScores> {
  const scores = await scoreStoredRun(fileObjectStore(folder), benchJobs(rows), SCORING);
  const values = scores.jobs.flatMap((job) => job.metrics.map((metric) => metric.n));
  if (values.some((n) => n !== rows / 2)) throw new Error(`scored ${values.join(', ')} samples a metric, expected ${rows / 2}`);
  return scores;
}

keepYoungGenerationSmall();
const [folder = ''] = process.argv.slice(2);
const [smallRows, largeRows] = JSON.parse(await readFile(join(folder, 'sizes.json'), 'utf8'));
await scored(join(folder, SMALL_RUN_FOLDER), smallRows);
const baseMiB = peakMiB();
const startedMs = performance.now();
await scored(join(folder, LARGE_RUN_FOLDER), largeRows);
console.log(JSON.stringify({ seconds: (performance.now() - startedMs) / 1000, baseMiB, peakMiB: peakMiB() }));
