/**
 * Writes the stored run that bench/score.ts measures: two jobs that read lines of text, part files of 256 rows, one attribute to
 * break down by. `node bench/score-fixture.ts FOLDER ROWS` (rows of both jobs together).
 */
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import type { Job } from '../lib/core/job.ts';
import { keys } from '../lib/core/object-key.ts';
import { createRandomStream } from '../lib/core/measures/random.ts';
import { jobOf, RUN_ID, succeededRow } from '../test/fixtures/scoring/stored-run.ts';

const PART_ROWS = 256;
/** A run too small to weigh, scored first: its peak is the base. */
export const SMALL_RUN_FOLDER = 'small';
export const LARGE_RUN_FOLDER = 'large';
const SMALL_ROWS = 20_000;

export function benchJobs(rows: number): readonly [Job, Job] {
  const changes = { builtinScorers: ['latency', 'text'] };
  return [jobOf('fast-reader', rows / 2, changes), jobOf('slow-reader', rows / 2, changes)];
}

const truthOf = (item: number): string => `Invoice ${item} of ${1 + (item % 28)} March, total ${(item * 37) % 1000}.00`;

async function writeLines(path: string, lines: Iterable<unknown>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = createWriteStream(path);
  for (const line of lines) if (!file.write(`${JSON.stringify(line)}\n`)) await once(file, 'drain');
  file.end();
  await once(file, 'close');
}

function* items(count: number): Iterable<unknown> {
  for (let item = 0; item < count; item++) {
    yield { id: `line-${item}`, input: { files: [] }, attributes: { font: `font-${item % 8}` } };
  }
}

function* references(count: number): Iterable<unknown> {
  for (let item = 0; item < count; item++) yield { id: `line-${item}`, reference: { text: truthOf(item) } };
}

async function writeRows(folder: string, job: Job, delayMs: number): Promise<void> {
  const draws = new Uint32Array(2 * job.itemCount);
  createRandomStream(job.jobId).fill(draws);
  for (let first = 0, part = 1; first < job.itemCount; first += PART_ROWS, part++) {
    const rows: string[] = [];
    for (let ordinal = first; ordinal < Math.min(first + PART_ROWS, job.itemCount); ordinal++) {
      const text = truthOf(ordinal).replaceAll('0', (draws[2 * ordinal] ?? 0) % 8 === 0 ? 'O' : '0');
      const latencyMs = delayMs + ((draws[2 * ordinal + 1] ?? 0) % 1000) / 100;
      rows.push(`${JSON.stringify(succeededRow({ itemId: `line-${ordinal}`, ordinal }, { text }, latencyMs))}\n`);
    }
    const path = join(folder, keys.samplePart(RUN_ID, job.jobId, 1, part));
    if (part === 1) await mkdir(dirname(path), { recursive: true });
    await writeFile(path, rows.join(''));
  }
}

async function writeRun(folder: string, rows: number): Promise<void> {
  const [fast, slow] = benchJobs(rows);
  await writeLines(join(folder, keys.items(RUN_ID)), items(fast.itemCount));
  await writeLines(join(folder, keys.references(RUN_ID)), references(fast.itemCount));
  await writeRows(folder, fast, 10);
  await writeRows(folder, slow, 12);
}

if (import.meta.main) {
  const [folder = '', rows = ''] = process.argv.slice(2);
  await writeRun(join(folder, SMALL_RUN_FOLDER), SMALL_ROWS);
  await writeRun(join(folder, LARGE_RUN_FOLDER), Number(rows));
  await writeFile(join(folder, 'sizes.json'), JSON.stringify([SMALL_ROWS, Number(rows)]));
}
