/** Paired comparisons: verdicts, what failed samples do to them, and that they do not depend on who is named first. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetricColumn } from '../../lib/core/columns.ts';
import { compareJobs, compareLatencies, compareLatency } from '../../lib/core/compare-jobs.ts';
import { infoOf, meanColumn, suiteOf } from '../fixtures/scoring/columns.ts';

const N = 40;
const suite = suiteOf(N);
const wave = (from: number, to: number) => Array.from({ length: N }, (_, index) => from + ((to - from) * ((index * 7) % N)) / N);
const compare = (a: MetricColumn, b: MetricColumn, confidence = 0.95) =>
  compareJobs({ jobId: 'A', column: a }, { jobId: 'B', column: b }, suite, confidence);
const score = (values: readonly (number | null)[]) => meanColumn('s.score', values);
const errorRate = (errors: readonly (number | null)[]): MetricColumn => ({
  name: 'text.cer',
  info: infoOf('cer', { direction: 'lower', range: [0, null] }),
  kind: 'corpus-ratio',
  numerators: Float32Array.from(errors, (value) => value ?? Number.NaN),
  denominators: new Float32Array(errors.length).fill(20),
});

describe('a paired comparison', () => {
  it('finds a small difference that every item shares, which unpaired intervals would hide', () => {
    const base = wave(0.1, 0.9);
    const better = base.map((value, index) => value + 0.01 + 0.004 * (index % 3));

    expect(compare(score(better), score(base))).toMatchObject({ verdict: 'a', commonItems: N, leftOut: 0, reason: null });
  });

  it('does not separate jobs whose difference spans 0', () => {
    const a = wave(0.1, 0.9);
    const b = a.map((value, index) => value + (index % 2 === 0 ? 0.05 : -0.05));

    expect(compare(score(a), score(b))).toMatchObject({ verdict: 'not separable', reason: 'the interval of the difference spans 0' });
  });

  it('does not separate equal jobs', () => {
    expect(compare(score(wave(0, 1)), score(wave(0, 1)))).toMatchObject({ difference: 0, interval: null, verdict: 'not separable' });
  });

  it('knows that lower may be better', () => {
    const few = Array.from({ length: N }, (_, index) => index % 3);
    const many = few.map((value, index) => value + 2 + (index % 2));

    expect(compare(errorRate(few), errorRate(many)).verdict).toBe('a');
    expect(compare(errorRate(many), errorRate(few)).verdict).toBe('b');
  });

  it('separates all right from all wrong, where a bootstrap has no spread', () => {
    const comparison = compare(score(new Array<number>(N).fill(1)), score(new Array<number>(N).fill(0)));

    expect(comparison).toMatchObject({ difference: 1, verdict: 'a', interval: { method: 'newcombe-wilson', high: 1 } });
    expect(comparison.interval!.low).toBeLessThan(1);
  });

  it('separates jobs that differ by the same amount in every item, by the sign test, without an interval', () => {
    const a = wave(0.2, 0.6);
    const b = a.map((value) => value - 0.125);

    expect(compare(score(a), score(b))).toMatchObject({ verdict: 'a', interval: null });
  });

  it('is not possible without common samples', () => {
    const [first, second] = [wave(0, 1).map((v, i) => (i < 20 ? v : null)), wave(0, 1).map((v, i) => (i < 20 ? null : v))];

    expect(compare(score(first), score(second))).toMatchObject({ verdict: 'not comparable', difference: null, commonItems: 0, leftOut: N });
  });

  it('is not possible where the metric has no value on the common samples, and says that', () => {
    const correlated = (answers: readonly number[]): MetricColumn => ({
      name: 'numbers.spearman',
      info: infoOf('spearman', { direction: 'higher', range: [-1, 1] }),
      kind: 'spearman',
      ranked: { predictions: Float64Array.from(answers), references: Float64Array.from(wave(0, 1)) },
      absence: () => 'all answers, or all references, are equal',
    });

    expect(compare(correlated(wave(0, 1)), correlated(new Array<number>(N).fill(0.5)))).toMatchObject({
      verdict: 'not comparable',
      reason: 'no value on the samples in common: all answers, or all references, are equal',
    });
  });

  it('mirrors when the jobs are swapped', () => {
    const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: N, maxLength: N });
    const swapped = { a: 'b', b: 'a', 'not separable': 'not separable', 'not comparable': 'not comparable' } as const;
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [forth, back] = [compare(score(a), score(b)), compare(score(b), score(a))];
        expect(back.verdict).toBe(swapped[forth.verdict]);
        if (forth.interval !== null) expect(back.interval!.low).toBeCloseTo(-forth.interval.high, 9);
      }),
      { numRuns: 25 },
    );
  });
});

describe('failed samples', () => {
  const good = wave(0.7, 0.9);
  const poor = wave(0.2, 0.4);
  const failing = (values: readonly number[], count: number) => values.map((value, index) => (index < count ? null : value));

  it('do not cost a place that survives the worst and the best of the range', () => {
    expect(compare(score(failing(good, 2)), score(failing(poor, 2)))).toMatchObject({ verdict: 'a', leftOut: 2 });
  });

  it('cost the place of a winner that might have done worse than the loser', () => {
    expect(compare(score(failing(good, 28)), score(poor))).toMatchObject({
      verdict: 'not separable',
      reason: 'samples without a value could turn it',
    });
  });

  it('cost the verdict over a loser that might have done better', () => {
    expect(compare(score(good), score(failing(poor, 34))).verdict).toBe('not separable');
  });

  it('of the winner make an unbounded metric unprovable', () => {
    const few = Array.from({ length: N }, (_, index) => (index === 0 ? null : index % 3));
    const many = Array.from({ length: N }, (_, index) => 5 + (index % 4));

    expect(compare(errorRate(few), errorRate(many))).toMatchObject({
      verdict: 'not separable',
      reason: expect.stringContaining('no bound'),
    });
  });

  it('of the loser are given an answer without errors', () => {
    const few = Array.from({ length: N }, (_, index) => index % 3);
    const many = Array.from({ length: N }, (_, index) => (index === 0 ? null : 5 + (index % 4)));
    const mostlyAbsent = many.map((value, index) => (index < 36 ? null : value));

    expect(compare(errorRate(few), errorRate(many)).verdict).toBe('a');
    expect(compare(errorRate(few), errorRate(mostlyAbsent)).verdict).toBe('not separable');
  });
});

describe('latency', () => {
  const timed = (jobId: string, latencies: readonly number[]) => ({ jobId, latencyMs: Float64Array.from(latencies) });
  const base = wave(10, 500);

  it('is compared in ratios, paired by sample', () => {
    const slower = base.map((value, index) => value * (1.02 + 0.01 * (index % 3)));

    expect(compareLatency(timed('A', base), timed('B', slower), suite, 0.95)).toBe('a');
    expect(compareLatency(timed('B', slower), timed('A', base), suite, 0.95)).toBe('b');
    const [forth, back] = [
      compareLatencies(timed('A', base), timed('B', slower), suite, 0.95),
      compareLatencies(timed('B', slower), timed('A', base), suite, 0.95),
    ];
    expect(forth.ratio).toBeLessThan(1);
    expect((forth.ratio ?? 0) * (back.ratio ?? 0)).toBeCloseTo(1, 10);
  });

  it('leaves failed and retried samples out', () => {
    const slower = base.map((value, index) => (index === 0 ? Infinity : index === 1 ? Number.NaN : value * (1.5 + 0.01 * (index % 3))));

    expect(compareLatency(timed('A', base), timed('B', slower), suite, 0.95)).toBe('a');
  });

  it('is no better for a job that failed where the other one answered', () => {
    const slower = base.map((value, index) => value * (1.5 + 0.01 * (index % 3)));
    const failing = (values: readonly number[], at: number) => values.map((value, index) => (index === at ? Infinity : value));
    const verdict = (a: readonly number[], b: readonly number[]) => compareLatencies(timed('A', a), timed('B', b), suite, 0.95);

    expect(verdict(failing(base, 3), slower)).toMatchObject({
      verdict: 'not separable',
      reason: 'the faster one failed on samples that the other answered',
    });
    expect(verdict(slower, failing(base, 3)).verdict).toBe('not separable');
    expect(verdict(failing(base, 3), failing(slower, 3))).toMatchObject({ verdict: 'a', reason: null });
  });
});
