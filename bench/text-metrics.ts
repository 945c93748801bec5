/**
 * Figure: rows per second and memory of every text metric, and of statistics over 10,000,000 numbers, against the Python library of each on
 * the same file in the same run, each in a process of its own on one core. Ours computes the interval, too. Run by bench/run-all.ts.
 */
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRandomStream } from '../lib/core/measures/random.ts';
import { referencePython } from '../test/reference/reference-process.ts';

interface Case {
  readonly name: string;
  readonly variant: string;
  readonly reference: string;
  readonly library: string;
  readonly rows: number;
}

const CASES: readonly Case[] = [
  { name: 'wer', variant: 'jiwer', reference: 'wer', library: 'jiwer', rows: 100_000 },
  { name: 'cer', variant: 'jiwer', reference: 'cer', library: 'jiwer', rows: 100_000 },
  { name: 'cer', variant: 'jiwer', reference: 'rapidfuzz-cer', library: 'rapidfuzz', rows: 200_000 },
  { name: 'bleu', variant: '13a', reference: 'bleu', library: 'sacrebleu', rows: 50_000 },
  { name: 'chrf', variant: 'chrF2', reference: 'chrf', library: 'sacrebleu', rows: 20_000 },
  { name: 'anls', variant: 'anls_star', reference: 'anls', library: 'anls_star', rows: 20_000 },
  { name: 'anls-star', variant: 'anls_star', reference: 'anls-star', library: 'anls_star', rows: 20_000 },
  { name: 'exact', variant: 'raw', reference: 'exact', library: 'plain Python', rows: 200_000 },
  { name: 'stats', variant: '', reference: 'stats', library: 'numpy', rows: 10_000_000 },
];
const SMALL_ROWS = 12_000;
/** Between these counts the room that the collector takes at the start is spent: what grows is what rows leave behind. */
const MEMORY_ROWS = { texts: [400_000, 1_600_000], stats: [2_500_000, 10_000_000] } as const;
const ROUNDS = 3;

interface Measured {
  readonly value: number;
  readonly seconds: number;
  readonly baseMiB: number;
  readonly peakMiB: number;
}

const execute = promisify(execFile);
const WORDS = 'the quick brown fox jumps over a lazy dog while 12.50 euros, net of tax, are due (see page 3) on Monday morning'.split(' ');

function* linesOf(name: string, rows: number): Iterable<string> {
  const stream = createRandomStream(`bench ${name}`);
  const draws = new Uint32Array(16);
  for (let row = 0; row < rows; row++) {
    stream.fill(draws);
    if (name === 'stats') yield `${(draws[0] ?? 0) / 2 ** 32 + (draws[1] ?? 0) / 2 ** 20}\n`;
    else {
      const words = Array.from(draws.subarray(0, 8 + (row % 8)), (draw) => WORDS[draw % WORDS.length] ?? '');
      const answer = words.map((word, index) => ((draws[index] ?? 0) >>> 29 === 0 ? word.toUpperCase() : word));
      yield `${JSON.stringify({ id: `row-${row}`, prediction: answer.join(' '), references: [words.join(' ')] })}\n`;
    }
  }
}

async function writeRows(path: string, name: string, rows: number): Promise<void> {
  const file = createWriteStream(path);
  for (const line of linesOf(name, rows)) if (!file.write(line)) await once(file, 'drain');
  file.end();
  await once(file, 'close');
}

async function measured(program: string, args: readonly string[]): Promise<Measured> {
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const { stdout } = await execute(program, [...args], { env });
  return JSON.parse(stdout);
}

function median(values: readonly Measured[]): Measured {
  const sorted = values.toSorted((a, b) => a.seconds - b.seconds);
  const [first] = sorted;
  const middle = sorted[Math.floor(sorted.length / 2)] ?? first;
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}

function print({ name, rows, library }: Case, ours: Measured, theirs: Measured): void {
  const rate = (each: Measured): string => Math.round(rows / each.seconds).toLocaleString('en');
  console.log(
    `${name.padEnd(10)} ${rate(ours).padStart(10)} rows/s, ${library.padEnd(12)} ${rate(theirs).padStart(10)}: ${(theirs.seconds / ours.seconds).toFixed(2)} times as fast; ` +
      `peak ${ours.peakMiB.toFixed(0)} MiB, theirs ${theirs.peakMiB.toFixed(0)} MiB`,
  );
}

async function compare(one: Case, python: string, folder: string): Promise<void> {
  const [small, large] = [join(folder, 'small'), join(folder, 'large')];
  await writeRows(small, one.name, SMALL_ROWS);
  await writeRows(large, one.name, one.rows);
  const rounds: { readonly ours: Measured; readonly theirs: Measured }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const ours = await measured(process.execPath, [
      join(import.meta.dirname, 'text-metrics-child.ts'),
      one.name,
      one.variant,
      small,
      large,
    ]);
    const theirs = await measured(python, [join(import.meta.dirname, 'text_metrics_reference.py'), one.reference, small, large]);
    if (Math.abs(ours.value - theirs.value) > 1e-9 * Math.abs(theirs.value))
      throw new Error(`${one.name}: ${ours.value} against ${theirs.value}`);
    rounds.push({ ours, theirs });
  }
  print(one, median(rounds.map(({ ours }) => ours)), median(rounds.map(({ theirs }) => theirs)));
}

/** Bytes that a further row leaves behind in ours, interval and check of ids included. */
async function printGrowth({ name, variant }: Case, folder: string): Promise<void> {
  const [small, large] = [join(folder, 'small'), join(folder, 'large')];
  await writeRows(small, name, SMALL_ROWS);
  const counts = name === 'stats' ? MEMORY_ROWS.stats : MEMORY_ROWS.texts;
  const peaks: number[] = [];
  for (const rows of counts) {
    await writeRows(large, name, rows);
    const { peakMiB } = await measured(process.execPath, [join(import.meta.dirname, 'text-metrics-child.ts'), name, variant, small, large]);
    peaks.push(peakMiB);
  }
  const [first = 0, last = 0] = peaks;
  const bytes = ((last - first) * 2 ** 20) / (counts[1] - counts[0]);
  console.log(
    `${name.padEnd(10)} peak ${first.toFixed(0)} MiB with ${counts[0]} rows, ${last.toFixed(0)} MiB with ${counts[1]}: ${bytes.toFixed(1)} bytes a further row`,
  );
}

export async function run(): Promise<void> {
  const python = await referencePython();
  const folder = await mkdtemp(join(tmpdir(), 'bakeoff-bench-texts-'));
  console.log(`median of ${ROUNDS}, from the file to the value; ours with an interval, theirs without; equal values are checked`);
  try {
    for (const one of CASES) await compare(one, python, folder);
    for (const one of CASES) if (one.library !== 'rapidfuzz') await printGrowth(one, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  console.log('targets: at least as fast as each; at most 24 bytes a further row');
}

if (import.meta.main) await run();
