/** What becomes of an attempt when its server is not ready, not ours, dies or hangs. Real server processes. */
import { afterEach, describe, expect, it } from 'vitest';
import { runDriver } from '../../lib/driver/run-driver.ts';
import { type FixtureOptions, type JobFixture, jobFixture } from '../fixtures/driver-job.ts';
import { type StartedServer, startServer } from '../fixtures/servers/start-server.ts';

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function server(options: object = {}): Promise<StartedServer> {
  const started = await startServer('native-model.ts', { instance: 'instance-1', ...options });
  open.push({ close: started.stop });
  return started;
}

async function fixture(options: FixtureOptions): Promise<JobFixture> {
  const made = await jobFixture(options);
  open.push(made);
  return made;
}

describe('before the load', () => {
  it.each([
    ['never', 'not-ready', 'timeout', 'never-ready'],
    ['garbage', 'not-ready', 'model_error', 'health-bad-shape'],
    ['failed', 'refused', 'oom_accelerator', 'no-room'],
  ])('a server whose health is "%s" ends the attempt as %s', async (health, kind, failureClass, code) => {
    const { url } = await server({ health });
    const job = await fixture({ prompts: ['ok'], serverUrl: url, limits: { readyMs: 500 } });
    const end = await runDriver(await job.nextAttempt());
    expect(end).toMatchObject({ kind: 'ended', end: { kind, failure: { class: failureClass, code }, newRows: 0 } });
    expect((await job.stage()).attemptEnd?.failure.code).toBe(code);
  });

  it('waits for a server that is slow to start', async () => {
    const { url } = await server({ health: 'slow' });
    const job = await fixture({ prompts: ['ok'], serverUrl: url });
    expect(await runDriver(await job.nextAttempt())).toMatchObject({ kind: 'finished', outcome: { succeeded: 1 } });
  });

  it('refuses a server that is another instance, and sends it nothing', async () => {
    const { url } = await server({ instance: 'someone-else' });
    const job = await fixture({ prompts: ['ok'], serverUrl: url });
    const end = await runDriver(await job.nextAttempt());
    expect(end).toMatchObject({ kind: 'ended', end: { kind: 'wrong-instance', failure: { class: 'infra', code: 'wrong-instance' } } });
    expect(await job.rows()).toEqual([]);
  });

  it('refuses a server of another model', async () => {
    const { url } = await server({ model: 'impostor' });
    const job = await fixture({ prompts: ['ok'], serverUrl: url });
    expect(await runDriver(await job.nextAttempt())).toMatchObject({ end: { kind: 'refused', failure: { code: 'other-model' } } });
  });

  it.each([
    ['more memory than the machine has', { memoryMiB: 2 ** 30 }, /needs 1073741824 MiB of memory; this machine has \d+ MiB/],
    ['an accelerator where its server runs on the CPU', { accelerator: { kind: 'cuda' } }, /needs an accelerator of kind "cuda"/],
  ])('refuses a model that needs %s, and sends it nothing', async (_what, requirements, message) => {
    const { url } = await server({ requirements });
    const job = await fixture({ prompts: ['ok'], serverUrl: url });
    const failure = { class: 'infra', code: 'device-unfit', message: expect.stringMatching(message) };
    expect(await runDriver(await job.nextAttempt())).toMatchObject({ kind: 'ended', end: { kind: 'refused', failure, newRows: 0 } });
    expect(await job.rows()).toEqual([]);
  });

  it.each([
    [999, 'ended'],
    [1_000, 'finished'],
  ])('goes by the memory of the machine that it is told of: %i MiB for a model that needs 1000 is %s', async (machineMemoryMiB, kind) => {
    const { url } = await server({ requirements: { memoryMiB: 1_000 } });
    const job = await fixture({ prompts: ['ok'], serverUrl: url });
    expect(await runDriver({ ...(await job.nextAttempt()), machineMemoryMiB })).toMatchObject({ kind });
  });

  it('says not-ready when nothing listens, and at once when the server is known to have ended', async () => {
    const started = await server();
    await started.stop();
    const job = await fixture({ prompts: ['ok'], serverUrl: started.url, limits: { readyMs: 300 } });
    expect(await runDriver(await job.nextAttempt())).toMatchObject({ end: { kind: 'not-ready', failure: { code: 'never-ready' } } });
    const patient = await fixture({ prompts: ['ok'], serverUrl: started.url, limits: { readyMs: 3_600_000 } });
    const end = await runDriver({ ...(await patient.nextAttempt()), serverExited: () => true });
    expect(end).toMatchObject({ end: { kind: 'server-died', failure: { class: 'model_error', code: 'server-exited' } } });
  });
});

describe('a poison item', () => {
  it('is suspected at its first death, tried alone after the rest, and failed at its second', async () => {
    const prompts = ['ok', 'die', 'ok', 'ok'];
    const first = await server();
    const job = await fixture({ prompts, serverUrl: first.url });
    const end = await runDriver(await job.nextAttempt());
    expect(end).toMatchObject({ kind: 'ended', end: { kind: 'server-died', newRows: 1 } });
    expect((await job.stage()).suspects).toMatchObject([{ sampleId: 'item-1.0', deaths: 1, failure: { code: 'server-died' } }]);

    const second = await server();
    const again = await runDriver({ ...(await job.nextAttempt()), serverUrl: second.url });
    expect(again).toMatchObject({ kind: 'ended', end: { kind: 'server-died', newRows: 2 } });
    expect((await job.stage()).suspects).toMatchObject([{ sampleId: 'item-1.0', deaths: 2 }]);

    // Evidence that Advance adds between the attempts is what the row says; nothing is left to drive, so no server is needed.
    const evidence = { class: 'oom_host', code: 'out-of-memory', message: 'the server was stopped by its memory limit' } as const;
    const third = await job.nextAttempt((stage) => ({ ...stage, suspects: stage.suspects.map((one) => ({ ...one, failure: evidence })) }));
    const outcome = { planned: 4, succeeded: 3, failed: 1, stopped: null };
    expect(await runDriver({ ...third, serverUrl: 'http://127.0.0.1:1' })).toEqual({ kind: 'finished', outcome });
    const rows = await job.rows();
    expect(rows.map((row) => row.sampleId).sort()).toEqual(['item-0.0', 'item-1.0', 'item-2.0', 'item-3.0']);
    expect(rows.find((row) => row.sampleId === 'item-1.0')).toMatchObject({
      state: 'failed',
      error: evidence,
      timings: null,
      retried: true,
    });
    expect(await job.stage()).toMatchObject({ status: 'finished', suspects: [], outcome });
  });

  it('does not condemn samples that were in flight with it', async () => {
    const prompts = ['hang', 'hang', 'die-once x', 'ok'];
    const load = { mode: 'closed', concurrency: 3, warmup: 0 } as const;
    const first = await server();
    const job = await fixture({ prompts, serverUrl: first.url, job: { load }, limits: { sampleMs: 1_500 } });
    await runDriver(await job.nextAttempt());
    expect((await job.stage()).suspects.map((one) => one.sampleId).sort()).toEqual(['item-0.0', 'item-1.0', 'item-2.0']);
    const second = await server();
    const end = await runDriver({ ...(await job.nextAttempt()), serverUrl: second.url });
    expect(end).toMatchObject({ kind: 'finished', outcome: { succeeded: 2, failed: 2 } });
    const rows = new Map((await job.rows()).map((row) => [row.sampleId, row]));
    expect(rows.get('item-2.0')).toMatchObject({ state: 'succeeded', retried: true });
    expect(rows.get('item-0.0')).toMatchObject({ state: 'failed', error: { class: 'timeout' }, retried: true });
  }, 30_000);

  it('that hangs the whole server ends the attempt, and is a suspect and not yet a failure', async () => {
    const { url } = await server();
    const job = await fixture({ prompts: ['ok', 'hang-server', 'ok'], serverUrl: url, limits: { sampleMs: 300 } });
    const end = await runDriver({ ...(await job.nextAttempt()), tuning: { hangMs: 500 } });
    expect(end).toMatchObject({
      kind: 'ended',
      end: { kind: 'server-hung', failure: { class: 'timeout', code: 'server-hung' }, newRows: 1 },
    });
    expect((await job.stage()).suspects).toMatchObject([{ sampleId: 'item-1.0', deaths: 1, failure: { class: 'timeout' } }]);
    expect((await job.rows()).map((row) => row.sampleId)).toEqual(['item-0.0']);
  });
});
