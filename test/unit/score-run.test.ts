/** Totals, rankings with their ranges, and the Pareto front. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAILED, type MetricColumn, SUCCEEDED, UNPARSED } from '../../lib/core/columns.ts';
import type { ScoreRule } from '../../lib/core/composite.ts';
import { scoreJob } from '../../lib/core/score-job.ts';
import { type RunJob, scoreRun } from '../../lib/core/score-run.ts';
import { columnsOf, infoOf, meanColumn, runJob, suiteOf } from '../fixtures/scoring/columns.ts';

const N = 40;
const suite = suiteOf(N);
const byScore: ScoreRule = { kind: 'rankBy', metric: 's.score' };
const optionsOf = (score: ScoreRule | null = byScore) => ({ confidence: 0.95, score, contended: false });
/** Values around a centre, each item at its own height. */
const around = (centre: number, tilt = 0) => Array.from({ length: N }, (_, i) => centre + 0.1 * (((i * 7) % N) / N) + tilt * ((i * 3) % 5));
const jobAt = (jobId: string, centre: number, changes: Partial<RunJob> = {}, latencyMs?: Float64Array): RunJob =>
  runJob(columnsOf(jobId, [meanColumn('s.score', around(centre))], latencyMs === undefined ? {} : { latencyMs }), changes);
const latencies = (scale: number) => Float64Array.from({ length: N }, (_, i) => scale * (10 + (i % 7)));

describe('the total', () => {
  const weighted = (weights: Record<string, number>): ScoreRule => ({ kind: 'weighted', weights });
  const totalOf = (metrics: MetricColumn[], weights: Record<string, number>) =>
    scoreJob(columnsOf('j', metrics), suite, { mode: 'closed', concurrency: 1, warmup: 0 }, optionsOf(weighted(weights))).total;

  it('is the weighted mean of metrics scaled by their ranges, times 100', () => {
    const metrics = [
      meanColumn('s.up', new Array<number>(N).fill(0.75)),
      meanColumn('s.down', new Array<number>(N).fill(2), { direction: 'lower', range: [0, 8] }),
    ];

    const total = totalOf(metrics, { 's.up': 3, 's.down': 1 });

    expect(total?.value).toBeCloseTo(100 * (0.75 * 0.75 + 0.25 * 0.75), 12);
  });

  it('counts only samples that have every part', () => {
    const partly = around(0.5).map((value, index) => (index < 5 ? null : value));

    expect(totalOf([meanColumn('s.a', around(0.4)), meanColumn('s.b', partly)], { 's.a': 1, 's.b': 1 })).toMatchObject({
      n: 35,
      planned: N,
    });
  });

  it.each([
    ['a part that was not measured', [meanColumn('s.a', around(0.5))], 's.missing was not measured'],
    ['a part without a bounded range', [meanColumn('s.missing', around(0.5), { range: [0, null] })], 's.missing has no bounded range'],
    ['a diagnostic', [meanColumn('s.missing', around(0.5), { direction: 'none' })], 's.missing is a diagnostic'],
    ['a part without values', [meanColumn('s.missing', new Array<null>(N).fill(null))], 's.missing has no value'],
    ['a part of too few samples', [meanColumn('s.missing', around(0.5), { minN: N + 1 })], `s.missing needs ${N + 1} samples, has ${N}`],
  ])('is refused for %s', (_, metrics, reason) => {
    expect(totalOf(metrics, { 's.missing': 1 })).toMatchObject({ value: null, reason: expect.stringContaining(reason), interval: null });
  });

  it('lies between 0 and 100, and grows with a part', () => {
    const value = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(value, value, fc.integer({ min: 1, max: 9 }), (a, b, weight) => {
        const of = (x: number) =>
          totalOf([meanColumn('s.a', new Array<number>(N).fill(x)), meanColumn('s.b', around(0.2))], { 's.a': weight, 's.b': 1 })!.value!;
        expect(of(a)).toBeGreaterThanOrEqual(0);
        expect(of(a)).toBeLessThanOrEqual(100 + 1e-9);
        if (a < b) expect(of(a)).toBeLessThanOrEqual(of(b));
      }),
      { numRuns: 50 },
    );
  });
});

describe('the ranking', () => {
  it('gives each job a place and the range of places that the comparisons allow', () => {
    const jobs = [
      jobAt('low', 0.2),
      jobAt('high', 0.7),
      runJob(columnsOf('near', [meanColumn('s.score', around(0.7, 0.002).with(3, 0.1))])),
    ];

    const { ranking } = scoreRun(jobs, suite, optionsOf());

    expect(ranking.entries.map((entry) => [entry.jobId, entry.rank, entry.rankRange, entry.notSeparableFrom])).toEqual([
      ['high', 1, [1, 2], ['near']],
      ['near', 2, [1, 2], ['high']],
      ['low', 3, [3, 3], []],
    ]);
    expect(ranking.correction).toContain('Bonferroni over 3 pairs: each interval at 98.3333 %');
    expect(ranking.comparisons).toHaveLength(3);
  });

  it('shows references and never ranks or compares them', () => {
    const { ranking, pareto } = scoreRun([jobAt('model', 0.5), jobAt('oracle', 0.9, { reference: true })], suite, optionsOf());

    expect(ranking.entries[0]).toMatchObject({ jobId: 'oracle', reference: true, rank: null, rankRange: null });
    expect(ranking.entries[1]).toMatchObject({ jobId: 'model', rank: 1, rankRange: [1, 1] });
    expect(ranking.comparisons).toEqual([]);
    expect(pareto.points.map((point) => [point.jobId, point.onFront, point.dominatedBy])).toEqual([
      ['model', true, []],
      ['oracle', false, []],
    ]);
  });

  it('puts a job without a value last, with the reason', () => {
    const empty = runJob(
      columnsOf('empty', [meanColumn('s.score', new Array<null>(N).fill(null))], { state: new Uint8Array(N), spans: [] }),
    );

    const { ranking, pareto } = scoreRun([empty, jobAt('model', 0.5)], suite, optionsOf());

    expect(ranking.entries.map(({ jobId, rank }) => [jobId, rank])).toEqual([
      ['model', 1],
      ['empty', null],
    ]);
    expect(ranking.entries[1]?.reason).toBe('no sample has a finite value');
    expect(pareto.leftOut).toEqual([{ jobId: 'empty', reason: 'no sample was measured' }]);
  });

  it('ranks nothing by a diagnostic, or where nothing has a direction', () => {
    const diagnostic = runJob(columnsOf('j', [meanColumn('s.score', around(0.5), { direction: 'none' })]));

    for (const rule of [byScore, null]) {
      expect(scoreRun([diagnostic], suite, optionsOf(rule)).ranking.entries[0]).toMatchObject({ value: null, rank: null });
    }
  });

  it('does not depend on the order of the jobs', () => {
    const jobs = [jobAt('a', 0.2), jobAt('b', 0.5), jobAt('c', 0.51), jobAt('d', 0.8)];
    const expected = scoreRun(jobs, suite, optionsOf()).ranking.entries.map(({ notSeparableFrom, ...entry }) => entry);
    fc.assert(
      fc.property(fc.shuffledSubarray(jobs, { minLength: 4 }), (shuffled) => {
        const entries = scoreRun(shuffled, suite, optionsOf()).ranking.entries;
        expect(entries.map(({ notSeparableFrom, ...entry }) => entry)).toEqual(expected);
      }),
      { numRuns: 6 },
    );
  });

  it('holds every rank within its range', () => {
    const centre = fc.double({ min: 0, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(fc.array(centre, { minLength: 2, maxLength: 4 }), (centres) => {
        const { entries } = scoreRun(
          centres.map((at, index) => jobAt(`job-${index}`, at)),
          suite,
          optionsOf(),
        ).ranking;
        for (const { rank, rankRange } of entries) {
          expect(rankRange![0]).toBeLessThanOrEqual(rank!);
          expect(rankRange![1]).toBeGreaterThanOrEqual(rank!);
          expect(rankRange![1]).toBeLessThanOrEqual(entries.length);
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe('the Pareto front', () => {
  const frontOf = (jobs: RunJob[]) =>
    Object.fromEntries(scoreRun(jobs, suite, optionsOf()).pareto.points.map((point) => [point.jobId, point.dominatedBy]));

  it('keeps the fast and the good, and drops what is worse on both axes', () => {
    const noisy = (scale: number) => latencies(scale).map((value, i) => value * (1 + 0.01 * ((i * 5) % 3)));

    const dominatedBy = frontOf(
      [
        jobAt('fast', 0.3, {}, noisy(1)),
        jobAt(
          'good',
          0.8,
          {},
          noisy(4).map((value, i) => value + (i % 2)),
        ),
        jobAt(
          'bad',
          0.1,
          {},
          noisy(6).map((value, i) => value + (i % 3)),
        ),
      ].map((job, index) => withScores(job, index)),
    );

    expect(dominatedBy).toEqual({ fast: [], good: [], bad: ['fast', 'good'] });
  });

  it('drops the slower of two jobs that are equally good', () => {
    expect(
      frontOf([
        jobAt('quick', 0.5, {}, latencies(1)),
        jobAt(
          'slow',
          0.5,
          {},
          latencies(2).map((value, i) => value + (i % 2)),
        ),
      ]),
    ).toEqual({
      quick: [],
      slow: ['quick'],
    });
  });

  it('drops neither of two jobs that cannot be told apart', () => {
    expect(frontOf([jobAt('one', 0.5, {}, latencies(1)), jobAt('two', 0.5, {}, latencies(1))])).toEqual({ one: [], two: [] });
  });

  it('leaves out contended, offline and censored jobs, with the reason', () => {
    const half = latencies(1).map((value, i) => (i % 2 === 0 ? Infinity : value));
    const offline = jobAt('offline', 0.5, { load: { mode: 'offline', maxInFlight: 4, warmup: 0 } });

    const { leftOut } = scoreRun([jobAt('failing', 0.5, {}, half), offline], suite, optionsOf()).pareto;
    const contended = scoreRun([jobAt('j', 0.5)], suite, { ...optionsOf(), contended: true });

    expect(leftOut).toEqual([
      { jobId: 'failing', reason: 'p50 latency: censored: a failed sample stands there' },
      { jobId: 'offline', reason: 'offline load has no latency percentiles' },
    ]);
    expect(contended.pareto.leftOut[0]?.reason).toContain('contended');
    expect(contended.jobs[0]?.latency?.percentiles[0]).toMatchObject({ empirical: 12, certified: null });
  });
});

describe('the scores of a job', () => {
  const closed = { mode: 'closed', concurrency: 1, warmup: 0 } as const;

  it('count every planned sample once', () => {
    const state = Uint8Array.from({ length: N }, (_, slot) => (slot < 3 ? FAILED : slot < 5 ? 0 : SUCCEEDED));
    const values = around(0.5).map((value, slot) => (slot < 5 ? null : value));

    const scores = scoreJob(columnsOf('j', [meanColumn('s.score', values)], { state }), suite, closed, optionsOf());

    expect(scores).toMatchObject({ planned: N, succeeded: 35, failed: 3, missing: 2 });
    expect(scores.metrics[0]).toMatchObject({ n: 35, clusters: 35, planned: N, aggregation: 'mean' });
  });

  it('count unparsed answers for metrics that read answers, and keep them in the denominator', () => {
    const state = new Uint8Array(N).fill(SUCCEEDED).fill(SUCCEEDED | UNPARSED, 0, 4);
    const exact = around(0).map((_, slot) => (slot < 4 ? 0 : 1));
    const metrics = [meanColumn('text.exact-match', exact), meanColumn('s.score', around(0.5))];

    const scores = scoreJob(columnsOf('j', metrics, { state }), suite, closed, optionsOf());

    expect(scores.metrics[0]).toMatchObject({ value: 0.9, n: N, unparsed: 4 });
    expect(scores.metrics[1]).toMatchObject({ unparsed: 0 });
  });

  it('have no value below the minimum n of the metric', () => {
    const scores = scoreJob(columnsOf('j', [meanColumn('s.score', around(0.5), { minN: 50 })]), suite, closed, optionsOf());

    expect(scores.metrics[0]).toMatchObject({ value: null, reason: 'needs 50 samples, has 40', interval: null });
  });

  it('break down by category, each with its own items', () => {
    const codes = Uint16Array.from({ length: N }, (_, item) => item % 2);
    const parted = { ...suite, categories: [{ attribute: 'side', values: ['left', 'right'], codes }] };
    const values = Array.from({ length: N }, (_, item) => (item % 2 === 0 ? 0.25 : 0.75));

    const { categories } = scoreJob(columnsOf('j', [meanColumn('s.score', values)]), parted, closed, optionsOf());

    expect(categories.side?.left?.[0]).toMatchObject({ value: 0.25, n: 20, planned: 20 });
    expect(categories.side?.right?.[0]).toMatchObject({ value: 0.75, n: 20, intervalReason: 'the items do not vary' });
  });

  it('pool throughput over the active time of all attempts', () => {
    const spans = [
      { attempt: 1, firstSentMs: 0, lastDoneMs: 3000 },
      { attempt: 2, firstSentMs: 500, lastDoneMs: 1500 },
    ];

    const { latency } = scoreJob(columnsOf('j', [meanColumn('s.score', around(0.5))], { spans }), suite, closed, optionsOf());

    expect(latency).toMatchObject({ throughputSamplesPerSecond: 10, attempts: 2 });
  });

  it('have no mean latency where a sample failed, and count it as infinite', () => {
    const { latency } = scoreJob(
      columnsOf('j', [meanColumn('s.score', around(0.5))], { latencyMs: latencies(1).with(0, Infinity).with(1, Number.NaN) }),
      suite,
      closed,
      optionsOf(),
    );

    expect(latency).toMatchObject({ n: 39, failedAsInfinite: 1, mean: null });
    expect(latency?.percentiles.at(-1)).toMatchObject({ p: 0.999, empirical: null, empiricalReason: expect.stringContaining('censored') });
  });

  it('are the same numbers however often they are made', () => {
    const columns = columnsOf('j', [meanColumn('s.score', around(0.5)), { ...meanColumn('s.other', around(0.1)), info: infoOf('other') }]);

    expect(scoreJob(columns, suite, closed, optionsOf())).toEqual(scoreJob(columns, suite, closed, optionsOf()));
  });
});

/** A little noise of its own in every job's scores, so that differences vary over the items. */
function withScores(job: RunJob, seed: number): RunJob {
  const metrics = job.columns.metrics.map((column) =>
    column.kind === 'mean' ? { ...column, values: column.values.map((value, i) => value + 0.01 * ((i * (seed + 3)) % 4)) } : column,
  );
  return { ...job, columns: { ...job.columns, metrics } };
}
