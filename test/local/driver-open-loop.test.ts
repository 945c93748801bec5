/** Open-loop loads: requests at their times, what is held back, when it stops, and how the last answers are awaited. Real servers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawSchedule, scheduleLabel } from '../../lib/core/load/schedule.ts';
import type { SampleRow } from '../../lib/core/sample.ts';
import { runDriver } from '../../lib/driver/run-driver.ts';
import {
  countsOf,
  drivenJobs,
  firstSentMs,
  many,
  openLoad,
  requestCancel,
  sentRows,
  TRACE_KEY,
  traceLoad,
} from '../fixtures/driven-job.ts';
import type { JobFixture } from '../fixtures/driver-job.ts';
import { until } from '../fixtures/driver-process.ts';

const { serve, jobOn } = drivenJobs();
const scheduled = (rows: readonly SampleRow[]): unknown[] => rows.map((row) => row.timings?.scheduledMs);
const finished = (outcome: object) => ({ kind: 'finished', outcome });
const rounded = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;

async function driven(job: JobFixture) {
  const end = await runDriver(await job.nextAttempt());
  return { end, rows: await job.rows() };
}

describe('an open-loop load', () => {
  it.each(['poisson', 'constant'] as const)('%s is due at the published times, in order of issue, and never sent before', async (mode) => {
    const { url } = await serve();
    const load = openLoad(120, 600, { mode });
    const job = await jobOn(url, load, { prompts: many(60), job: { repeats: 2 } });

    const { end, rows } = await driven(job);

    expect(end).toEqual(finished({ planned: 120, succeeded: 120, failed: 0, stopped: null }));
    const due = drawSchedule({ mode, ratePerSecond: 600 }, 120, scheduleLabel(42));
    const inOrder = sentRows(rows);
    expect(scheduled(inOrder)).toEqual([...due]);
    expect(inOrder.map((row) => [row.repeat, row.itemId])).toEqual(
      [0, 1].flatMap((repeat) => Array.from({ length: 60 }, (_, item) => [repeat, `item-${item}`])),
    );
    for (const { timings } of inOrder) {
      expect(timings!.sentMs).toBeGreaterThanOrEqual(timings!.scheduledMs);
      expect(timings!.latencyMs).toBe(rounded(timings!.doneMs - timings!.scheduledMs));
      expect(timings!.heldMs).toBe(0);
    }
  });

  it('sends the first so many samples where its duration ends before the others are due', async () => {
    const { url } = await serve();
    const job = await jobOn(url, openLoad(5, 100, { durationMs: 45 }), { prompts: many(9) });
    const { end, rows } = await driven(job);
    expect(end).toEqual(finished({ planned: 5, succeeded: 5, failed: 0, stopped: null }));
    expect(sentRows(rows).map((row) => row.ordinal)).toEqual([0, 1, 2, 3, 4]);
  });

  it('takes a thousand arrivals a second', async () => {
    const server = await serve();
    const job = await jobOn(server.url, openLoad(2_000, 1_000, { mode: 'poisson', maxInFlight: 1_024 }), { prompts: many(2_000) });
    const { end, rows } = await driven(job);
    expect(end).toMatchObject(finished({ planned: 2_000, succeeded: 2_000, stopped: null }));
    expect(sentRows(rows).map((row) => row.ordinal)).toEqual(Array.from({ length: 2_000 }, (_, index) => index));
    expect((await countsOf(server)).generations).toBe(2_000);
  }, 30_000);

  it('flags what is due while the rate rises', async () => {
    const { url } = await serve();
    const job = await jobOn(url, openLoad(60, 400, { rampMs: 100 }), { prompts: many(60) });
    const { rows } = await driven(job);
    const due = drawSchedule({ mode: 'constant', ratePerSecond: 400, rampMs: 100 }, 60, '');
    expect(scheduled(sentRows(rows))).toEqual([...due]);
    expect(sentRows(rows).map((row) => row.ramp === true)).toEqual([...due].map((dueMs) => dueMs < 100));
  });

  it('warms up in a closed loop of at most eight, on a clock of its own', async () => {
    const server = await serve({ latencyMs: 30 });
    const job = await jobOn(server.url, openLoad(2, 50, { warmup: 24, maxInFlight: 64 }), { prompts: many(24) });
    const { rows } = await driven(job);
    expect(rows.filter((row) => row.warmup).length).toBe(24);
    expect((await countsOf(server)).most).toBe(8);
    expect(scheduled(sentRows(rows))).toEqual([0, 20]);
  });
});

describe('a trace', () => {
  const times = [0, 3.25, 3.25, 40, 61.5];

  it('is followed to the last digit', async () => {
    const { url } = await serve();
    const job = await jobOn(url, traceLoad(times), { prompts: many(8) });
    await job.stores.objects.put(TRACE_KEY, JSON.stringify({ timesMs: times }));
    const { end, rows } = await driven(job);
    expect(end).toEqual(finished({ planned: 5, succeeded: 5, failed: 0, stopped: null }));
    expect(scheduled(sentRows(rows))).toEqual(times);
  });

  it.each([
    ['other times than planned', { timesMs: [0, 1, 2, 3, 4] }, /its digest is [0-9a-f]{64}; the job was planned with/],
    ['something else in it', { timesMs: times, rate: 3 }, /Unrecognized key/],
    ['no times', { timesMs: 'soon' }, /timesMs: /],
    ['nothing', null, /it is missing/],
  ])('with %s is refused before anything is sent', async (_what, stored, message) => {
    const server = await serve();
    const job = await jobOn(server.url, traceLoad(times), { prompts: many(5) });
    if (stored !== null) await job.stores.objects.put(TRACE_KEY, JSON.stringify(stored));
    const { end } = await driven(job);
    const failure = { class: 'infra', code: 'job-corrupt', message: expect.stringMatching(message) };
    expect(end).toMatchObject({ kind: 'ended', end: { kind: 'driver-error', failure } });
    expect((await countsOf(server)).generations).toBe(0);
  });

  it('whose times go back is refused', async () => {
    const { url } = await serve();
    const job = await jobOn(url, traceLoad([5, 4]), { prompts: many(2) });
    await job.stores.objects.put(TRACE_KEY, JSON.stringify({ timesMs: [5, 4] }));
    expect((await driven(job)).end).toMatchObject({ end: { failure: { code: 'job-corrupt' } } });
  });
});

describe('requests beyond maxInFlight', () => {
  it('wait at the client, go out in order, and say for how long they were held back', async () => {
    const server = await serve({ latencyMs: 30 });
    const job = await jobOn(server.url, openLoad(40, 400, { maxInFlight: 3 }), { prompts: many(40) });

    const { end, rows } = await driven(job);

    expect(end).toMatchObject(finished({ planned: 40, succeeded: 40, stopped: null }));
    expect((await countsOf(server)).most).toBe(3);
    const inOrder = sentRows(rows);
    expect(inOrder.map((row) => row.ordinal)).toEqual(Array.from({ length: 40 }, (_, index) => index));
    expect(inOrder.slice(0, 3).map((row) => row.timings?.heldMs)).toEqual([0, 0, 0]);
    for (const { timings } of inOrder.slice(20)) {
      expect(timings!.heldMs).toBeGreaterThan(0);
      expect(timings!.heldMs).toBeLessThanOrEqual(timings!.sentMs - timings!.scheduledMs + 0.001);
    }
  });

  it('stop the load as saturated once the oldest has waited for longer than a sample may take', async () => {
    const { url } = await serve();
    const load = openLoad(200, 100, { maxInFlight: 2 });
    const job = await jobOn(url, load, { prompts: many(200, 'hang'), limits: { sampleMs: 250 } });
    const { end, rows } = await driven(job);
    expect(end).toMatchObject(finished({ planned: 200, succeeded: 0, failed: rows.length, stopped: 'saturated' }));
    expect(rows.length).toBeLessThan(200);
    // What was in flight was waited for.
    expect(rows.map((row) => row.state === 'failed' && row.error.code)).toEqual(rows.map(() => 'sample-deadline'));
  });

  it('go on waiting where the load says so', async () => {
    const { url } = await serve({ latencyMs: 20 });
    const load = openLoad(30, 1_000, { maxInFlight: 1, stopOnSaturation: false });
    const job = await jobOn(url, load, { prompts: many(30), limits: { sampleMs: 200 } });
    const { end, rows } = await driven(job);
    expect(end).toMatchObject(finished({ planned: 30, stopped: null }));
    expect(Math.max(...rows.map((row) => row.timings?.heldMs ?? 0))).toBeGreaterThan(200);
  });

  it('are not held up by samples that wait for their next try', async () => {
    const server = await serve();
    const prompts = [...many(2, 'transient'), ...many(20)];
    const job = await jobOn(server.url, openLoad(22, 200, { maxInFlight: 1 }), { prompts });
    const { end, rows } = await driven(job);
    expect(end).toMatchObject(finished({ planned: 22, succeeded: 20, failed: 2 }));
    const lastTryMs = Math.min(...rows.filter((row) => row.tries.length === 3).map((row) => row.timings!.sentMs));
    // Each sends its last try 1.25 s after its first at the least, and the others are all due within 0.11 s.
    for (const row of rows.filter((each) => each.tries.length === 1)) expect(row.timings!.sentMs).toBeLessThan(lastTryMs);
    expect((await countsOf(server)).most).toBe(1);
  });
});

describe('the end of an open-loop load', () => {
  it('has no grace when the driver is asked to stop: what is given up is no failure', async () => {
    const server = await serve();
    const job = await jobOn(server.url, openLoad(200, 100, { graceMs: 20 }), { prompts: [...many(3, 'hang'), ...many(197)] });
    const signal = new AbortController();
    const running = runDriver({ ...(await job.nextAttempt()), signal: signal.signal, tuning: { drainMs: 500 } });
    await until(async () => (await countsOf(server)).generations > 10);
    signal.abort();
    expect(await running).toMatchObject({ kind: 'ended', end: { kind: 'stopped' } });
    expect((await job.rows()).filter(({ state }) => state === 'failed')).toEqual([]);
  });

  it('waits for answers during its grace, and fails what has none then', async () => {
    const journalDir = await jobOn('http://127.0.0.1:1', openLoad(1, 1), { prompts: ['ok'] });
    const journal = join(journalDir.dir, 'journal');
    const { url } = await serve({ journal });
    const job = await jobOn(url, openLoad(6, 200, { graceMs: 1_000 }), { prompts: [...many(3), 'hang', ...many(2)] });
    const { end, rows } = await driven(job);
    expect(end).toEqual(finished({ planned: 6, succeeded: 5, failed: 1, stopped: null }));
    const late = rows.find((row) => row.sampleId === 'item-3.0');
    expect(late).toMatchObject({ state: 'failed', error: { class: 'timeout', code: 'grace-expired' }, tries: [{}] });
    const lastSentMs = Math.max(...rows.map(firstSentMs));
    expect(late!.timings!.doneMs).toBeGreaterThan(lastSentMs);
    expect(late!.timings!.latencyMs).toBe(rounded(late!.timings!.doneMs - late!.timings!.scheduledMs));
    expect(readFileSync(journal, 'utf8')).toContain('DELETE item-3.0.1.1');
  });

  it('cuts off tries to come, too', async () => {
    const { url } = await serve();
    const job = await jobOn(url, openLoad(3, 300, { graceMs: 150 }), { prompts: [...many(2), 'transient'] });
    const { rows } = await driven(job);
    const last = rows.find((row) => row.sampleId === 'item-2.0');
    expect(last).toMatchObject({ state: 'failed', error: { code: 'grace-expired' }, tries: [{ error: { class: 'transient' } }] });
  });

  it('counts latency from the scheduled time through every try', async () => {
    const { url } = await serve();
    const job = await jobOn(url, openLoad(3, 300), { prompts: ['ok', 'transient-once x', 'ok'] });
    const { rows } = await driven(job);
    const again = rows.find((row) => row.sampleId === 'item-1.0')!;
    expect(again).toMatchObject({ state: 'succeeded', retried: true });
    expect(again.tries.length).toBe(2);
    expect(again.timings!.latencyMs).toBe(rounded(again.timings!.doneMs - again.timings!.scheduledMs));
    expect(again.timings!.latencyMs).toBeGreaterThan(again.timings!.doneMs - again.timings!.sentMs);
    expect(rows.filter((row) => row.retried).length).toBe(1);
  });

  it('by a cancel comes at once: nothing more goes out', async () => {
    const server = await serve();
    const job = await jobOn(server.url, openLoad(2_000, 100), { prompts: many(2_000) });
    const running = runDriver({ ...(await job.nextAttempt()), tuning: { beatMs: 20 } });
    await until(async () => (await countsOf(server)).generations > 10);
    await requestCancel(job);
    const end = await running;
    const rows = await job.rows();
    expect(end).toEqual(finished({ planned: 2_000, succeeded: rows.length, failed: 0, stopped: 'cancelled' }));
    expect(rows.length).toBeLessThan(2_000);
  });

  it('by the job deadline, and by the error rate, is said', async () => {
    const { url } = await serve();
    const late = await jobOn(url, openLoad(500, 50), { prompts: many(500), limits: { jobMs: 600 } });
    expect((await driven(late)).end).toMatchObject(finished({ planned: 500, failed: 0, stopped: 'job-deadline' }));
    const prompts = [...many(5), ...many(300, 'oom')];
    const bad = await jobOn(url, openLoad(305, 200), { prompts, limits: { maxErrorRate: 0.5, minSamplesForStop: 8 } });
    const { end, rows } = await driven(bad);
    expect(end).toMatchObject(finished({ planned: 305, succeeded: 5, failed: rows.length - 5, stopped: 'error-rate' }));
    expect(rows.length).toBeLessThan(305);
  });
});

describe('a server in trouble', () => {
  it('that answers 503 for a while costs tries, not samples; all who wait for it ask it together', async () => {
    const server = await serve({ storm: { after: 10, probes: 4 } });
    const job = await jobOn(server.url, openLoad(100, 400), { prompts: many(100) });
    const { end, rows } = await driven(job);
    expect(end).toMatchObject(finished({ planned: 100, succeeded: 100, failed: 0 }));
    const retried = rows.filter((row) => row.retried);
    expect(retried.length).toBeGreaterThan(10);
    expect(retried.every((row) => row.tries[0]?.error?.code === 'http-503')).toBe(true);
    expect((await countsOf(server)).probes).toBeLessThan(retried.length);
  });

  it('that hangs ends the attempt; what was in flight is suspected', async () => {
    const { url } = await serve();
    const prompts = [...many(5), 'hang-server', ...many(5)];
    const job = await jobOn(url, openLoad(11, 20), { prompts, limits: { sampleMs: 300 } });
    const end = await runDriver({ ...(await job.nextAttempt()), tuning: { hangMs: 400 } });
    expect(end).toMatchObject({ kind: 'ended', end: { kind: 'server-hung', newRows: 5 } });
    const suspects = (await job.stage()).suspects.filter(({ deaths }) => deaths === 1).map(({ sampleId }) => sampleId);
    expect(suspects).toContain('item-5.0');
    expect((await job.rows()).map((row) => row.ordinal).sort()).toEqual([0, 1, 2, 3, 4]);
  });
});
