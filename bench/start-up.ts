/** How long `bakeoff --help` takes against an empty program of the same Node, run in turns. Target: at most 4 times as long. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROUNDS = 21;
const cli = join(import.meta.dirname, '../bin/bakeoff.mjs');

function timeMs(args: readonly string[]): number {
  const startedMs = performance.now();
  const { status } = spawnSync(process.execPath, [...args], { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return performance.now() - startedMs;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export async function run(): Promise<void> {
  const bare: number[] = [];
  const help: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(timeMs(['-e', '0']));
    help.push(timeMs([cli, '--help']));
  }
  const [bareMs, helpMs] = [median(bare), median(help)];
  process.stdout.write(`start-up, median of ${ROUNDS}: node -e 0 ${bareMs.toFixed(1)} ms, bakeoff --help ${helpMs.toFixed(1)} ms, `);
  process.stdout.write(`ratio ${(helpMs / bareMs).toFixed(2)} (target at most 4)\n`);
}
