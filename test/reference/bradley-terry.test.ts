/** Bradley-Terry strengths and their standard errors against choix and numpy, on random tables. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { createRandomStream } from '../../lib/core/measures/random.ts';
import { fitBradleyTerry } from '../../lib/core/rank/bradley-terry.ts';
import { whyNotConnected, type WinMatrix } from '../../lib/core/rank/connectivity.ts';
import { referencePython } from './reference-process.ts';

const CASES = 2500;
/** choix stops when an iteration changes strengths by less than 1e-13; its way there is linear, so that it may be this far off. */
const TOLERANCE = 1e-8;

interface Fitted {
  readonly log: readonly number[];
  readonly errors: readonly number[];
}

/** Strongly connected tables of 2 to 12 models, sparse to full, counts from a few to thousands, some of them halves. */
function randomTables(count: number): WinMatrix[] {
  const random = createRandomStream('reference/bradley-terry');
  const draw = new Uint32Array(1);
  const below = (limit: number): number => {
    random.fillBelow(draw, limit);
    return draw[0] ?? 0;
  };
  const tables: WinMatrix[] = [];
  while (tables.length < count) {
    const n = 2 + below(11);
    const [density, most, spread] = [1 + below(10), [3, 20, 1000][below(3)] ?? 3, below(4) / 2];
    const truth = Array.from({ length: n }, () => (spread * (below(2001) - 1000)) / 1000);
    const wins = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) {
        if (below(10) >= density) continue;
        const games = 1 + below(most);
        const won = Math.round(games / (1 + Math.exp((truth[j] ?? 0) - (truth[i] ?? 0))) + (below(3) - 1) / 2);
        wins[i * n + j] = Math.min(games, Math.max(0, won));
        wins[j * n + i] = games - (wins[i * n + j] ?? 0) + (below(5) === 0 ? 0.5 : 0);
      }
    }
    const table = { models: truth.map((_, index) => `m${index}`), wins };
    if (whyNotConnected(table) === null) tables.push(table);
  }
  return tables;
}

/** Answers of Python in the order of the tables. */
async function askChoix(tables: readonly WinMatrix[]): Promise<Fitted[]> {
  const child = spawn(await referencePython(), [join(import.meta.dirname, 'bradley_terry.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  });
  const answers: Fitted[] = [];
  const ended = once(child, 'close');
  createInterface({ input: child.stdout }).on('line', (line) => answers.push(JSON.parse(line)));
  for (const { models, wins } of tables) {
    const cells = Array.from(wins, (count, cell) => [Math.floor(cell / models.length), cell % models.length, count]);
    const question = { n: models.length, wins: cells.filter(([, , count]) => count !== 0) };
    if (!child.stdin.write(`${JSON.stringify(question)}\n`)) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  expect(await ended).toEqual([0, null]);
  return answers;
}

describe('Bradley-Terry', () => {
  it(`agrees with choix on ${CASES} random tables, standard errors included`, async () => {
    const tables = randomTables(CASES);

    const answers = await askChoix(tables);

    expect(answers.length).toBe(CASES);
    for (const [index, table] of tables.entries()) {
      const { logStrengths, covariance } = fitBradleyTerry(table);
      const n = table.models.length;
      const errors = Array.from(logStrengths, (_, model) => Math.sqrt(covariance[model * n + model] ?? Number.NaN));
      const { log = [], errors: expected = [] } = answers[index] ?? {};
      const off = Math.max(...log.map((value, model) => Math.abs(value - (logStrengths[model] ?? Number.NaN))));
      const offErrors = Math.max(...expected.map((value, model) => Math.abs(value / (errors[model] ?? Number.NaN) - 1)));
      if (!(log.length === n && expected.length === n && off < TOLERANCE && offErrors < TOLERANCE))
        expect({ index, off, offErrors, table }).toBeNull();
    }
  }, 600_000);
});
