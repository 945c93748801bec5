/**
 * What rows of a load become: which samples count, the schedule and how it was kept, ramps, goodput. Numbers in the examples are made by hand.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../lib/core/job.ts';
import type { SampleRow } from '../../lib/core/sample.ts';
import { failedRow, succeededRow } from '../fixtures/scoring/stored-run.ts';
import {
  closedJob,
  latencyOf,
  loadColumnsOf,
  openFailure,
  openJob,
  openRow,
  POISSON,
  scoresOf,
  streamAt,
} from '../fixtures/scoring/load-rows.ts';

/** Due every 50 ms, sent at once, answered after `latencyMs`. */
const evenly = (count: number, latencyMs: number | ((index: number) => number), lagMs = 0): SampleRow[] =>
  Array.from({ length: count }, (_, index) => {
    const took = typeof latencyMs === 'number' ? latencyMs : latencyMs(index);
    return openRow(index, { dueMs: 50 * index, sentMs: 50 * index + lagMs, doneMs: 50 * index + took });
  });

describe('an open loop', () => {
  it('has latencies from the scheduled time, its rate and its label', () => {
    const rows = [openRow(0, { dueMs: 100, sentMs: 101, doneMs: 130 }), openRow(1, { dueMs: 200, sentMs: 200.5, doneMs: 240 })];

    const latency = latencyOf(openJob(2), rows);

    expect(latency).toMatchObject({ n: 2, mean: 35, attempts: 1, answers: 2 });
    expect(latency.percentiles[0]).toMatchObject({ p: 0.5, empirical: 40 });
    // Two answers from 100 ms, when the first was due, to 240 ms.
    expect(latency.throughputSamplesPerSecond).toBeCloseTo(2000 / 140, 12);
    expect(latency.schedule).toEqual({
      ...{ seedLabel: 'schedule/42', offeredPerSecond: 20, arrivals: 2, sent: 2, held: 0 },
      ...{ lagMedianMs: 1, lagP99Ms: 1, lagMaxMs: 1, kept: true, reason: null },
    });
  });

  it('counts a sample that was tried twice, from its scheduled time, and its lag from the first try', () => {
    const tries = [
      { generationId: 'a', sentMs: 0.5, doneMs: 20, error: { class: 'transient' as const, code: 'x', message: 'x' } },
      { generationId: 'b', sentMs: 30, doneMs: 60, error: null },
    ];
    const row = openRow(0, { dueMs: 0, sentMs: 30, doneMs: 60 }, { retried: true, tries });

    const latency = latencyOf(openJob(1), [row]);

    expect(latency).toMatchObject({ n: 1, leftOutRetried: 0, mean: 60 });
    expect(latency.schedule).toMatchObject({ lagMaxMs: 0.5, kept: true });
  });

  it('has a failed sample as infinitely slow, from whatever attempt wrote it last', () => {
    const latency = latencyOf(openJob(2), [openRow(0, { dueMs: 0, doneMs: 10 }), openFailure(1, { dueMs: 50, doneMs: 90 })]);

    expect(latency).toMatchObject({ n: 2, failedAsInfinite: 1, mean: null });
    expect(latency.throughputSamplesPerSecond).toBeCloseTo(1000 / 90, 12);
  });

  it('takes its statistics from the last attempt alone, and quality from the first row of a sample', () => {
    const first = evenly(40, 10);
    const second = evenly(40, 30).map((row) => ({ ...row, attempt: 2 }));

    const columns = loadColumnsOf(openJob(40), [...first.slice(0, 25), ...second]);

    expect([...columns.latencyMs]).toEqual(new Array(40).fill(30));
    expect(columns.spans).toEqual([{ attempt: 2, firstSentMs: 0, lastDoneMs: 1980 }]);
    expect(columns.load).toMatchObject({ succeeded: 40 });
  });

  it.each([
    ['a sample that this attempt failed without sending it', failedRow({ itemId: 'item-99', ordinal: 99 }, { timings: null })],
    ['a sample that was sent alone, after the schedule', succeededRow({ itemId: 'item-99', ordinal: 99 }, {}, 10, { retried: true })],
  ])('leaves out %s, counts it, and certifies nothing', (_, row) => {
    const latency = latencyOf(openJob(100), [...evenly(99, 10), row]);

    expect(latency).toMatchObject({ n: 99, failedAsInfinite: 0 });
    expect(latency.schedule).toMatchObject({ arrivals: 100, sent: 99, kept: false });
    expect(latency.percentiles[0]).toMatchObject({
      empirical: 10,
      certified: null,
      certifiedReason: 'the schedule was not kept: 1 of 100 arrivals were not sent at their time or have no end',
    });
  });

  it('tells what was offered by a trace from its times', () => {
    const load = { ...POISSON, mode: 'trace', arrivals: 3, traceKey: 'k', traceSha256: '0'.repeat(64) } as const;
    const rows = [0, 100, 400].map((dueMs, index) => openRow(index, { dueMs, doneMs: dueMs + 5 }));

    expect(latencyOf(openJob(3, { load }), rows).schedule).toMatchObject({ offeredPerSecond: 5, seedLabel: null });
  });
});

describe('a schedule', () => {
  const certifiedP50 = (rows: SampleRow[], job: Job = openJob(rows.length)) => latencyOf(job, rows).percentiles[0];

  it('is kept with a p99 of lag of 2 ms, and not with more', () => {
    expect(latencyOf(openJob(200), evenly(200, 10, 2)).schedule).toMatchObject({ lagP99Ms: 2, kept: true });
    expect(latencyOf(openJob(200), evenly(200, 10, 2.1)).schedule).toMatchObject({
      kept: false,
      reason: 'p99 of sent - scheduled is 2.1 ms, above 2 ms',
    });
    expect(certifiedP50(evenly(200, 10, 2))).toMatchObject({ certified: 10 });
    expect(certifiedP50(evenly(200, 10, 2.1))).toMatchObject({ certified: null, empirical: 10 });
  });

  it('may lag by a hundredth of the median of the answers, to which failures add nothing', () => {
    const slow = evenly(200, 400, 3.9);
    const failing = slow.map((row, index) =>
      index % 3 !== 0 ? openFailure(index, { dueMs: 50 * index, sentMs: 50 * index + 4.1, doneMs: 9e6 }) : row,
    );

    expect(latencyOf(openJob(200), slow).schedule).toMatchObject({ kept: true });
    expect(latencyOf(openJob(200), failing).schedule).toMatchObject({ kept: false, reason: expect.stringContaining('above 4 ms') });
  });

  it('is not kept where a request was held back, however short', () => {
    const held = openRow(0, { dueMs: 0, sentMs: 0.01, doneMs: 10, heldMs: 0.01 });

    expect(latencyOf(openJob(40), [held, ...evenly(40, 10).slice(1)]).schedule).toMatchObject({
      held: 1,
      kept: false,
      reason: 'maxInFlight (256) held 1 request back',
    });
  });

  it('is kept or not by all arrivals sent, those of the ramp among them', () => {
    const rows = evenly(100, 10).map((row, index) =>
      index < 3 ? openRow(index, { dueMs: 50 * index, sentMs: 50 * index + 9, doneMs: 50 * index + 20, ramp: true }) : row,
    );
    const job = openJob(100, { load: { ...POISSON, arrivals: 100, rampMs: 150 } });

    const latency = latencyOf(job, rows);

    expect(latency).toMatchObject({ n: 97, leftOutRamp: 3, answers: 97 });
    expect(latency.schedule).toMatchObject({ sent: 100, lagP99Ms: 9, kept: false });
    // From when sample 3 was due, 150 ms, to the last answer, 4,960 ms.
    expect(latency.throughputSamplesPerSecond).toBeCloseTo(97_000 / 4810, 12);
  });

  it('certifies nothing for a contended job, whatever it kept', () => {
    expect(latencyOf(openJob(200), evenly(200, 10), true).percentiles[0]?.certifiedReason).toBe('contended: other work ran beside it');
  });
});

describe('a ramp in closed loop', () => {
  it('leaves latency, throughput, goodput and streams out of it, and no failure in', () => {
    const row = (ordinal: number, changes = {}) => succeededRow({ itemId: `item-${ordinal}`, ordinal }, {}, 10, changes);
    const stream = streamAt([5, 7]);
    const rows = [
      row(0, { ramp: true, stream }),
      failedRow({ itemId: 'item-1', ordinal: 1 }, { ramp: true }),
      row(2, { retried: true, stream: streamAt([45, 46]) }),
      row(3, { stream: streamAt([62, 66, 68]) }),
    ];

    const scores = scoresOf(closedJob(4, { rampMs: 30, stream: true }, { slo: { latencyMs: 10 } }), rows);

    expect(scores).toMatchObject({ succeeded: 3, failed: 1 });
    expect(scores.latency).toMatchObject({ n: 1, failedAsInfinite: 0, leftOutRamp: 2, leftOutRetried: 1, answers: 2 });
    // Samples 2 and 3, sent at 40 and 60 ms and answered 10 ms later.
    expect(scores.latency?.throughputSamplesPerSecond).toBeCloseTo(2000 / 30, 12);
    // What took another try met nothing, as far as anybody knows.
    const shareIntervalReason = '1 answer that took another try counts as not good enough';
    expect(scores.latency?.goodput).toMatchObject({ met: 1, n: 2, share: 0.5, shareInterval: null, shareIntervalReason, reason: null });
    expect(scores.latency?.stream).toMatchObject({ tokens: 5, pieces: 5, ttft: { n: 1 }, gaps: { n: 2, maxMs: 4 } });
  });
});

describe('answers that took another try in closed loop', () => {
  it('are infinitely slow for a bound, and stay out of what is told as measured', () => {
    const rows = Array.from({ length: 100 }, (_, ordinal) =>
      succeededRow({ itemId: `item-${ordinal}`, ordinal }, {}, ordinal < 30 ? 300 : 10, { retried: ordinal < 30 }),
    );

    const { percentiles, n, leftOutRetried } = latencyOf(closedJob(100), rows);

    expect({ n, leftOutRetried }).toEqual({ n: 70, leftOutRetried: 30 });
    expect(percentiles[0]).toMatchObject({ p: 0.5, empirical: 10, certified: 10 });
    // 30 of 100 took longer than anybody knows: nothing can be promised of the slowest tenth.
    expect(percentiles[1]).toMatchObject({
      p: 0.9,
      empirical: 10,
      certified: null,
      certifiedReason: expect.stringContaining('another try'),
    });
  });
});

describe('samples without an end', () => {
  const answered = (count: number): SampleRow[] =>
    Array.from({ length: count }, (_, ordinal) => succeededRow({ itemId: `item-${ordinal}`, ordinal }, {}, 10));
  const slo = { latencyMs: 100 };

  it('leave a closed load without certified percentiles and without a share: a stop drops what takes longest', () => {
    const whole = latencyOf(closedJob(80, {}, { slo }), answered(80));
    const stopped = latencyOf(closedJob(80, {}, { slo }), answered(77));

    expect(whole.percentiles[1]).toMatchObject({ certified: 10 });
    expect(whole.goodput).toMatchObject({ share: 1 });
    const reason = '3 samples without an end may have been the slowest';
    for (const percentile of stopped.percentiles) expect(percentile).toMatchObject({ certified: null, certifiedReason: reason });
    expect(stopped.percentiles[1]).toMatchObject({ empirical: 10 });
    expect(stopped.goodput).toMatchObject({ met: 77, n: 77, share: null, shareInterval: null, perSecond: null, reason });
    // What has no end may have held the server up: 77 answers within 1,530 ms are no rate of it.
    expect(whole.throughputSamplesPerSecond).toBeCloseTo(80_000 / 1590, 12);
    expect(stopped).toMatchObject({ throughputSamplesPerSecond: null, throughputReason: reason });
  });

  it('leave an open loop without a share as well', () => {
    const { goodput } = latencyOf(openJob(100, { slo }), evenly(60, 10));

    const reason = '40 of 100 arrivals were not sent at their time or have no end';
    expect(goodput).toMatchObject({
      met: 60,
      n: 60,
      share: null,
      shareInterval: null,
      shareIntervalReason: reason,
      perSecond: null,
      reason,
    });
  });
});

describe('goodput', () => {
  it('is the share and the rate of samples that met every objective', () => {
    // Latencies 10, 20, 30, 40; first pieces after 5, 25, 5, 5: only the first and the third meet both.
    const rows = [10, 20, 30, 40].map((took, index) => {
      const dueMs = 100 * index;
      return openRow(index, { dueMs, doneMs: dueMs + took }, { stream: streamAt([dueMs + (index === 1 ? 25 : 5), dueMs + 26]) });
    });
    const job = openJob(4, { load: { ...POISSON, arrivals: 4, stream: true }, slo: { latencyMs: 30, ttftMs: 5 } });

    const { goodput } = latencyOf(job, rows);

    expect(goodput).toMatchObject({ met: 2, n: 4, share: 0.5, reason: null });
    expect(goodput?.perSecond).toBeCloseTo(2000 / 340, 12);
    // Wilson's interval of 2 of 4 at 95 %.
    expect(goodput?.shareInterval).toMatchObject({ method: 'wilson', low: expect.closeTo(0.15, 4), high: expect.closeTo(0.85, 4) });
  });

  it('counts a failed sample as one that met nothing', () => {
    const { goodput } = latencyOf(openJob(2, { slo: { latencyMs: 1e9 } }), [
      openRow(0, { dueMs: 0, doneMs: 5 }),
      openFailure(1, { dueMs: 1, doneMs: 9 }),
    ]);

    expect(goodput).toMatchObject({ met: 1, n: 2, share: 0.5 });
  });

  it('takes items with all their repeats as one observation', () => {
    const job = closedJob(2, {}, { repeats: 30, slo: { latencyMs: 15 } });
    const rows = Array.from({ length: 60 }, (_, ordinal) => {
      const place = { itemId: `item-${Math.floor(ordinal / 30)}`, ordinal, repeat: ordinal % 30 };
      return succeededRow(place, {}, ordinal < 30 ? 10 : 20);
    });

    // As of 1 of 2 items, not of 30 of 60 samples.
    expect(latencyOf(job, rows).goodput?.shareInterval).toMatchObject({ low: expect.closeTo(0.0945, 4), high: expect.closeTo(0.9055, 4) });
  });

  it.each([
    ['offline load', { load: { mode: 'offline', maxInFlight: 4, warmup: 0 }, slo: { latencyMs: 5 } }, /offline load has no latencies/],
    ['a ttft objective without a stream', { slo: { ttftMs: 5 } }, /needs load.stream/],
  ] as const)('has no number for %s', (_, changes, reason) => {
    const { goodput } = latencyOf(closedJob(1, {}, changes), [succeededRow({ itemId: 'item-0', ordinal: 0 }, {})]);

    expect(goodput).toMatchObject({ share: null, perSecond: null, shareInterval: null, reason: expect.stringMatching(reason) });
  });

  it('lies between 0 and 1 and equals a naive count', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.boolean()), { minLength: 1, maxLength: 60 }), (samples) => {
        const rows = samples.map(([took, isFailed], index) => {
          const at = { dueMs: index, doneMs: index + took };
          return isFailed ? openFailure(index, at) : openRow(index, at);
        });
        const { goodput } = latencyOf(openJob(samples.length, { slo: { latencyMs: 25 } }), rows);
        const met = samples.filter(([took, isFailed]) => !isFailed && took <= 25).length;
        expect(goodput).toMatchObject({ met, n: samples.length, share: met / samples.length });
        expect(goodput!.share! >= 0 && goodput!.share! <= 1).toBe(true);
      }),
    );
  });
});
