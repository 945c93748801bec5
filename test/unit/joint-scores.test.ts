/** Mean win rates and Bradley-Terry strengths of runs: what they agree with, what refuses them, and what failed samples may not decide. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAILED, type MetricColumn, SUCCEEDED } from '../../lib/core/columns.ts';
import type { ScoreRule } from '../../lib/core/composite.ts';
import { createRandomStream } from '../../lib/core/measures/random.ts';
import { battleTable } from '../../lib/core/rank/battle-table.ts';
import { winRateTable } from '../../lib/core/rank/win-rate-table.ts';
import { type RunJob, scoreRun } from '../../lib/core/score-run.ts';
import { columnsOf, meanColumn, runJob, suiteOf } from '../fixtures/scoring/columns.ts';
import { describePublished } from './published-data.ts';

const optionsOf = (score: ScoreRule) => ({ confidence: 0.95, score, contended: false });
const winRate = (...metrics: string[]): ScoreRule => ({ kind: 'mean-win-rate', metrics });
const BATTLES: ScoreRule = { kind: 'bradley-terry', metric: 's.a' };

/** Values around a centre; the draws differ by seed. */
function around(centre: number, items: number, seed: string, spread = 0.2): number[] {
  const draws = new Uint32Array(items);
  createRandomStream(`joint/${seed}`).fill(draws);
  return Array.from(draws, (draw) => centre + spread * (draw / 2 ** 32 - 0.5));
}

const constant = (value: number, items: number) => new Array<number>(items).fill(value);
const jobOf = (jobId: string, metrics: MetricColumn[], changes: Partial<RunJob> = {}) => runJob(columnsOf(jobId, metrics), changes);
const totalsOf = (jobs: RunJob[], items: number, rule: ScoreRule) =>
  new Map(scoreRun(jobs, suiteOf(items), optionsOf(rule)).jobs.map(({ jobId, total }) => [jobId, total]));

describePublished('helm-win-rate.json', (text) => {
  const { cases } = JSON.parse(text);

  it.each<{ name: string; table: number[][]; lower_is_better: boolean[]; expected: number[] }>(cases)('gives $name', (known) => {
    const jobs = known.table.map((row, at) =>
      jobOf(
        `j${at}`,
        row.map((value, column) => {
          const direction = known.lower_is_better[column] === true ? 'lower' : 'higher';
          return meanColumn(`s.c${column}`, constant(value, 12), { direction, range: [0, 5] });
        }),
      ),
    );

    const totals = totalsOf(jobs, 12, winRate(...known.lower_is_better.map((_, column) => `s.c${column}`)));

    expect(known.table.map((_, at) => totals.get(`j${at}`)?.value)).toEqual(known.expected.map((value) => expect.closeTo(value, 12)));
  });
});

describePublished('bradley-terry.json', (text) => {
  const [wikipedia] = JSON.parse(text).cases;

  it('gives the strengths of the worked example', () => {
    const wins: [string, string, number][] = wikipedia.wins;
    const rows = wins.flatMap(([winner, loser, count]) => Array.from({ length: count }, () => [winner, loser]));
    const jobs = ['A', 'B', 'C', 'D'].map((model) =>
      jobOf(model, [
        meanColumn(
          's.a',
          rows.map(([winner, loser]) => (model === winner ? 1 : model === loser ? 0 : null)),
        ),
      ]),
    );

    const { ranking } = scoreRun(jobs, suiteOf(rows.length), optionsOf(BATTLES));

    for (const [model, elo] of Object.entries<number>(wikipedia.elo_1000_400_computed)) {
      expect(ranking.entries.find(({ jobId }) => jobId === model)?.value?.toFixed(3)).toBe(elo.toFixed(3));
      const strength = ranking.composite?.jobs.find(({ jobId }) => jobId === model)?.figures.strength;
      expect(Math.abs((strength ?? 0) - wikipedia.strength_geomean1[model])).toBeLessThan(1e-3);
    }
  });
});

describe('mean win rates', () => {
  const items = 40;
  const jobs = ['p', 'q', 'r', 's'].map((jobId, at) =>
    jobOf(jobId, [
      meanColumn('s.a', around(0.3 + 0.05 * at, items, `a${at}`)),
      meanColumn('s.b', around(0.6 - 0.02 * at, items, `b${at}`), { direction: 'lower' }),
      meanColumn('s.c', around(0.5, items, `c${at}`)),
    ]),
  );
  const rule = winRate('s.a', 's.b', 's.c');

  it("are those of `bakeoff rank` on the table of the run's own metrics", () => {
    const { jobs: scored } = scoreRun(jobs, suiteOf(items), optionsOf(rule));
    const table = winRateTable({ lower: ['s.b'], ignore: [] });
    const lines = scored.map(({ jobId, metrics }) => [jobId, ...metrics.map(({ value }) => String(value))].join(','));
    table.write(`model,s.a,s.b,s.c\n${lines.join('\n')}\n`);
    const ranking = table.end();

    for (let place = 0; place < ranking.count; place++) {
      const { model, winRate: rate } = ranking.row(place);
      expect(scored.find(({ jobId }) => jobId === model)?.total?.value).toBeCloseTo(rate ?? Number.NaN, 14);
    }
  });

  it('carry intervals within 0 to 1, and their method', () => {
    for (const total of totalsOf(jobs, items, rule).values()) {
      expect(total).toMatchObject({ aggregation: 'mean-win-rate', n: items, clusters: items, info: { unit: 'fraction', range: [0, 1] } });
      if (total?.interval === null || total === null || total === undefined) continue;
      expect(total.interval.method).toBe('percentile-bootstrap');
      expect(total.interval.low).toBeGreaterThanOrEqual(0);
      expect(total.interval.high).toBeLessThanOrEqual(1);
    }
  });

  it('do not depend on the order of jobs, and sum up to half of their number', () => {
    const forwards = totalsOf(jobs, items, rule);
    const backwards = totalsOf(jobs.toReversed(), items, rule);

    let sum = 0;
    for (const [jobId, total] of forwards) {
      expect(backwards.get(jobId)?.value).toBeCloseTo(total?.value ?? Number.NaN, 14);
      expect(backwards.get(jobId)?.interval?.low).toBeCloseTo(total?.interval?.low ?? Number.NaN, 14);
      sum += total?.value ?? Number.NaN;
    }
    expect(sum).toBeCloseTo(jobs.length / 2, 12);
  });

  it('are half each where all is tied, even where sums round differently', () => {
    const values = around(0.5, items, 'tied');
    const tied = [jobOf('x', [meanColumn('s.a', values)]), jobOf('y', [meanColumn('s.a', values.toReversed())])];

    const totals = totalsOf(tied, items, winRate('s.a'));

    expect([totals.get('x')?.value, totals.get('y')?.value]).toEqual([0.5, 0.5]);
  });

  it('leave references out of the company', () => {
    const oracle = jobOf(
      'oracle',
      [1, 0, 1].map((value, at) => meanColumn(`s.${'abc'[at]}`, constant(value, items))),
      { reference: true },
    );

    const totals = totalsOf([...jobs, oracle], items, rule);

    expect(totals.get('oracle')).toMatchObject({ value: null, reason: 'a reference takes no part in it' });
    expect(totals.get('q')?.value).toBe(totalsOf(jobs, items, rule).get('q')?.value);
  });

  it('refuse a job that lacks a metric, and do not count it as company', () => {
    const lacking = jobOf('t', [meanColumn('s.a', constant(1, items)), meanColumn('s.b', new Array<null>(items).fill(null))]);

    const totals = totalsOf([...jobs, lacking], items, rule);

    expect(totals.get('t')).toMatchObject({ value: null, reason: 's.b has no value', interval: null });
    expect(totals.get('p')?.value).toBe(totalsOf(jobs, items, rule).get('p')?.value);
  });

  it('are no numbers of one job alone', () => {
    expect(totalsOf(jobs.slice(0, 1), items, rule).get('p')).toMatchObject({
      value: null,
      reason: expect.stringContaining('two ranked jobs'),
    });
  });

  it('separate a job that wins everything, without an interval of zero width', () => {
    const [worse, better] = [
      jobOf('w', [meanColumn('s.a', around(0.2, items, 'w'))]),
      jobOf('b', [meanColumn('s.a', around(0.8, items, 'b'))]),
    ];

    const { ranking } = scoreRun([worse, better], suiteOf(items), optionsOf(winRate('s.a')));

    expect(ranking.entries[0]).toMatchObject({ jobId: 'b', value: 1, rankRange: [1, 1], interval: null });
    expect(ranking.comparisons[0]).toMatchObject({ verdict: 'b', difference: -1, interval: null, commonItems: items, leftOut: 0 });
  });

  it('separate nothing under ten items', () => {
    const few = [0.2, 0.8].map((centre, at) => jobOf(`j${at}`, [meanColumn('s.a', around(centre, 9, `few${at}`))]));

    const { ranking } = scoreRun(few, suiteOf(9), optionsOf(winRate('s.a')));

    expect(ranking.comparisons[0]).toMatchObject({ verdict: 'not separable', reason: 'no interval: fewer than 10 items (9)' });
    expect(ranking.entries[0]).toMatchObject({ value: 1, interval: null, rankRange: [1, 2] });
  });
});

describe('a joint place', () => {
  /** The first `failed` samples failed; the range has no end below, so that the worst is infinitely bad. */
  const failing = (jobId: string, centre: number, failed: number, range: [number | null, number | null]): RunJob => {
    const values = around(centre, 40, jobId).map((value, item) => (item < failed ? null : value));
    const state = Uint8Array.from({ length: 40 }, (_, item) => (item < failed ? FAILED : SUCCEEDED));
    return runJob(columnsOf(jobId, [meanColumn('s.a', values, { range })], { state }));
  };

  it.each([
    ['win rates', winRate('s.a')],
    ['battles', BATTLES],
  ] as const)('by %s must survive the failed samples at their worst', (_, rule) => {
    const verdict = (failed: number, range: [number | null, number | null]) =>
      scoreRun([failing('x', 0.56, failed, range), failing('y', 0.5, 0, range)], suiteOf(40), optionsOf(rule)).ranking.comparisons[0];

    expect(verdict(0, [0, 1])).toMatchObject({ verdict: 'a' });
    expect(verdict(10, [0, 1])).toMatchObject({ verdict: 'not separable', reason: 'samples without a value could turn it' });
    expect(verdict(10, [null, 1])).toMatchObject({ verdict: 'not separable' });
  });

  it('by win rates survives a few failures that could not turn it', () => {
    const run = [failing('x', 0.9, 2, [0, 1]), failing('y', 0.2, 2, [0, 1])];

    expect(scoreRun(run, suiteOf(40), optionsOf(winRate('s.a'))).ranking.comparisons[0]).toMatchObject({ verdict: 'a', leftOut: 2 });
  });
});

/** Battles with upsets: job k wins the more, the higher k is. */
function contest(jobs: number, items: number, seed = 'contest', step = 0.05): RunJob[] {
  return Array.from({ length: jobs }, (_, at) => jobOf(`j${at}`, [meanColumn('s.a', around(0.5 + step * at, items, `${seed}${at}`, 1))]));
}

describe('strengths from battles', () => {
  it('are those of `bakeoff rank` on the same battles', () => {
    const jobs = contest(5, 60);
    const valuesOf = (job: RunJob) => {
      const [column] = job.columns.metrics;
      return column?.kind === 'mean' ? column.values : new Float64Array();
    };
    const table = battleTable({ ignore: [] });
    const lines = jobs.flatMap((a, i) =>
      jobs.slice(0, i).flatMap((b) =>
        Array.from(valuesOf(a), (value, slot) => {
          const other = valuesOf(b)[slot] ?? 0;
          return value > other ? `${a.columns.jobId},${b.columns.jobId}` : `${b.columns.jobId},${a.columns.jobId}`;
        }),
      ),
    );
    table.write(`winner,loser\n${lines.join('\n')}\n`);

    const totals = totalsOf(jobs, 60, BATTLES);

    for (const { model, elo } of table.end().models) expect(totals.get(model)?.value).toBeCloseTo(elo, 8);
  });

  it('have the mean 1000, intervals by draws, and the direction of the metric', () => {
    const totals = [...totalsOf(contest(4, 80), 80, BATTLES).values()];

    expect(totals.reduce((sum, total) => sum + (total?.value ?? Number.NaN), 0) / 4).toBeCloseTo(1000, 8);
    for (const total of totals) {
      expect(total).toMatchObject({ aggregation: 'bradley-terry', n: 80, info: { unit: 'Elo', direction: 'higher', range: [null, null] } });
      expect(total?.interval).toMatchObject({ method: 'percentile-bootstrap' });
    }
    const lower = contest(4, 80).map((job) =>
      jobOf(
        job.columns.jobId,
        job.columns.metrics.map((column) => ({ ...column, info: { ...column.info, direction: 'lower' } })),
      ),
    );
    expect(totalsOf(lower, 80, BATTLES).get('j0')?.value).toBeCloseTo(2000 - (totals[0]?.value ?? 0), 6);
  });

  it('keep the order of wins where everyone met everyone equally often', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12, maxLength: 12 }), { minLength: 3, maxLength: 5 }),
        (table) => {
          const jobs = table.map((values, at) => jobOf(`j${at}`, [meanColumn('s.a', values, { range: [0, 3] })]));
          const { ranking } = scoreRun(jobs, suiteOf(12), optionsOf(BATTLES));
          const won = new Map(ranking.composite?.jobs.map(({ jobId, figures }) => [jobId, figures.won ?? null]));
          const ranked = ranking.entries.filter(({ value }) => value !== null);
          for (const [place, entry] of ranked.slice(1).entries()) {
            expect(won.get(entry.jobId)).toBeLessThanOrEqual(won.get(ranked[place]?.jobId ?? '') ?? Number.NaN);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('are refused to all where one job never lost, with the reason', () => {
    const jobs = [...contest(3, 30), jobOf('king', [meanColumn('s.a', constant(2, 30), { range: [0, 3] })])];

    for (const total of totalsOf(jobs, 30, BATTLES).values()) {
      expect(total).toMatchObject({ value: null, reason: 'no finite strengths fit these battles: king never lost', interval: null });
    }
  });

  it('are refused where nothing links two groups', () => {
    const half = (values: number[], first: boolean) => values.map((value, item) => (item < 15 === first ? value : null));
    const jobs = contest(4, 30).map((job, at) =>
      jobOf(job.columns.jobId, [meanColumn('s.a', half(around(0.5, 30, `link${at}`, 1), at < 2))]),
    );

    expect(totalsOf(jobs, 30, BATTLES).get('j0')?.reason).toContain('no comparison links j0, j1 with j2, j3');
  });

  it('are refused for a metric that says nothing of a single sample', () => {
    const numbers = { predictions: Float64Array.from(around(5, 20, 'p')), references: Float64Array.from(around(5, 20, 'q')) };
    const r2: MetricColumn = { ...meanColumn('s.a', []), kind: 'r2', numbers };
    const jobs = ['x', 'y'].map((jobId) => runJob(columnsOf(jobId, [r2], { state: new Uint8Array(20).fill(SUCCEEDED) })));

    expect(totalsOf(jobs, 20, BATTLES).get('x')?.reason).toBe('s.a is made of all samples together and decides no battle');
  });

  it('fall back on the clustered covariance where some draws have no finite strengths, and say so', () => {
    const upsets = Array.from({ length: 40 }, (_, item) => (item < 2 ? 0 : 1));
    const jobs = [jobOf('x', [meanColumn('s.a', upsets)]), jobOf('y', [meanColumn('s.a', constant(0.5, 40))])];

    const { ranking } = scoreRun(jobs, suiteOf(40), optionsOf(BATTLES));

    expect(ranking.entries[0]?.interval?.method).toBe('wald-clustered');
    expect(ranking.comparisons[0]).toMatchObject({ verdict: 'a' });
  });

  it('count ties half to each', () => {
    const jobs = [
      jobOf('x', [meanColumn('s.a', [...constant(1, 10), ...constant(0.5, 20), ...constant(0, 10)])]),
      jobOf('y', [meanColumn('s.a', constant(0.5, 40))]),
    ];

    const { ranking } = scoreRun(jobs, suiteOf(40), optionsOf(BATTLES));

    expect(ranking.entries.map(({ value }) => value)).toEqual([expect.closeTo(1000, 8), expect.closeTo(1000, 8)]);
    expect(ranking.composite?.jobs[0]?.figures).toMatchObject({ won: 20, lost: 20, strength: expect.closeTo(1, 10) });
  });
});
