/** Mean win rate and Bradley-Terry: published vectors, refusals by line, and what must not change the answer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnSorter } from '../../lib/core/rank/ascending-order.ts';
import { battleTable } from '../../lib/core/rank/battle-table.ts';
import { fitBradleyTerry } from '../../lib/core/rank/bradley-terry.ts';
import { whyNotConnected } from '../../lib/core/rank/connectivity.ts';
import type { StrengthRanking } from '../../lib/core/rank/strength-ranking.ts';
import { meanWinRates } from '../../lib/core/rank/win-rate.ts';
import { type WinRateOptions, winRateTable } from '../../lib/core/rank/win-rate-table.ts';
import { describePublished } from './published-data.ts';

function winRates(text: string, options: Partial<WinRateOptions> = {}) {
  const table = winRateTable({ lower: [], ignore: [], ...options });
  table.write(text);
  const ranking = table.end();
  return { ...ranking, models: Array.from({ length: ranking.count }, (_, place) => ranking.row(place)) };
}

function strengths(text: string, ignore: readonly string[] = []): StrengthRanking {
  const table = battleTable({ ignore });
  table.write(text);
  return table.end();
}

type Battle = readonly [winner: string, loser: string, count: number];
const battleText = (battles: readonly Battle[]): string => `winner,loser,count\n${battles.map((row) => row.join(',')).join('\n')}\n`;
const byModel = ({ models }: StrengthRanking) => new Map(models.map((row) => [row.model, row]));

describePublished('helm-win-rate.json', (text) => {
  const { cases } = JSON.parse(text);

  it.each(cases as { name: string; table: number[][]; lower_is_better: boolean[]; expected: number[] }[])(
    '$name comes out as HELM has it',
    ({ table, lower_is_better, expected }) => {
      const columns = lower_is_better.map((_, index) => `c${index}`);
      const file = `model,${columns.join(',')}\n${table.map((row, index) => `m${index},${row.join(',')}`).join('\n')}`;

      const ranking = winRates(file, { lower: columns.filter((_, index) => lower_is_better[index]) });

      const rates = new Map(ranking.models.map(({ model, winRate }) => [model, winRate]));
      expect(expected.map((_, index) => rates.get(`m${index}`))).toEqual(expected);
    },
  );
});

describePublished('bradley-terry.json', (text) => {
  const [example] = JSON.parse(text).cases;
  const published: Record<string, number> = example.strength_geomean1;
  const decimals = (value: number): number => String(value).split('.')[1]?.length ?? 0;

  it('gives the strengths and Elo of the worked example to the last digit', () => {
    const rows = byModel(strengths(battleText(example.wins)));

    for (const [model, value] of Object.entries(published)) {
      expect(Number(rows.get(model)?.strength.toFixed(decimals(value)))).toBe(value);
      const elo = example.elo_1000_400_computed[model];
      expect(Number(rows.get(model)?.elo.toFixed(3))).toBe(elo);
    }
  });
});

describe('the mean win rate', () => {
  it('counts ties half, passes over missing values, and names the columns that it skips', () => {
    const ranking = winRates('model,a,b,note,few\nx,1,3,?,7\ny,1,,?,\nz,0,4,?,\nw,,,?,\n', { ignore: ['note'] });

    expect(ranking.models).toEqual([
      { model: 'y', rank: 1, winRate: 0.75, columns: 1, reason: null },
      { model: 'z', rank: 2, winRate: 0.5, columns: 2, reason: null },
      { model: 'x', rank: 3, winRate: 0.375, columns: 2, reason: null },
      { model: 'w', rank: null, winRate: null, columns: 0, reason: 'no value in a column with at least 2' },
    ]);
    expect(ranking.skipped).toEqual([{ name: 'few', reason: 'fewer than 2 values (1)' }]);
  });

  it('agrees with its definition on random tables, whatever the order of the rows', () => {
    const cell = fc.oneof(fc.constant(Number.NaN), fc.integer({ min: -3, max: 3 }));
    const table = fc.integer({ min: 1, max: 9 }).chain((models) =>
      fc.array(fc.record({ lower: fc.boolean(), values: fc.array(cell, { minLength: models, maxLength: models }) }), {
        minLength: 1,
        maxLength: 4,
      }),
    );
    const property = fc.property(table, (columns) => {
      const models = columns[0]?.values.length ?? 0;
      const expected = Array.from({ length: models }, (_, model) => rateByDefinition(columns, model));
      const given = columns.map(({ lower, values }, index) => ({
        name: `${index}`,
        lowerIsBetter: lower,
        copyTo: (target: Float64Array) => target.set(values),
      }));
      const reversed = given.map((column, index) => ({
        ...column,
        copyTo: (target: Float64Array) => target.set(columns[index]?.values.toReversed() ?? []),
      }));
      const { rates } = meanWinRates(given, models, columnSorter(models));
      expect(Array.from(rates)).toEqual(expected.map((rate) => (rate === null ? Number.NaN : expect.closeTo(rate, 12))));
      expect(meanWinRates(reversed, models, columnSorter(models)).rates.toReversed()).toEqual(rates);
      for (const rate of rates) if (!Number.isNaN(rate)) expect(rate >= 0 && rate <= 1).toBe(true);
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it.each([
    ['model,a\nx,1\nx,2\n', {}, 'line 3, column "model": "x" has a row already'],
    ['model,a\nx,one\n', {}, 'line 2, column "a": "one" is no finite decimal number'],
    ['model,acc\nx,1\n', { lower: ['ac'] }, 'unknown column "ac"; did you mean "acc"?'],
    ['model,a\nx,1\n', { ignore: ['a'] }, 'there is no column of scores'],
    ['model,a,b\nx,1,1\n', { ignore: ['a'], lower: ['a'] }, 'under both --lower and --ignore'],
    ['name,a\nx,1\n', {}, 'there is no column "model"'],
  ])('refuses %j', (text, options, message) => {
    expect(() => winRates(text, options)).toThrow(message);
  });
});

describe('the order of a column', () => {
  it('is that of a stable sort, without NaN', () => {
    const value = fc.oneof(
      fc.double(),
      fc.constantFrom(0, -0, 1, -1, Number.NaN, 5e-324, Number.POSITIVE_INFINITY),
      fc.integer({ min: -300, max: 300 }),
    );
    const property = fc.property(fc.array(value, { maxLength: 400 }), (values) => {
      const expected = [...values.keys()]
        .filter((index) => !Number.isNaN(values[index]))
        .sort((a, b) => {
          const [x = 0, y = 0] = [values[a], values[b]];
          return x < y ? -1 : x > y ? 1 : a - b;
        });
      const sorted = columnSorter(400);
      sorted(Float64Array.from(values, (number) => -number));
      expect([...sorted(Float64Array.from(values))]).toEqual(expected);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

interface PlainColumn {
  readonly lower: boolean;
  readonly values: readonly number[];
}

function rateByDefinition(columns: readonly PlainColumn[], model: number): number | null {
  const rates = columns.flatMap(({ lower, values }) => {
    const own = values[model] ?? Number.NaN;
    const others = values.filter((value, index) => index !== model && !Number.isNaN(value));
    if (Number.isNaN(own) || others.length === 0) return [];
    const score = others.reduce((sum, value) => sum + (value === own ? 0.5 : value < own !== lower ? 1 : 0), 0);
    return [score / others.length];
  });
  return rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}

/** Tables that link every model with every other by a circle of wins, besides any further wins. */
const connected = fc.integer({ min: 2, max: 7 }).chain((n) =>
  fc.record({
    circle: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: n, maxLength: n }),
    further: fc.array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1), fc.integer({ min: 1, max: 200 })), { maxLength: 20 }),
  }),
);

function battlesOf({ circle, further }: { circle: readonly number[]; further: readonly (readonly [number, number, number])[] }): Battle[] {
  const ring = circle.map((count, model): Battle => [`m${model}`, `m${(model + 1) % circle.length}`, count]);
  return [...ring, ...further.flatMap(([a, b, count]): Battle[] => (a === b ? [] : [[`m${a}`, `m${b}`, count]]))];
}

const runs = { numRuns: 300 };

describe('Bradley-Terry', () => {
  it('solves the equations of the maximum: expected wins are the wins', () => {
    const property = fc.property(connected, (table) => {
      const battles = battlesOf(table);
      const ranking = strengths(battleText(battles));
      const strengthOf = new Map(ranking.models.map(({ model, strength }) => [model, strength]));
      for (const { model, wins, losses } of ranking.models) {
        const expected = battles.reduce((sum, [winner, loser, count]) => {
          if (winner !== model && loser !== model) return sum;
          const [own = 0, other = 0] = [model, winner === model ? loser : winner].map((name) => strengthOf.get(name));
          return sum + (count * own) / (own + other);
        }, 0);
        expect(Math.abs(expected - wins) / (wins + losses)).toBeLessThan(1e-9);
      }
      const product = ranking.models.reduce((sum, { strength }) => sum + Math.log(strength), 0);
      expect(Math.abs(product)).toBeLessThan(1e-9);
      expect(ranking.fit.lastStep).toBeLessThan(1e-10);
    });
    fc.assert(property, runs);
  });

  it('does not care about names, order of rows, or counts split over rows', () => {
    const property = fc.property(connected, fc.func(fc.nat()), (table, shuffle) => {
      const battles = battlesOf(table);
      const before = byModel(strengths(battleText(battles)));
      const shuffled = battles
        .flatMap(([winner, loser, count]): Battle[] => [
          [`${loser}x`, `${winner}x`, 0],
          [`${winner}x`, `${loser}x`, count - 0.5],
          [`${winner}x`, `${loser}x`, 0.5],
        ])
        .sort((a, b) => shuffle(...a) - shuffle(...b));
      const after = byModel(strengths(battleText(shuffled)));
      for (const [model, row] of before) {
        const other = after.get(`${model}x`);
        expect(other?.elo).toBeCloseTo(row.elo, 6);
        expect(other?.eloInterval.low).toBeCloseTo(row.eloInterval.low, 6);
        expect(other?.rankRange).toEqual(row.rankRange);
      }
    });
    fc.assert(property, runs);
  });

  it('keeps strengths when all counts are multiplied, and narrows the intervals by the root', () => {
    const property = fc.property(connected, fc.constantFrom(4, 100, 10_000), (table, factor) => {
      const battles = battlesOf(table);
      const before = byModel(strengths(battleText(battles)));
      const after = byModel(strengths(battleText(battles.map(([winner, loser, count]) => [winner, loser, count * factor]))));
      for (const [model, row] of before) {
        const [one, many] = [row, after.get(model)].map((each) => (each?.eloInterval.high ?? 0) - (each?.eloInterval.low ?? 0));
        expect(after.get(model)?.elo).toBeCloseTo(row.elo, 6);
        expect((many ?? 0) * Math.sqrt(factor)).toBeCloseTo(one ?? 0, 5);
      }
    });
    fc.assert(property, runs);
  });

  it('raises a model that wins once more, against each other model', () => {
    const property = fc.property(connected, fc.nat(), (table, seed) => {
      const battles = battlesOf(table);
      const n = table.circle.length;
      const [winner, loser] = [`m${seed % n}`, `m${(seed + 1 + (seed % (n - 1))) % n}`];
      fc.pre(winner !== loser);
      const before = byModel(strengths(battleText(battles)));
      const after = byModel(strengths(battleText([...battles, [winner, loser, 1]])));
      expect(after.get(winner)?.elo).toBeGreaterThan(before.get(winner)?.elo ?? 0);
      expect(after.get(loser)?.elo).toBeLessThan(before.get(loser)?.elo ?? 0);
    });
    fc.assert(property, runs);
  });

  it('mirrors when winners and losers are swapped', () => {
    const property = fc.property(connected, (table) => {
      const battles = battlesOf(table);
      const before = byModel(strengths(battleText(battles)));
      const after = byModel(strengths(battleText(battles.map(([winner, loser, count]) => [loser, winner, count]))));
      for (const [model, { elo }] of before) expect(2000 - (after.get(model)?.elo ?? 0)).toBeCloseTo(elo, 6);
    });
    fc.assert(property, runs);
  });

  it('has the closed form of two models, at any ratio', () => {
    for (const [wins, losses] of [
      [1, 1],
      [9, 1],
      [1, 1e6],
      [1e9, 1],
      [0.5, 3],
    ] as const) {
      const [first] = fitBradleyTerry({ models: ['a', 'b'], wins: Float64Array.from([0, wins, losses, 0]) }).logStrengths;
      expect(2 * (first ?? 0)).toBeCloseTo(Math.log(wins / losses), 9);
      const { covariance } = fitBradleyTerry({ models: ['a', 'b'], wins: Float64Array.from([0, wins, losses, 0]) });
      expect((4 * (covariance[0] ?? 0) * wins * losses) / (wins + losses)).toBeCloseTo(1, 6);
    }
  });

  it('settles where whole Newton steps run away', () => {
    const wins = Float64Array.of(0, 680231, 0, 0, 0, 0, 1, 2, 145864, 0, 0, 5556, 0, 6, 0, 0);
    const { logStrengths, gradient, lastStep } = fitBradleyTerry({ models: ['a', 'b', 'c', 'd'], wins });
    expect(Math.max(gradient, lastStep)).toBeLessThan(1e-10);
    expect(logStrengths.every(Number.isFinite)).toBe(true);
  });

  it('separates what can be separated, and nothing else', () => {
    const clear = strengths('winner,loser,count\na,b,900\nb,a,100\nb,c,900\nc,b,100\n');
    const vague = strengths('winner,loser,count\na,b,3\nb,a,2\nb,c,3\nc,b,2\n');
    expect(clear.models.map(({ model, rankRange }) => [model, rankRange])).toEqual([
      ['a', [1, 1]],
      ['b', [2, 2]],
      ['c', [3, 3]],
    ]);
    expect(vague.models.map(({ rankRange }) => rankRange)).toEqual([
      [1, 3],
      [1, 3],
      [1, 3],
    ]);
  });

  it('gives equal strengths an equal place', () => {
    expect(strengths('winner,loser\nx,y\ny,z\nz,x\n').models.map(({ rank }) => rank)).toEqual([1, 1, 1]);
  });
});

describe('comparisons that no finite strengths fit', () => {
  it.each([
    ['a,b\n', 'a never lost and b never won'],
    ['a,b\nb,a\nc,a\n', 'c never lost'],
    ['a,b\nb,a\na,c\n', 'c never won'],
    ['a,b\nb,a\nc,d\nd,c\n', 'no comparison links a, b with c, d'],
    ['a,b\nb,a\nc,d\nd,c\na,c\nb,d\n', 'a, b never lost against c, d'],
    ['a,b\nb,a\nc,d\nd,c\nc,a\nd,b\n', 'c, d never lost against a, b'],
  ])('%j: %s', (rows, reason) => {
    expect(() => strengths(`winner,loser\n${rows}`)).toThrow(`no finite strengths fit these comparisons: ${reason}`);
  });

  it('are found exactly when a model cannot be reached from every other by wins', () => {
    const property = fc.property(fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }), (cells) => {
      const n = 5;
      const wins = Float64Array.from(cells, (won, cell) => (won && cell % (n + 1) !== 0 ? 1 : 0));
      const reach = Array.from(wins, (won, cell) => won > 0 || cell % (n + 1) === 0);
      for (let k = 0; k < n; k++)
        for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (reach[i * n + k] && reach[k * n + j]) reach[i * n + j] = true;
      expect(whyNotConnected({ models: ['a', 'b', 'c', 'd', 'e'], wins }) === null).toBe(reach.every(Boolean));
    });
    fc.assert(property, { numRuns: 2000 });
  });
});

describe('a file of comparisons', () => {
  it.each([
    ['winner,loser,counts\na,b,1\n', 'unknown column "counts"; did you mean "count"?'],
    ['winner,count\na,1\n', 'there is no column "loser"'],
    ['winner,loser,count\na,b,\n', 'line 2, column "count": the count is empty'],
    ['winner,loser,count\na,b,-1\n', 'line 2, column "count": -1 is below 0'],
    [
      'winner,loser,count\na,b,x\n,b,1\na,a,1\n',
      'line 2, column "count": "x" is no finite decimal number; line 3, column "winner": the name is empty; line 4: winner and loser are the same',
    ],
    ['winner,loser\n', 'the file holds no rows'],
    [`winner,loser\n${Array.from({ length: 1001 }, (_, index) => `m${index},m${(index + 1) % 1001}`).join('\n')}`, 'more than 1000 models'],
  ])('is refused by line: %#', (text, message) => {
    expect(() => strengths(text)).toThrow(message);
  });

  it('may leave the count out, and hold columns to ignore', () => {
    const ranking = strengths('id,winner,loser\n1,a,b\n2,b,a\n3,a,b\n', ['id']);
    expect(ranking.comparisons).toBe(3);
    expect(byModel(ranking).get('a')?.strength).toBeCloseTo(Math.SQRT2, 12);
  });
});
