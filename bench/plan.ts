/**
 * Figure: parsing and planning a run of 1,000 and 10,000 jobs, each size in a process of its own, against JSON there and back of the planned
 * jobs in the same process; and peak memory against the same process after a plan of one job. Run by bench/run-all.ts.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SIZES = [1000, 10_000] as const;
const ROUNDS = 3;

const execute = promisify(execFile);

interface Measured {
  readonly parseMs: number;
  readonly planMs: number;
  readonly referenceMs: number;
  readonly baseMiB: number;
  readonly peakMiB: number;
}

async function measure(jobs: number): Promise<Measured> {
  const { stdout } = await execute(process.execPath, [join(import.meta.dirname, 'plan-child.ts'), String(jobs)]);
  return JSON.parse(stdout);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export async function run(): Promise<void> {
  for (const jobs of SIZES) {
    const rounds: Measured[] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measure(jobs));
    const of = (part: keyof Measured): number => median(rounds.map((one) => one[part]));
    const totalMs = of('parseMs') + of('planMs');
    console.log(
      `plan of ${jobs} jobs, median of ${ROUNDS}: parse ${of('parseMs').toFixed(0)} ms + plan ${of('planMs').toFixed(0)} ms = ` +
        `${totalMs.toFixed(0)} ms, JSON there and back of the jobs ${of('referenceMs').toFixed(0)} ms, ratio ${(totalMs / of('referenceMs')).toFixed(1)}; ` +
        `peak ${of('peakMiB').toFixed(0)} MiB, with one job ${of('baseMiB').toFixed(0)} MiB`,
    );
  }
  console.log('targets of 10,000 jobs: under 1 s, peak under 128 MiB');
}

if (import.meta.main) await run();
