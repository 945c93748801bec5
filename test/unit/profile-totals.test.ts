/** Published profiles as composites of runs: totals to the last published digit, intervals, gaps and comparisons across dimensions. */
import { describe, expect, it } from 'vitest';
import { FAILED, type MetricColumn, SUCCEEDED } from '../../lib/core/columns.ts';
import type { ScoreRule } from '../../lib/core/composite.ts';
import { createRandomStream } from '../../lib/core/measures/random.ts';
import { dimensionsOf } from '../../lib/core/profiles/profile.ts';
import { findProfile } from '../../lib/core/profiles/profiles.ts';
import { type RunJob, scoreRun } from '../../lib/core/score-run.ts';
import { columnsOf, meanColumn, runJob, suiteOf } from '../fixtures/scoring/columns.ts';
import { describePublished } from './published-data.ts';

type ProfileRule = Extract<ScoreRule, { kind: 'profile' }>;

const metricOf = (dimension: string): string => `v.${dimension.replaceAll(' ', '-')}`;

function ruleOf(profile: ProfileRule['profile']): ProfileRule {
  const names = dimensionsOf(findProfile(profile));
  return { kind: 'profile', profile, dimensions: Object.fromEntries(names.map((name) => [name, metricOf(name)])) };
}

const optionsOf = (score: ScoreRule) => ({ confidence: 0.95, score, contended: false });
const WAN = ruleOf('mlperf-wan22');
const WAN_NAMES = dimensionsOf(findProfile('mlperf-wan22'));

describePublished('vbench-t2v-scores.csv', (text) => {
  const [head = '', ...lines] = text.trim().split('\r\n');
  const names = head.split(',').slice(1, 17);
  const rows = lines.map((line) => line.split(','));

  /** Each dimension on ten items of its own, as VBench has prompts of its own; values around the published mean. */
  function jobOf(row: readonly string[], range: [number, number]): RunJob {
    const full = range[1];
    const metrics = names.map((name, at): MetricColumn => {
      const mean = (Number(row[at + 1]) / 100) * full;
      const swing = Math.min(mean, full - mean) / 2;
      const own = (item: number): number => mean + swing * (item % 2 === 0 ? 1 : -1);
      const values = Array.from({ length: 160 }, (_, item) => (Math.floor(item / 10) === at ? own(item) : null));
      return meanColumn(metricOf(name), values, { range });
    });
    return runJob(columnsOf(row[0] ?? '', metrics));
  }

  it.each([
    ['fractions', [0, 1]],
    ['percent', [0, 100]],
  ] as const)('gives the published totals and groups of runs whose metrics are %s', (_, [low, high]) => {
    const { ranking, jobs } = scoreRun(
      rows.map((row) => jobOf(row, [low, high])),
      suiteOf(160),
      optionsOf(ruleOf('vbench-t2v')),
    );

    for (const row of rows) {
      const total = jobs.find(({ jobId }) => jobId === row[0])?.total;
      const figures = ranking.composite?.jobs.find(({ jobId }) => jobId === row[0])?.figures ?? {};
      expect([figures.quality, figures.semantic, total?.value].map((value) => Number(value).toFixed(4))).toEqual(row.slice(17, 20));
      if (row[20] !== '') expect(Number(total?.value).toFixed(2)).toBe(row[20]);
      expect(total).toMatchObject({ aggregation: 'vbench-t2v', n: 160, info: { unit: 'percent', direction: 'higher' } });
    }
    expect(ranking.metric).toBe('score.total');
    expect(ranking.composite).toMatchObject({
      profile: 'vbench-t2v',
      version: '1',
      groups: [
        { name: 'quality', weight: 4 },
        { name: 'semantic', weight: 1 },
      ],
    });
    expect(ranking.composite?.inputs).toHaveLength(16);
    expect(ranking.composite?.inputs[0]).toMatchObject({
      dimension: 'subject_consistency',
      min: 0.1462 * high,
      max: high,
      group: 'quality',
    });
  });
});

/** Six dimensions over `items`, of job `seed`, around `centre`. */
function wanColumns(
  centre: number,
  items: number,
  seed = 'a',
  hole: (dimension: number, item: number) => boolean = () => false,
): MetricColumn[] {
  const draws = new Uint32Array(items * WAN_NAMES.length);
  createRandomStream(`test/${seed}`).fill(draws);
  return WAN_NAMES.map((name, at) => {
    const valueAt = (item: number): number => centre + 0.2 * ((draws[at * items + item] ?? 0) / 2 ** 32 - 0.5);
    return meanColumn(
      metricOf(name),
      Array.from({ length: items }, (_, item) => (hole(at, item) ? null : valueAt(item))),
    );
  });
}

describe('the total of a profile', () => {
  const of = (metrics: MetricColumn[], items: number) =>
    scoreRun([runJob(columnsOf('j', metrics))], suiteOf(items), optionsOf(WAN)).jobs[0]?.total;

  it('is the profile of the means, with a bootstrap interval around it', () => {
    const metrics = wanColumns(0.6, 40);

    const total = of(metrics, 40);

    const means = metrics.map((column) =>
      column.kind === 'mean' ? column.values.reduce((sum, value) => sum + value, 0) / 40 : Number.NaN,
    );
    expect(total?.value).toBeCloseTo((100 * means.reduce((sum, value) => sum + value, 0)) / 6, 10);
    expect(total?.interval).toMatchObject({ method: 'bca-bootstrap' });
    expect(total?.interval?.low).toBeLessThan(total?.value ?? 0);
    expect(total?.interval?.high).toBeGreaterThan(total?.value ?? 0);
  });

  it.each([
    ['was not measured', (metrics: MetricColumn[]) => metrics.slice(0, 5), 'missing: scene; v.scene was not measured'],
    [
      'has no value',
      (metrics: MetricColumn[]) => metrics.with(5, meanColumn('v.scene', new Array<null>(40).fill(null))),
      'missing: scene; v.scene has no value',
    ],
    [
      'is a diagnostic',
      (metrics: MetricColumn[]) => metrics.with(5, meanColumn('v.scene', new Array<number>(40).fill(1), { direction: 'none' })),
      'missing: scene; v.scene is a diagnostic without direction',
    ],
    [
      'has too few samples',
      (metrics: MetricColumn[]) => metrics.with(5, meanColumn('v.scene', new Array<number>(40).fill(1), { minN: 50 })),
      'missing: scene; v.scene needs 50 samples, has 40',
    ],
  ])('is refused where a dimension %s', (_, change, reason) => {
    expect(of(change(wanColumns(0.6, 40)), 40)).toMatchObject({ value: null, reason, interval: null, aggregation: 'mlperf-wan22' });
  });

  it('has no interval where one dimension has few items of its own', () => {
    const total = of(
      wanColumns(0.6, 40, 'a', (dimension, item) => dimension === 5 && item > 4),
      40,
    );

    expect(total).toMatchObject({ value: expect.any(Number), interval: null, intervalReason: 'fewer than 10 items (5) of scene' });
  });

  it('has the range of the profile, which normalisation may take beyond 0 to 100', () => {
    const info = scoreRun([runJob(columnsOf('j', []))], suiteOf(1), optionsOf(ruleOf('vbench-t2v'))).jobs[0]?.total?.info;

    expect(info?.range[0]).toBeLessThan(-30);
    expect(info?.range[1]).toBeGreaterThan(100);
    expect(of(wanColumns(0.5, 20), 20)?.info.range).toEqual([0, 100]);
  });
});

describe('two totals of a profile', () => {
  const compared = (a: RunJob, b: RunJob, items: number) => scoreRun([a, b], suiteOf(items), optionsOf(WAN)).ranking.comparisons[0];
  /** Dimension d on items 20 d to 20 d + 19. */
  const apart = (dimension: number, item: number): boolean => Math.floor(item / 20) !== dimension;

  it('are paired dimension by dimension, each on its own items, and such items are no gaps', () => {
    const a = runJob(columnsOf('a', wanColumns(0.7, 120, 'a', apart)));
    const b = runJob(columnsOf('b', wanColumns(0.5, 120, 'b', apart)));

    expect(compared(a, b, 120)).toMatchObject({ verdict: 'a', commonItems: 120, leftOut: 0, reason: null });
  });

  it('are compared on common samples alone', () => {
    const lacking = (dimension: number, item: number) => apart(dimension, item) || item % 20 === 0;
    const a = columnsOf('a', wanColumns(0.7, 120, 'a', lacking));
    const b = columnsOf('b', wanColumns(0.5, 120, 'b', apart));

    expect(compared(runJob(a), runJob(b), 120)).toMatchObject({ commonItems: 114, leftOut: 6 });
  });

  it('are not separable where failed samples at their worst and best could turn it', () => {
    const failing = (share: number) => (_: number, item: number) => item % 10 < share;
    const state = (share: number) => Uint8Array.from({ length: 60 }, (_, item) => (item % 10 < share ? FAILED : SUCCEEDED));
    const jobOf = (share: number) => runJob(columnsOf('a', wanColumns(0.7, 60, 'a', failing(share)), { state: state(share) }));
    const b = runJob(columnsOf('b', wanColumns(0.5, 60, 'b')));

    expect(compared(jobOf(1), b, 60)?.verdict).toBe('a');
    expect(compared(jobOf(5), b, 60)).toMatchObject({ verdict: 'not separable', reason: 'samples without a value could turn it' });
  });

  it('are not compared where a dimension has no samples in common', () => {
    const a = runJob(
      columnsOf(
        'a',
        wanColumns(0.7, 40, 'a', (dimension, item) => dimension === 0 && item < 20),
      ),
    );
    const b = runJob(
      columnsOf(
        'b',
        wanColumns(0.5, 40, 'b', (dimension, item) => dimension === 0 && item >= 20),
      ),
    );

    expect(compared(a, b, 40)).toMatchObject({ verdict: 'not comparable', reason: expect.stringContaining('in some dimension') });
  });

  it('come out the same in any order of jobs', () => {
    const jobs = ['x', 'y', 'z'].map((jobId, at) => runJob(columnsOf(jobId, wanColumns(0.4 + 0.02 * at, 30, jobId))));
    const entriesOf = (order: RunJob[]) =>
      scoreRun(order, suiteOf(30), optionsOf(WAN)).ranking.entries.map(({ notSeparableFrom: _, ...entry }) => entry);

    expect(entriesOf(jobs.toReversed())).toEqual(entriesOf(jobs));
  });
});

describe('what dimensions are measured on', () => {
  it('counts items that nobody answered for every dimension: they could have had all', () => {
    const none = (_: number, item: number) => item < 30;
    const state = Uint8Array.from({ length: 60 }, (_, item) => (item < 30 ? FAILED : SUCCEEDED));
    const jobs = ['a', 'b'].map((jobId, at) => runJob(columnsOf(jobId, wanColumns(0.7 - 0.2 * at, 60, jobId, none), { state })));

    expect(scoreRun(jobs, suiteOf(60), optionsOf(WAN)).ranking.comparisons[0]).toMatchObject({ verdict: 'not separable' });
  });
});
