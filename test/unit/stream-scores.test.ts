/** What rows of streams become, and what holds for every figure of a load whatever its rows. Numbers in the examples are made by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SampleRow } from '../../lib/core/sample.ts';
import { closedJob, latencyOf, openFailure, openJob, openRow, POISSON, scoresOf, streamAt } from '../fixtures/scoring/load-rows.ts';
import { succeededRow } from '../fixtures/scoring/stored-run.ts';

describe('streams', () => {
  const job = (samples: number) => openJob(samples, { load: { ...POISSON, arrivals: samples, stream: true } });

  it('have times to the first piece from the scheduled time, gaps of all answers and both rates', () => {
    const rows = [
      openRow(0, { dueMs: 0, sentMs: 1, doneMs: 100 }, { stream: streamAt([40, 60, 100]) }),
      openRow(1, { dueMs: 50, sentMs: 50, doneMs: 250 }, { stream: streamAt([80, 90, 110, 120, 200]) }),
    ];

    const { stream } = latencyOf(job(2), rows);

    expect(stream?.ttft).toMatchObject({ n: 2 });
    expect(stream?.ttft.percentiles[0]).toMatchObject({ empirical: 40, certified: null, certifiedReason: 'needs 11 samples, has 2' });
    // Gaps 10, 10, 20, 20, 40, 80.
    expect(stream?.gaps).toMatchObject({ n: 6, method: 'exact', maxMs: 80, leftOut: 0 });
    expect(stream?.gaps.percentiles[0]).toMatchObject({
      empirical: 20,
      certified: null,
      certifiedReason: 'gaps of one answer depend on each other',
    });
    // Eight tokens in 250 ms; 2 in 60 ms and 4 in 120 ms are the same rate.
    expect(stream).toMatchObject({ tokens: 8, pieces: 8, tokensFrom: 'pieces', tokensPerSecond: 32, notStreamed: 0 });
    expect(stream?.tokensPerSecondOfAnswerMedian).toBeCloseTo(2000 / 60, 9);
  });

  it('name where their tokens come from', () => {
    const told = openRow(0, { dueMs: 0, doneMs: 30 }, { stream: streamAt([10, 20], 12) });
    const counted = openRow(1, { dueMs: 50, doneMs: 90 }, { stream: streamAt([60, 80]) });

    // Of twelve tokens in two pieces six came after the first one, within 10 ms.
    const rate = { tokensPerSecondOfAnswerMedian: 600 };
    expect(latencyOf(job(1), [told]).stream).toMatchObject({ tokensFrom: 'server', tokens: 12, pieces: 2, ...rate });
    expect(latencyOf(job(2), [told, counted]).stream).toMatchObject({ tokensFrom: 'mixed', tokens: 14, pieces: 4 });
  });

  it('count an answer in one piece as such: its first text is there with its last', () => {
    const usage = { completionTokens: 7 };
    const whole = openRow(0, { dueMs: 0, doneMs: 30 }, { stream: null, usage });

    expect(latencyOf(job(1), [whole]).stream).toMatchObject({
      ...{ notStreamed: 1, tokens: 7, pieces: 1, tokensFrom: 'server', tokensPerSecondOfAnswerMedian: null },
      ...{ ttft: { n: 1, percentiles: [{ empirical: 30 }, {}, {}, {}, {}] }, gaps: { n: 0, maxMs: null } },
    });
  });

  it('have no rate where an answer came as a whole and nobody told its tokens', () => {
    const whole = openRow(0, { dueMs: 0, doneMs: 30 }, { stream: null });
    const streamed = openRow(1, { dueMs: 50, doneMs: 90 }, { stream: streamAt([60, 80]) });

    expect(latencyOf(job(2), [whole, streamed]).stream).toMatchObject({
      tokens: 2,
      tokensPerSecond: null,
      answersUncounted: 1,
      notStreamed: 1,
    });
    const alone = openRow(0, { dueMs: 50, doneMs: 90 }, { stream: streamAt([60, 80]) });
    expect(latencyOf(job(1), [alone]).stream).toMatchObject({ tokens: 2, tokensPerSecond: 50, answersUncounted: 0 });
  });

  it('say how many gaps the rows no longer have', () => {
    const row = openRow(0, { dueMs: 0, doneMs: 30 }, { stream: { ...streamAt([10, 20]), pieces: 5 } });

    expect(latencyOf(job(1), [row]).stream?.gaps).toMatchObject({ n: 1, leftOut: 3 });
  });

  it('have a failed sample as one whose first piece never came', () => {
    const { stream } = latencyOf(job(2), [
      openRow(0, { dueMs: 0, doneMs: 30 }, { stream: streamAt([10]) }),
      openFailure(1, { dueMs: 5, doneMs: 9 }),
    ]);

    expect(stream?.ttft).toMatchObject({ n: 2 });
    expect(stream?.ttft.percentiles[0]).toMatchObject({ empirical: null, empiricalReason: 'censored: a failed sample stands there' });
  });

  it('count from sending in closed loop, and have no percentile of it in an offline one', () => {
    const rows = [0, 1, 2].map((ordinal) =>
      succeededRow({ itemId: `item-${ordinal}`, ordinal }, {}, 10, { stream: streamAt([20 * ordinal + 3, 20 * ordinal + 10]) }),
    );
    const offline = closedJob(3, {}, { load: { mode: 'offline', maxInFlight: 4, warmup: 0, stream: true } });

    expect(latencyOf(closedJob(3, { stream: true }), rows).stream?.ttft.percentiles[0]).toMatchObject({ empirical: 3 });
    expect(latencyOf(offline, rows).stream).toMatchObject({ ttft: { n: 0, percentiles: [] }, tokensPerSecond: 120 });
  });
});

describe('every figure of a load', () => {
  const SAMPLES = 80;
  const slo = { latencyMs: 60, ttftMs: 20 };
  const job = openJob(SAMPLES + 1, { load: { ...POISSON, arrivals: SAMPLES + 1, stream: true }, slo });
  const closed = closedJob(SAMPLES + 1, { stream: true, rampMs: 10 }, { slo });
  const sample = fc.tuple(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 40 }), fc.boolean(), fc.boolean());
  const rowsOf = (samples: readonly (readonly [number, number, boolean, boolean])[]): SampleRow[] =>
    samples.map(([took, firstMs, isFailed, isRamp], index) => {
      const at = { dueMs: 10 * index, doneMs: 10 * index + took + firstMs, ...(isRamp ? { ramp: true as const } : {}) };
      const stream = streamAt([at.dueMs + firstMs, at.doneMs]);
      return isFailed ? openFailure(index, at, isRamp ? { ramp: true } : {}) : openRow(index, at, { stream });
    });
  const some = fc.array(sample, { minLength: 2, maxLength: SAMPLES });

  it('is the same in whatever order the rows of an attempt come', () => {
    fc.assert(
      fc.property(
        some.chain((samples) =>
          fc.tuple(fc.constant(rowsOf(samples)), fc.shuffledSubarray(rowsOf(samples), { minLength: samples.length })),
        ),
        ([rows, shuffled]) => {
          expect(scoresOf(job, shuffled).latency).toEqual(scoresOf(job, rows).latency);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['open', job],
    ['closed', closed],
  ])('is never better for one more failed sample in %s loop', (_, job) => {
    const noWorse = (before: number | null | undefined, after: number | null | undefined, direction: 1 | -1): void => {
      // A number that is no longer there is no better; one that was not there before must not come.
      if (after == null) return;
      expect(before == null ? Number.NaN : direction * after).toBeGreaterThanOrEqual(
        direction * (before ?? 0) - 1e-9 * Math.abs(before ?? 0),
      );
    };
    fc.assert(
      fc.property(some, fc.integer({ min: 0, max: 3000 }), (samples, dueMs) => {
        const rows = rowsOf(samples.map(([took, firstMs, isFailed]) => [took, firstMs, isFailed, false] as const));
        const before = latencyOf(job, rows);
        const after = latencyOf(job, [...rows, openFailure(SAMPLES, { dueMs, doneMs: dueMs + 40 })]);
        for (const [at, { empirical, certified }] of after.percentiles.entries()) {
          noWorse(before.percentiles[at]?.empirical, empirical, 1);
          noWorse(before.percentiles[at]?.certified, certified, 1);
          noWorse(before.stream?.ttft.percentiles[at]?.empirical, after.stream?.ttft.percentiles[at]?.empirical, 1);
          noWorse(before.stream?.ttft.percentiles[at]?.certified, after.stream?.ttft.percentiles[at]?.certified, 1);
        }
        noWorse(before.mean, after.mean, 1);
        noWorse(before.goodput?.share, after.goodput?.share, -1);
        noWorse(before.throughputSamplesPerSecond, after.throughputSamplesPerSecond, -1);
        noWorse(before.goodput?.perSecond, after.goodput?.perSecond, -1);
        noWorse(before.stream?.tokensPerSecond, after.stream?.tokensPerSecond, -1);
      }),
      { numRuns: 100 },
    );
  });
});
