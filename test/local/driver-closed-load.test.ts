/** What bounds a closed load besides its samples: duration, ramp, grace, and the warm-up's own concurrency. Real servers. */
import { describe, expect, it } from 'vitest';
import type { Load } from '../../lib/core/job.ts';
import type { SampleRow } from '../../lib/core/sample.ts';
import { runDriver } from '../../lib/driver/run-driver.ts';
import { countsOf, drivenJobs, firstSentMs, many, sentRows } from '../fixtures/driven-job.ts';

const { serve, jobOn } = drivenJobs();
const closed = (concurrency: number, more: object = {}): Load => ({ mode: 'closed', concurrency, warmup: 0, ...more });
const ordinals = (rows: readonly SampleRow[]): number[] => rows.map((row) => row.ordinal).sort((a, b) => a - b);

describe('a duration', () => {
  it('ends a closed load: what was sent is waited for, what comes after it in order of issue has no row', async () => {
    const { url } = await serve({ latencyMs: 20 });
    const job = await jobOn(url, closed(4, { durationMs: 300 }), { prompts: many(1_000) });
    const end = await runDriver(await job.nextAttempt());
    const rows = await job.rows();
    expect(end).toEqual({ kind: 'finished', outcome: { planned: 1_000, succeeded: rows.length, failed: 0, stopped: 'duration' } });
    expect(rows.length).toBeGreaterThan(4);
    expect(ordinals(rows)).toEqual(rows.map((_, index) => index));
  });

  it('that is not over when the last sample ends stops nothing', async () => {
    const { url } = await serve();
    const job = await jobOn(url, closed(2, { durationMs: 600_000 }), { prompts: many(10) });
    const end = await runDriver(await job.nextAttempt());
    expect(end).toEqual({ kind: 'finished', outcome: { planned: 10, succeeded: 10, failed: 0, stopped: null } });
  });

  it('is that of all attempts together: used up, it leaves nothing to another one but what was sent before', async () => {
    const { url } = await serve({ latencyMs: 20 });
    const job = await jobOn(url, closed(2, { durationMs: 250 }), { prompts: many(1_000) });
    const options = await job.nextAttempt();
    let claims = 0;
    const replaceJob: typeof options.runs.replaceJob = async (record) => {
      claims += 1;
      if (claims === 1) return options.runs.replaceJob(record);
      throw new Error('the record cannot be written');
    };
    expect((await runDriver({ ...options, runs: { ...options.runs, replaceJob } })).kind).toBe('unrecorded');
    const before = await job.rows();

    // The rows span less than the duration when the last ones ended early; what is left of it then is short.
    const end = await runDriver(await job.nextAttempt());

    const rows = await job.rows();
    expect(end).toMatchObject({ kind: 'finished', outcome: { succeeded: rows.length, stopped: 'duration' } });
    expect(rows.length).toBeLessThan(2 * before.length);
    expect(ordinals(rows)).toEqual(rows.map((_, index) => index));
  });

  it('lets what an earlier attempt gave up have its end all the same', async () => {
    const { url } = await serve({ latencyMs: 20 });
    const job = await jobOn(url, closed(1, { durationMs: 1 }), { prompts: many(5) });
    const failure = { class: 'infra', code: 'given-up', message: '' } as const;
    const suspects = ['item-0.0', 'item-1.0'].map((sampleId) => ({ sampleId, deaths: 0, failure }));
    const end = await runDriver(await job.nextAttempt((stage) => ({ ...stage, suspects })));
    expect(end).toMatchObject({ kind: 'finished', outcome: { succeeded: 2, stopped: 'duration' } });
    expect(ordinals(await job.rows())).toEqual([0, 1]);
  });
});

describe('a ramp', () => {
  it('lets clients begin one after the other, and flags what is sent in it', async () => {
    const { url } = await serve({ latencyMs: 10 });
    const job = await jobOn(url, closed(4, { rampMs: 400 }), { prompts: many(200) });
    await runDriver(await job.nextAttempt());
    const rows = sentRows(await job.rows());
    expect(rows.length).toBe(200);
    expect(rows.filter((row) => row.ramp).length).toBeGreaterThan(0);
    const lastInRamp = Math.max(...rows.filter((row) => row.ramp).map(firstSentMs));
    const firstAfter = Math.min(...rows.filter((row) => !row.ramp).map(firstSentMs));
    expect(lastInRamp).toBeLessThan(400);
    expect(firstAfter).toBeGreaterThanOrEqual(400);
    // The second client begins at 100 ms, a timer's millisecond aside; until then one waits for its answers.
    const early = rows.filter((row) => firstSentMs(row) < 98);
    for (const [index, row] of early.entries()) expect(firstSentMs(row)).toBeGreaterThanOrEqual(early[index - 1]?.timings?.doneMs ?? 0);
  });

  it('is not waited for when there is nothing left to send', async () => {
    const { url } = await serve();
    const job = await jobOn(url, closed(4, { rampMs: 3_600_000 }), { prompts: many(20) });
    expect(await runDriver(await job.nextAttempt())).toMatchObject({ kind: 'finished', outcome: { succeeded: 20, stopped: null } });
  });
});

describe('a grace', () => {
  it('does not begin when the driver is asked to stop: what is given up is no failure, and is sent again', async () => {
    const server = await serve();
    const job = await jobOn(server.url, closed(1, { graceMs: 20 }), { prompts: ['ok', 'hang', ...many(5)] });
    const signal = new AbortController();
    const running = runDriver({ ...(await job.nextAttempt()), signal: signal.signal, tuning: { drainMs: 500 } });
    await expect.poll(async () => (await countsOf(server)).generations, { timeout: 20_000 }).toBe(2);
    signal.abort();
    expect(await running).toMatchObject({ kind: 'ended', end: { kind: 'stopped' } });
    expect((await job.rows()).map(({ sampleId, state }) => [sampleId, state])).toEqual([['item-0.0', 'succeeded']]);
    expect((await job.stage()).suspects).toMatchObject([{ sampleId: 'item-1.0', deaths: 0 }]);
  });

  it('of a closed load begins with its last request, and fails what is unanswered when it ends', async () => {
    const { url } = await serve();
    const prompts = ['hang', ...many(5), 'transient'];
    const job = await jobOn(url, closed(2, { graceMs: 200 }), { prompts });
    const end = await runDriver(await job.nextAttempt());
    expect(end).toEqual({ kind: 'finished', outcome: { planned: 7, succeeded: 5, failed: 2, stopped: null } });
    const failed = (await job.rows()).filter((row) => row.state === 'failed');
    expect(failed.map((row) => [row.sampleId, row.error.class, row.error.code]).sort()).toEqual([
      ['item-0.0', 'timeout', 'grace-expired'],
      ['item-6.0', 'timeout', 'grace-expired'],
    ]);
  });

  it('begins with the end of the duration, too', async () => {
    const { url } = await serve();
    const job = await jobOn(url, closed(1, { durationMs: 100, graceMs: 50 }), { prompts: ['hang', ...many(5)] });
    const end = await runDriver(await job.nextAttempt());
    expect(end).toEqual({ kind: 'finished', outcome: { planned: 6, succeeded: 0, failed: 1, stopped: 'duration' } });
    expect(await job.rows()).toMatchObject([{ error: { code: 'grace-expired' } }]);
  });
});

describe('the warm-up', () => {
  it.each([
    ['as many as the load', 3, {}, 3],
    ['its own number, below the load', 4, { warmupConcurrency: 2 }, 2],
    ['its own number, above the load', 1, { warmupConcurrency: 5 }, 5],
  ])('has %s in flight', async (_what, concurrency, more, most) => {
    const server = await serve({ latencyMs: 30 });
    const job = await jobOn(server.url, closed(concurrency, { warmup: 12, ...more }), { prompts: many(12), limits: { jobMs: 60_000 } });
    // One measured sample: what the server counts is the warm-up's.
    const one = { ...job.job, itemCount: 1 };
    await job.stores.objects.put(`runs/${one.runId}/jobs/${one.jobId}/job.json`, JSON.stringify(one));
    await job.stores.objects.put(one.itemsKey, `${JSON.stringify({ id: 'item-0', input: { prompt: 'ok' }, attributes: {} })}\n`);
    expect(await runDriver(await job.nextAttempt())).toMatchObject({ kind: 'finished', outcome: { planned: 1 } });
    expect((await countsOf(server)).most).toBe(most);
  });
});
