/** Open-loop loads over several attempts: kills, dead servers and poison items. Each attempt sends the whole schedule. Real processes. */
import { describe, expect, it } from 'vitest';
import { runDriver } from '../../lib/driver/run-driver.ts';
import { drivenJobs, many, openLoad, sentRows } from '../fixtures/driven-job.ts';
import { startDriver, until } from '../fixtures/driver-process.ts';

const { serve, jobOn } = drivenJobs();
const NOWHERE = 'http://127.0.0.1:1';
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('a driver killed during an open-loop load', () => {
  it('is followed by one that sends the whole schedule again, at the same times, and flags nothing', async () => {
    const { url } = await serve();
    const job = await jobOn(url, openLoad(500, 150, { mode: 'poisson' }), { prompts: many(500) });
    const first = startDriver(job, await job.nextAttempt());
    await until(async () => (await job.rows()).length > 0);
    first.child.kill('SIGKILL');
    expect((await first.ended).signal).toBe('SIGKILL');
    const before = await job.rows();
    expect(before.length).toBeLessThan(500);

    const end = await runDriver(await job.nextAttempt());

    expect(end).toEqual({ kind: 'finished', outcome: { planned: 500, succeeded: 500, failed: 0, stopped: null } });
    const rows = await job.rows();
    expect(rows.filter((row) => row.attempt === 1)).toEqual(before);
    const again = sentRows(rows, 2);
    expect(again.map((row) => row.ordinal)).toEqual(upTo(500));
    expect(again.filter((row) => row.retried)).toEqual([]);
    const times = new Map(again.map((row) => [row.ordinal, row.timings?.scheduledMs]));
    for (const row of before) expect(row.timings?.scheduledMs).toBe(times.get(row.ordinal));
  }, 30_000);

  it('by SIGTERM leaves the stage open', async () => {
    const { url } = await serve();
    const job = await jobOn(url, openLoad(2_000, 100), { prompts: many(2_000) });
    const signal = new AbortController();
    const running = runDriver({ ...(await job.nextAttempt()), signal: signal.signal });
    await until(async () => (await job.rows()).length > 0);
    signal.abort();
    const end = await running;
    const rows = await job.rows();
    expect(end).toMatchObject({ kind: 'ended', end: { kind: 'stopped', newRows: rows.length } });
    expect(await job.stage()).toMatchObject({ status: 'running', outcome: null });
  }, 30_000);

  it('has nothing to send again when all was recorded and only not said', async () => {
    const { url } = await serve();
    const job = await jobOn(url, openLoad(20, 200), { prompts: many(20) });
    const options = await job.nextAttempt();
    let claims = 0;
    const replaceJob: typeof options.runs.replaceJob = async (record) => {
      claims += 1;
      if (claims === 1) return options.runs.replaceJob(record);
      throw new Error('the record cannot be written');
    };
    expect((await runDriver({ ...options, runs: { ...options.runs, replaceJob } })).kind).toBe('unrecorded');
    const end = await runDriver({ ...(await job.nextAttempt()), serverUrl: NOWHERE });
    expect(end).toEqual({ kind: 'finished', outcome: { planned: 20, succeeded: 20, failed: 0, stopped: null } });
    expect((await job.rows()).map((row) => row.attempt)).toEqual(many(20).map(() => 1));
  });
});

describe('a poison item of an open-loop load', () => {
  it('ends two attempts, alone the second time, and fails before the third, which sends all else at its time', async () => {
    const prompts = many(12).with(6, 'die');
    const first = await serve();
    const job = await jobOn(first.url, openLoad(12, 20), { prompts });

    const death = await runDriver(await job.nextAttempt());
    expect(death).toMatchObject({ kind: 'ended', end: { kind: 'server-died', newRows: 6 } });
    expect((await job.stage()).suspects).toMatchObject([{ sampleId: 'item-6.0', deaths: 1 }]);

    const second = await serve();
    const again = await runDriver({ ...(await job.nextAttempt()), serverUrl: second.url });
    // Of eleven rows those of six samples are old: no progress.
    expect(again).toMatchObject({ kind: 'ended', end: { kind: 'server-died', newRows: 5 } });
    expect((await job.stage()).suspects).toMatchObject([{ sampleId: 'item-6.0', deaths: 2 }]);
    const others = upTo(12).filter((ordinal) => ordinal !== 6);
    expect(sentRows(await job.rows(), 2).map((row) => row.ordinal)).toEqual(others);

    const third = await serve();
    const end = await runDriver({ ...(await job.nextAttempt()), serverUrl: third.url });
    expect(end).toEqual({ kind: 'finished', outcome: { planned: 12, succeeded: 11, failed: 1, stopped: null } });
    const rows = (await job.rows()).filter((row) => row.attempt === 3);
    expect(rows[0]).toMatchObject({ ordinal: 6, state: 'failed', timings: null, error: { code: 'server-died' } });
    expect(sentRows(rows, 3).map((row) => [row.ordinal, row.timings?.scheduledMs])).toEqual(
      others.map((ordinal) => [ordinal, ordinal * 50]),
    );
  }, 30_000);

  it('that dies once is sent alone after the schedule, and was held back by none', async () => {
    const prompts = many(8).with(2, 'die-once x');
    const first = await serve();
    const job = await jobOn(first.url, openLoad(8, 20), { prompts });
    await runDriver(await job.nextAttempt());
    const second = await serve();
    const end = await runDriver({ ...(await job.nextAttempt()), serverUrl: second.url });
    expect(end).toEqual({ kind: 'finished', outcome: { planned: 8, succeeded: 8, failed: 0, stopped: null } });
    const rows = sentRows(await job.rows(), 2);
    expect(rows.at(-1)).toMatchObject({ ordinal: 2, retried: true });
    // Only what the schedule sent says how long it was held.
    expect(rows.map((row) => row.timings?.heldMs)).toEqual([0, 0, 0, 0, 0, 0, 0, undefined]);
    expect(rows.at(-1)?.timings?.scheduledMs).toBe(rows.at(-1)?.timings?.sentMs);
  });

  it('leaves an attempt without news fruitless', async () => {
    const first = await serve();
    const job = await jobOn(first.url, openLoad(5, 20), { prompts: many(5).with(4, 'die') });
    await runDriver(await job.nextAttempt());
    const second = await serve();
    const again = await runDriver({ ...(await job.nextAttempt()), serverUrl: second.url });
    expect(again).toMatchObject({ end: { kind: 'server-died', newRows: 0 } });
  });
});
