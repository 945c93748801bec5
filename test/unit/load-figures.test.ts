/** The figures of a load as records and results: every name that a gate may use, null with a reason, none where nothing was asked for. */
import { describe, expect, it } from 'vitest';
import { LOAD_METRICS } from '../../lib/core/gates/load-metrics.ts';
import { loadFigures } from '../../lib/core/latency/load-figures.ts';
import { metricRecordsOf } from '../../lib/core/metric-records.ts';
import { resultRecords } from '../../lib/core/result-records.ts';
import type { SampleRow } from '../../lib/core/sample.ts';
import { metricFacts } from '../../lib/api/metric-facts.ts';
import { closedJob, openFailure, openJob, openRow, POISSON, scoresOf, streamAt } from '../fixtures/scoring/load-rows.ts';
import { succeededRow } from '../fixtures/scoring/stored-run.ts';

const SAMPLES = 12;
const job = openJob(SAMPLES, { load: { ...POISSON, arrivals: SAMPLES, stream: true }, slo: { latencyMs: 50 } });
const rows: SampleRow[] = Array.from({ length: SAMPLES }, (_, index) =>
  openRow(index, { dueMs: 100 * index, doneMs: 100 * index + 40 }, { stream: streamAt([100 * index + 10, 100 * index + 40], 7) }),
);
const results = (scores: ReturnType<typeof scoresOf>) =>
  resultRecords({ suite: { id: 's', digest: '0'.repeat(64) }, finishedAtMs: 1, jobs: [job], scores: [scores] });

describe('the figures of a load', () => {
  it('are all that a gate may name where the load asks for everything', () => {
    expect(new Set(loadFigures(scoresOf(job, rows)).map(({ name }) => name))).toEqual(new Set(LOAD_METRICS.keys()));
  });

  it('are latencies and throughput where it asks for no more', () => {
    const plain = scoresOf(closedJob(1), [succeededRow({ itemId: 'item-0', ordinal: 0 }, {})]);

    expect(new Set(loadFigures(plain).map(({ name }) => name.split('.')[0]))).toEqual(new Set(['latency', 'throughput']));
    expect(loadFigures(plain).find(({ name }) => name === 'throughput.samples')).toMatchObject({ value: 100, n: 1 });
    expect(loadFigures({ latency: null, succeeded: 0 })).toEqual([]);
  });

  it('are records with their unit, or null with the reason', () => {
    const records = new Map(metricRecordsOf('r', scoresOf(job, rows)).map((record) => [record.name, record]));

    expect(records.get('ttft.p50.certified')).toEqual({
      runId: 'r',
      jobId: 'j',
      name: 'ttft.p50.certified',
      unit: 'ms',
      value: 10,
      reason: null,
      n: 12,
    });
    expect(records.get('ttft.p90.certified')).toMatchObject({ value: null, reason: 'needs 64 samples, has 12' });
    expect(records.get('gap.p50.empirical')).toMatchObject({ unit: 'ms', value: 30, n: 12 });
    expect(records.has('gap.p50.certified')).toBe(false);
    expect(records.get('goodput.share')).toMatchObject({ unit: 'fraction', value: 1, n: 12 });
    // 84 tokens from 0 to 1,140 ms.
    expect(records.get('throughput.tokens')).toMatchObject({ unit: 'tokens/s', value: 84_000 / 1140, n: 84 });
    for (const { value, reason } of records.values()) expect(value === null).toBe(reason !== null);
    for (const { value, reason } of metricRecordsOf('r', scoresOf(job, rows.slice(1)))) expect(value === null).toBe(reason !== null);
  });

  it('are results with a direction and an interval where they have a value, and none of a contended job', () => {
    const failing = [...rows.slice(1), openFailure(0, { dueMs: 0, doneMs: 5 })];
    const byName = new Map(results(scoresOf(job, failing)).map((record) => [record.metric, record]));

    expect(byName.get('goodput.share')).toMatchObject({
      direction: 'higher',
      value: 11 / 12,
      interval: [expect.any(Number), expect.any(Number)],
    });
    expect(byName.get('ttft.p50.empirical')).toMatchObject({
      direction: 'lower',
      value: 10,
      interval: null,
      metricVersion: expect.stringMatching(/^1\.0\.0\/poisson-[\d.]+-[0-9a-f]{8}$/),
    });
    expect(byName.has('latency.p99.9.empirical')).toBe(false);
    expect(results(scoresOf(job, rows, true)).filter(({ metric }) => LOAD_METRICS.has(metric))).toEqual([]);
    // Nor of one that was stopped: what took longest is not in it.
    expect(results(scoresOf(job, rows.slice(1))).filter(({ metric }) => LOAD_METRICS.has(metric))).toEqual([]);
  });

  it('can be asked of a leaderboard by name', () => {
    const registry = { models: new Map(), evaluators: new Map(), suites: new Map(), faults: [] };

    expect(metricFacts('ttft.p50.empirical', registry)).toEqual({ version: '1.0.0/closed-1', direction: 'lower' });
    expect(metricFacts('throughput.tokens', registry)).toMatchObject({ direction: 'higher' });
    expect(metricFacts('gap.p50.certified', registry)).toBeNull();
  });
});
