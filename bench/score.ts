/**
 * Figure: scoring and reporting 100,000 and 1,000,000 stored rows, from part files to the written report. Prints time a
 * row, the ratio between the sizes, and memory above a base measured in the same process. Run by bench/run-all.ts.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SIZES = [100_000, 1_000_000] as const;
/** Columns of a row that scoring fills: latency, cer, wer, anls, exact-match. */
const METRICS = 5;

interface Measured {
  readonly seconds: number;
  readonly baseMiB: number;
  readonly peakMiB: number;
}

const execute = promisify(execFile);

/** A process of its own for each step, so that the memory of one is not the peak of the next. */
async function child(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, [join(import.meta.dirname, program), ...args], { maxBuffer: 1 << 20 });
  return stdout;
}

async function measure(rows: number): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'bakeoff-bench-score-'));
  try {
    await child('score-fixture.ts', [folder, String(rows)]);
    const { seconds, baseMiB, peakMiB } = JSON.parse(await child('score-child.ts', [folder]));
    return { seconds, baseMiB, peakMiB };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** From the smaller to the larger size: does time a row grow, and what does a further row cost in memory? */
function printGrowth(figures: ReadonlyMap<number, Measured>): void {
  const [smallRows, largeRows] = SIZES;
  const [small, large] = [figures.get(smallRows), figures.get(largeRows)];
  if (small === undefined || large === undefined) return;
  const ratio = large.seconds / largeRows / (small.seconds / smallRows);
  const bytes = ((large.peakMiB - small.peakMiB) * 2 ** 20) / ((largeRows - smallRows) * METRICS);
  console.log(`time a row, large over small: ${ratio.toFixed(2)} (1 is linear; below 1, fixed costs weigh less)`);
  console.log(`memory of each further row and metric: ${bytes.toFixed(1)} bytes`);
}

export async function run(): Promise<void> {
  const figures = new Map<number, Measured>();
  console.log('rows       microseconds/row  peak MiB  base MiB  bytes/row/metric above the base');
  for (const rows of SIZES) {
    const measured = await measure(rows);
    figures.set(rows, measured);
    const { seconds, baseMiB, peakMiB } = measured;
    const bytes = ((peakMiB - baseMiB) * 2 ** 20) / (rows * METRICS);
    const cells = [((seconds * 1e6) / rows).toFixed(2).padStart(16), peakMiB.toFixed(0).padStart(9), baseMiB.toFixed(0).padStart(9)];
    console.log(`${String(rows).padEnd(10)} ${cells.join(' ')} ${bytes.toFixed(1).padStart(11)}`);
  }
  printGrowth(figures);
  console.log('targets: linear; peak below 256 MiB; at most 24 bytes a row and metric above the base');
}

if (import.meta.main) await run();
