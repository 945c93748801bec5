/**
 * Figure: `bakeoff rank` and `bakeoff score profile` on large tables, rows per second and memory, against Python (csv, numpy, scipy, choix) on
 * the same files in the same run, in turns. Run by bench/run-all.ts; asserts only that both find the same figure.
 */
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRandomStream } from '../lib/core/measures/random.ts';
import { dimensionsOf } from '../lib/core/profiles/profile.ts';
import { findProfile } from '../lib/core/profiles/profiles.ts';
import { referencePython } from '../test/reference/reference-process.ts';

const ROUNDS = 3;
/** Enough to fill what Node sets aside for short-lived objects: a fixed base. */
const SMALL_ROWS = 20_000;
const BATTLE_MODELS = 150;
const SCORE_COLUMNS = 10;

const T2V = findProfile('vbench-t2v');

interface Kind {
  readonly name: string;
  readonly rows: number;
  /** Columns of numbers; 0 where rows are folded into counts, so that memory does not grow with them. */
  readonly metrics: number;
  readonly header: string;
  readonly row: (index: number, below: (limit: number) => number) => string;
}

const scoresOf = (count: number, below: (limit: number) => number): string =>
  Array.from({ length: count }, () => (below(100_000) / 100_000).toFixed(5)).join(',');

const KINDS: readonly Kind[] = [
  {
    name: 'win-rate',
    rows: 500_000,
    metrics: SCORE_COLUMNS,
    header: `model,${Array.from({ length: SCORE_COLUMNS }, (_, index) => `c${index}`).join(',')}`,
    row: (index, below) => `model-${index},${scoresOf(SCORE_COLUMNS, below)}`,
  },
  {
    name: 'bradley-terry',
    rows: 1_000_000,
    metrics: 0,
    header: 'winner,loser,count',
    row: (_, below) => {
      const winner = below(BATTLE_MODELS);
      return `model-${winner},model-${(winner + 1 + below(BATTLE_MODELS - 1)) % BATTLE_MODELS},${1 + below(3)}`;
    },
  },
  {
    name: 'vbench-t2v',
    rows: 300_000,
    metrics: dimensionsOf(T2V).length,
    header: `model,${dimensionsOf(T2V).join(',')}`,
    row: (index, below) => `model-${index},${scoresOf(dimensionsOf(T2V).length, below)}`,
  },
];

interface Measured {
  readonly figure: number;
  readonly seconds: number;
  readonly baseMiB: number;
  readonly peakMiB: number;
}

async function writeTable(path: string, { header, row, name }: Kind, rows: number): Promise<void> {
  const random = createRandomStream(`bench/${name}`);
  const draw = new Uint32Array(1);
  const below = (limit: number): number => {
    random.fillBelow(draw, limit);
    return draw[0] ?? 0;
  };
  const file = createWriteStream(path);
  file.write(`${header}\n`);
  for (let index = 0; index < rows; index++) if (!file.write(`${row(index, below)}\n`)) await once(file, 'drain');
  file.end();
  await once(file, 'close');
}

const execute = promisify(execFile);

async function child(program: string, args: readonly string[]): Promise<Measured> {
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout } = await execute(program, args, { env });
  return JSON.parse(stdout);
}

/** The round of least time: what a busy machine adds is no property of either. Seconds are of CPU, over all threads. */
function fastestOf(rounds: readonly Measured[]): Measured {
  const [fastest] = rounds.toSorted((a, b) => a.seconds - b.seconds);
  if (fastest === undefined) throw new Error('nothing was measured');
  return fastest;
}

function print({ name, rows, metrics }: Kind, ours: Measured, theirs: Measured): void {
  const rate = ({ seconds }: Measured): string =>
    Math.round(rows / seconds)
      .toLocaleString('en')
      .padStart(11);
  const above = ({ peakMiB, baseMiB }: Measured): string => (peakMiB - baseMiB).toFixed(0).padStart(8);
  const bytes = metrics === 0 ? '-' : (((ours.peakMiB - ours.baseMiB) * 2 ** 20) / (rows * metrics)).toFixed(1);
  const ratio = (theirs.seconds / ours.seconds).toFixed(1);
  console.log(
    `${name.padEnd(14)} ${String(rows).padStart(9)} ${rate(ours)} ${rate(theirs)} ${ratio.padStart(6)} ${above(ours)} ${above(theirs)} ${bytes.padStart(8)}`,
  );
}

export async function run(): Promise<void> {
  const python = await referencePython();
  const folder = await mkdtemp(join(tmpdir(), 'bakeoff-bench-rank-'));
  console.log(
    `rows per CPU second, all threads counted, best of ${ROUNDS} in turns; Python reads with csv and computes with numpy, scipy and choix on one core`,
  );
  console.log('table               rows      rows/s   in Python  ratio  MiB ours  Python  bytes a row and metric');
  try {
    await writeFile(join(folder, 'profile.json'), JSON.stringify(T2V));
    for (const kind of KINDS) {
      await writeTable(join(folder, `${kind.name}-small.csv`), kind, SMALL_ROWS);
      await writeTable(join(folder, `${kind.name}.csv`), kind, kind.rows);
      const [ours, theirs]: [Measured[], Measured[]] = [[], []];
      const args = [kind.name, folder, String(kind.rows)];
      for (let round = 0; round < ROUNDS; round += 1) {
        ours.push(await child(process.execPath, [join(import.meta.dirname, 'rank-child.ts'), ...args]));
        theirs.push(await child(python, [join(import.meta.dirname, 'rank_reference.py'), ...args]));
      }
      const [own, reference] = [fastestOf(ours), fastestOf(theirs)];
      if (!(Math.abs(own.figure / reference.figure - 1) < 1e-6)) throw new Error(`${kind.name}: ${own.figure}, Python ${reference.figure}`);
      print(kind, own, reference);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  console.log('MiB: peak above that of a small table in the same process. Targets: ratio at least 1; at most 24 bytes a row and metric');
}

if (import.meta.main) await run();
