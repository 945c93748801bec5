/** How often the intervals of Bradley-Terry hold the truth, by simulation with published draws: at least as often as they say. */
import { describe, expect, it } from 'vitest';
import { createRandomStream } from '../../lib/core/measures/random.ts';
import { whyNotConnected } from '../../lib/core/rank/connectivity.ts';
import { strengthRanking } from '../../lib/core/rank/strength-ranking.ts';

const ROUNDS = 1000;

/** Wins of a tournament in which each pair meets `games` times; models are named by their true log strength, which sum up to 0. */
function tournament(truths: readonly number[], games: number, draws: Uint32Array, first: number) {
  const n = truths.length;
  const wins = new Float64Array(n * n);
  let at = first;
  for (const [i, own] of truths.entries()) {
    for (const [j, other] of truths.slice(0, i).entries()) {
      for (let game = 0; game < games; game++) {
        const isWon = (draws[at++] ?? 0) / 2 ** 32 < 1 / (1 + Math.exp(other - own));
        const cell = isWon ? i * n + j : j * n + i;
        wins[cell] = (wins[cell] ?? 0) + 1;
      }
    }
  }
  return { matrix: { models: truths.map(String), wins }, next: at };
}

function coverageOf(models: number, games: number): { truth: number; rank: number } {
  const truths = Array.from({ length: models }, (_, index) => (2 * index) / (models - 1) - 1);
  const draws = new Uint32Array((ROUNDS * games * models * (models - 1)) / 2);
  createRandomStream(`coverage/${models}/${games}`).fill(draws);
  let [held, heldAll, seen, rounds, at] = [0, 0, 0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const { matrix, next } = tournament(truths, games, draws, at);
    at = next;
    if (whyNotConnected(matrix) !== null) continue;
    rounds++;
    const rows = strengthRanking(matrix).models;
    for (const { model, strengthInterval } of rows) {
      const strength = Math.exp(Number(model));
      seen++;
      if (strengthInterval.low <= strength && strength <= strengthInterval.high) held++;
    }
    const isEveryPlaceIn = rows.every(({ model, rankRange: [best, worst] }) => {
      const place = models - truths.indexOf(Number(model));
      return best <= place && place <= worst;
    });
    if (isEveryPlaceIn) heldAll++;
  }
  expect(rounds).toBeGreaterThan(ROUNDS * 0.9);
  return { truth: held / seen, rank: heldAll / rounds };
}

describe('intervals of Bradley-Terry', () => {
  it.each([
    [4, 6],
    [4, 30],
    [10, 3],
    [10, 20],
  ])(
    'hold the true strength of %i models with %i comparisons a pair in 94 to 98.5 %% of cases, and all true places in 94 %%',
    (models, games) => {
      const { truth, rank } = coverageOf(models, games);

      expect(truth).toBeGreaterThan(0.94);
      expect(truth).toBeLessThan(0.985);
      expect(rank).toBeGreaterThan(0.94);
    },
  );
});
