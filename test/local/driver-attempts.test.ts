/** Kills, stops, fences and full disks: what an attempt leaves behind, and what the next one makes of it. Real processes and stores. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SampleRow } from '../../lib/core/sample.ts';
import { runDriver } from '../../lib/driver/run-driver.ts';
import { type FixtureOptions, type JobFixture, jobFixture, JOB, RUN } from '../fixtures/driver-job.ts';
import { startDriver, until } from '../fixtures/driver-process.ts';
import { type StartedServer, startServer } from '../fixtures/servers/start-server.ts';

const open: { close: () => Promise<void> }[] = [];
let server: StartedServer;
const serve = async (options: object = {}): Promise<void> => {
  server = await startServer('native-model.ts', { instance: 'instance-1', ...options });
  open.push({ close: server.stop });
};
beforeEach(() => serve({ latencyMs: 10 }));
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function fixture(options: Omit<FixtureOptions, 'serverUrl'>): Promise<JobFixture> {
  const made = await jobFixture({ serverUrl: server.url, ...options });
  open.push(made);
  return made;
}

const many = (count: number, prompt = 'ok'): string[] => Array.from({ length: count }, () => prompt);
const ids = (rows: readonly SampleRow[]): string[] => rows.map((row) => row.sampleId).sort();
const allIds = (job: JobFixture): string[] => Array.from({ length: job.job.itemCount }, (_, index) => `item-${index}.0`).sort();
const beats = (job: JobFixture) => job.stores.runs.listBeats(RUN);
const load = { mode: 'closed', concurrency: 4, warmup: 0 } as const;

describe('a driver that is killed', () => {
  it('loses at most what is in flight or not yet in a part; the next attempt does only what is missing', async () => {
    const job = await fixture({ prompts: many(1_000), job: { load } });
    const first = startDriver(job, await job.nextAttempt());
    await until(async () => (await job.rows()).length > 0);
    first.child.kill('SIGKILL');
    expect((await first.ended).signal).toBe('SIGKILL');
    const before = await job.rows();
    expect(before.length).toBeLessThan(1_000);

    const end = await runDriver(await job.nextAttempt());
    expect(end).toMatchObject({ kind: 'finished', outcome: { planned: 1_000, succeeded: 1_000, failed: 0 } });
    const rows = await job.rows();
    expect(ids(rows)).toEqual(allIds(job));
    expect(rows.filter((row) => row.attempt === 1)).toEqual(before);
    // The null model's value follows from the seed: the same as in an undisturbed run.
    expect(rows.every((row) => row.state === 'succeeded' && row.output.value === row.seed % 1000)).toBe(true);
  }, 30_000);

  it('is not needed again once its stage is finished', async () => {
    const job = await fixture({ prompts: many(3) });
    const options = await job.nextAttempt();
    expect(await runDriver(options)).toMatchObject({ kind: 'finished' });
    expect(await runDriver(options)).toEqual({ kind: 'fenced' });
    expect((await job.rows()).length).toBe(3);
  });
});

describe('fencing', () => {
  it('lets one of two drivers of one attempt work', async () => {
    const job = await fixture({ prompts: many(50) });
    const options = await job.nextAttempt();
    const ends = await Promise.all([runDriver(options), runDriver({ ...options, taskId: 'another-task' })]);
    expect(ends.map((end) => end.kind).sort()).toEqual(['fenced', 'finished']);
    expect(ids(await job.rows())).toEqual(allIds(job));
  });

  it('stops the driver of an old attempt, which then changes nothing', async () => {
    const job = await fixture({ prompts: many(400), job: { load } });
    const old = startDriver(job, await job.nextAttempt());
    await until(async () => (await beats(job)).some((beat) => beat.done > 0));
    const next = await job.nextAttempt();
    const { code, stderr } = await old.ended;
    expect(code).toBe(3);
    expect(stderr).toContain('another driver has this attempt');
    expect(await job.stage()).toMatchObject({ attempt: 2, claim: null, status: 'running', attemptEnd: null });
    expect(await runDriver(next)).toMatchObject({ kind: 'finished', outcome: { succeeded: 400 } });
    const terminal = new Map((await job.rows()).toReversed().map((row) => [row.sampleId, row]));
    expect([...terminal.keys()].sort()).toEqual(allIds(job));
  }, 30_000);
});

describe('a stop', () => {
  it('by SIGTERM flushes what is done, asks the server to shut down and exits 0', async () => {
    const job = await fixture({ prompts: many(1_000) });
    const driver = startDriver(job, await job.nextAttempt());
    await until(async () => (await beats(job)).some((beat) => beat.done > 5));
    driver.child.kill('SIGTERM');
    expect((await driver.ended).code).toBe(0);
    await server.exited;
    const rows = await job.rows();
    expect(rows.length).toBeGreaterThan(5);
    const stage = await job.stage();
    expect(stage).toMatchObject({ status: 'running', outcome: null, suspects: [] });
    expect(stage.attemptEnd).toMatchObject({ kind: 'stopped', newRows: rows.length });
  }, 30_000);

  it('remembers what it gives up: the next attempt flags those samples as tried before, and no others', async () => {
    const job = await fixture({ prompts: ['ok', 'ok', 'hang-once x', 'ok'] });
    const signal = new AbortController();
    const stopped = runDriver({ ...(await job.nextAttempt()), signal: signal.signal, tuning: { drainMs: 0 } });
    await until(async () => (await beats(job)).some((beat) => beat.done === 2));
    signal.abort();
    expect(await stopped).toMatchObject({ kind: 'ended', end: { kind: 'stopped', newRows: 2 } });
    expect((await job.stage()).suspects).toMatchObject([{ sampleId: 'item-2.0', deaths: 0 }]);
    await server.exited;
    const other = await startServer('native-model.ts', { instance: 'instance-1' });
    open.push({ close: other.stop });

    const end = await runDriver({ ...(await job.nextAttempt()), serverUrl: other.url });

    expect(end).toMatchObject({ kind: 'finished', outcome: { planned: 4, succeeded: 4 } });
    const flags = (await job.rows()).map((row) => [row.sampleId, row.retried]).sort();
    expect(flags).toEqual([
      ['item-0.0', false],
      ['item-1.0', false],
      ['item-2.0', true],
      ['item-3.0', false],
    ]);
    expect((await job.stage()).suspects).toEqual([]);
  }, 30_000);

  it('is counted on from: another attempt shows what was done before it, from its first request on', async () => {
    const job = await fixture({ prompts: ['ok', 'ok', 'hang'] });
    const seen: number[] = [];
    for (const attempt of [1, 2]) {
      const signal = new AbortController();
      const running = runDriver({ ...(await job.nextAttempt()), signal: signal.signal, serverUrl: server.url, tuning: { drainMs: 0 } });
      await until(async () => (await beats(job)).some((beat) => beat.attempt === attempt && beat.phase === 'infer' && beat.done === 2));
      seen.push((await beats(job))[0]!.done);
      signal.abort();
      await running;
      server = await startServer('native-model.ts', { instance: 'instance-1' });
      open.push({ close: server.stop });
    }
    expect(seen).toEqual([2, 2]);
  }, 30_000);

  it('by the end of its standard input flushes too', async () => {
    const job = await fixture({ prompts: many(1_000) });
    const driver = startDriver(job, await job.nextAttempt());
    await until(async () => (await beats(job)).some((beat) => beat.done > 5));
    driver.child.stdin?.end();
    expect((await driver.ended).code).toBe(0);
    expect((await job.rows()).length).toBeGreaterThan(5);
    expect((await job.stage()).attemptEnd?.kind).toBe('stopped');
  }, 30_000);

  it('by a cancel finishes the stage and says so', async () => {
    const job = await fixture({ prompts: many(1_000) });
    const running = runDriver(await job.nextAttempt());
    await until(async () => (await beats(job)).some((beat) => beat.done > 5));
    const run = (await job.stores.runs.getRun(RUN))!;
    await job.stores.runs.replaceRun({ ...run, version: run.version + 1, cancelRequested: true });
    const end = await running;
    const rows = await job.rows();
    expect(end).toEqual({ kind: 'finished', outcome: { planned: 1_000, succeeded: rows.length, failed: 0, stopped: 'cancelled' } });
    expect(await job.stage()).toMatchObject({ status: 'finished' });
  }, 30_000);

  it('by the error rate needs enough samples, and keeps what was in flight', async () => {
    const prompts = [...many(5), ...many(100, 'oom')];
    const job = await fixture({ prompts, limits: { maxErrorRate: 0.5, minSamplesForStop: 8 } });
    const end = await runDriver(await job.nextAttempt());
    expect(end).toEqual({ kind: 'finished', outcome: { planned: 105, succeeded: 5, failed: 6, stopped: 'error-rate' } });
  });

  it('by the error rate fails what waits for its next try with what it has come to', async () => {
    const load = { mode: 'closed', concurrency: 2, warmup: 0 } as const;
    const prompts = ['transient', ...many(100, 'oom')];
    const job = await fixture({ prompts, job: { load }, limits: { maxErrorRate: 0.5, minSamplesForStop: 4 } });
    expect(await runDriver(await job.nextAttempt())).toMatchObject({ kind: 'finished', outcome: { succeeded: 0, stopped: 'error-rate' } });
    const waiting = (await job.rows()).find(({ ordinal }) => ordinal === 0);
    expect(waiting).toMatchObject({ state: 'failed', error: { class: 'transient' }, tries: expect.arrayContaining([expect.anything()]) });
  });

  it('by the job deadline says so, and leaves the rest missing', async () => {
    const job = await fixture({ prompts: ['ok', 'hang', 'ok'], limits: { jobMs: 700 } });
    const end = await runDriver(await job.nextAttempt());
    expect(end).toEqual({ kind: 'finished', outcome: { planned: 3, succeeded: 1, failed: 0, stopped: 'job-deadline' } });
  });
});

describe('a store that cannot be written', () => {
  it.each([
    ['ENOSPC', 'disk-full'],
    ['EACCES', 'store-unwritable'],
  ])('%s ends the attempt as %s, and no row is taken for durable', async (errno, code) => {
    const job = await fixture({ prompts: many(300), job: { load } });
    const options = await job.nextAttempt();
    const refuse = async (): Promise<boolean> => {
      throw Object.assign(new Error(`${errno}: refused`), { code: errno });
    };
    const end = await runDriver({ ...options, objects: { ...options.objects, put: refuse } });
    expect(end).toMatchObject({ kind: 'ended', end: { kind: 'driver-error', newRows: 0, failure: { class: 'infra', code } } });
    expect(await job.rows()).toEqual([]);
    expect(await runDriver(await job.nextAttempt())).toMatchObject({ kind: 'finished', outcome: { succeeded: 300 } });
  });

  it('says so when not even the record can be written', async () => {
    const job = await fixture({ prompts: many(3) });
    const options = await job.nextAttempt();
    let claims = 0;
    const replaceJob: typeof options.runs.replaceJob = async (record) => {
      claims += 1;
      if (claims === 1) return options.runs.replaceJob(record);
      throw Object.assign(new Error('ENOSPC: refused'), { code: 'ENOSPC' });
    };
    const end = await runDriver({ ...options, runs: { ...options.runs, replaceJob } });
    expect(end).toMatchObject({ kind: 'unrecorded', failure: { code: 'disk-full' } });
    expect((await job.rows()).length).toBe(3);
  });
});

describe('the driver process', () => {
  it('names every setting that is wrong, and exits 2', async () => {
    const job = await fixture({ prompts: ['ok'] });
    const driver = startDriver(job, await job.nextAttempt(), { BAKEOFF_RUN: '../etc', BAKEOFF_ATTEMPT: '0' });
    const { code, stderr } = await driver.ended;
    expect(code).toBe(2);
    expect(stderr).toContain('BAKEOFF_RUN is "../etc"');
    expect(stderr).toContain('BAKEOFF_ATTEMPT is "0"');
  });

  it('tells where its time went', async () => {
    const job = await fixture({ prompts: many(20) });
    const { stdout, code } = await startDriver(job, await job.nextAttempt()).ended;
    expect(code).toBe(0);
    const said = JSON.parse(stdout);
    expect(said.event).toBe('phases');
    expect(Object.keys(said.phasesMs)).toEqual(['sync', 'load', 'warm-up', 'infer', 'flush']);
    expect(said.phasesMs.infer).toBeGreaterThanOrEqual(20 * 10);
  });

  it('is ended by its watchdog when its loop stalls', async () => {
    const program = join(import.meta.dirname, '../fixtures/stalling-driver.ts');
    const { spawnSync } = await import('node:child_process');
    const ended = spawnSync(process.execPath, [program], { encoding: 'utf8', timeout: 20_000 });
    expect(ended.signal).toBe('SIGKILL');
    expect(ended.stdout).toContain('lived while it was busy in turns');
    expect(ended.stderr).toContain('driver-stalled');
  }, 30_000);
});

describe("the attempt's clock", () => {
  it('starts with the load, not with the wait for the server', async () => {
    await serve({ health: 'slow' });
    const job = await fixture({ prompts: many(3), job: { load: { mode: 'closed', concurrency: 1, warmup: 1 } } });
    const { stdout } = await startDriver(job, await job.nextAttempt()).ended;
    expect(JSON.parse(stdout).phasesMs.load).toBeGreaterThan(0);
    const [warmup, ...rows] = await job.rows();
    expect([warmup?.warmup, warmup?.timings?.scheduledMs === warmup?.timings?.sentMs]).toEqual([true, true]);
    const sent = rows.map((row) => row.timings!.sentMs);
    expect(warmup!.timings!.sentMs).toBeGreaterThanOrEqual(0);
    expect(warmup!.timings!.sentMs).toBeLessThan(JSON.parse(stdout).phasesMs['warm-up']);
    expect(sent).toEqual(sent.toSorted((a, b) => a - b));
  });
});

describe('a cancelled generation', () => {
  it('is deleted at the server when its time is up', async () => {
    const journal = join((await fixture({ prompts: ['ok'] })).dir, 'journal');
    await serve({ journal });
    const job = await fixture({ prompts: ['hang', 'ok'], limits: { sampleMs: 200 } });
    await runDriver(await job.nextAttempt());
    const lines = readFileSync(journal, 'utf8').split('\n');
    expect(lines.filter((line) => line.startsWith('DELETE'))).toEqual(['DELETE item-0.0.1.1']);
    expect(lines.filter((line) => line.startsWith('item-0.0')).length).toBe(1);
    expect((await job.stores.runs.getJob(RUN, JOB))?.stages[0]?.outcome).toMatchObject({ succeeded: 1, failed: 1 });
  });
});
