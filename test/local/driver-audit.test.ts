/** The audit: the last samples go out once more with their seeds, and what comes of them is judged from the rows alone. Real server process. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Job } from '../../lib/core/job.ts';
import { scoreJob } from '../../lib/core/score-job.ts';
import type { JobScores } from '../../lib/core/scores.ts';
import type { SampleRow } from '../../lib/core/sample.ts';
import { runDriver } from '../../lib/driver/run-driver.ts';
import { readSuiteColumns } from '../../lib/workflow/read-suite-columns.ts';
import { collectJobColumns } from '../../lib/workflow/score-rows.ts';
import { type JobFixture, jobFixture } from '../fixtures/driver-job.ts';
import { type StartedServer, startServer } from '../fixtures/servers/start-server.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function audited(
  options: object,
  prompts: readonly string[],
  job: Partial<Job>,
): Promise<{ fixture: JobFixture; server: StartedServer }> {
  const server = await startServer('native-model.ts', { instance: 'instance-1', ...options });
  const fixture = await jobFixture({ prompts, serverUrl: server.url, job });
  await fixture.stores.objects.put(fixture.job.referencesKey, prompts.map((_, at) => `{"id":"item-${at}","reference":null}\n`).join(''));
  open.push(fixture.close, server.stop);
  return { fixture, server };
}

async function scoresOf({ stores, job }: JobFixture): Promise<JobScores> {
  const suite = await readSuiteColumns(stores.objects, job, []);
  const columns = await collectJobColumns(stores.objects, job);
  return scoreJob(columns, suite, job.load, { confidence: 0.95, score: null, contended: false });
}

async function generations({ url }: StartedServer): Promise<number> {
  return JSON.parse(await (await fetch(`${url}/counts`)).text()).generations;
}

const again = (rows: readonly SampleRow[]): SampleRow[] => rows.filter(({ resendOf }) => resendOf !== undefined);
const same = (count: number, prompt = 'ok'): string[] => Array.from({ length: count }, () => prompt);

describe('a job with an audit', () => {
  it('sends the last samples in order of issue once more, under their seeds, and counts them nowhere', async () => {
    const load = { mode: 'closed', concurrency: 2, warmup: 1 } as const;
    const { fixture } = await audited({}, same(6), { load, repeats: 2, audit: { resend: 4 } });
    const end = await runDriver(await fixture.nextAttempt());
    expect(end).toMatchObject({ kind: 'finished', outcome: { planned: 12, succeeded: 12, failed: 0, stopped: null } });
    const rows = await fixture.rows();
    // Repeat 0 of every item goes out before repeat 1 of any.
    expect(
      again(rows)
        .map(({ resendOf }) => resendOf)
        .sort(),
    ).toEqual([2, 3, 4, 5].map((item) => `item-${item}.1`));
    for (const row of again(rows)) {
      const first = rows.find(({ sampleId }) => sampleId === row.resendOf)!;
      expect(row).toMatchObject({ warmup: true, ordinal: -1, seed: first.seed, itemId: first.itemId, sampleId: `again-${first.sampleId}` });
      expect(row.timings!.sentMs).toBeGreaterThanOrEqual(first.timings!.doneMs);
    }
    const scores = await scoresOf(fixture);
    expect(scores).toMatchObject({ planned: 12, succeeded: 12, latency: { n: 12 } });
    expect(scores.audit).toMatchObject({ resent: 4, determinism: { verdict: 'same', n: 4, same: 4 }, caching: { n: 3 } });
  });

  it('finds a server that answers from a cache, and clears one that does not', async () => {
    const load = { mode: 'closed', concurrency: 1, warmup: 0 } as const;
    const verdicts: string[] = [];
    for (const caches of [true, false]) {
      const { fixture } = await audited({ caches, latencyMs: 60 }, same(12), { load, audit: { resend: 12 } });
      await runDriver(await fixture.nextAttempt());
      verdicts.push((await scoresOf(fixture)).audit!.caching.verdict);
    }
    // Noise of the machine may leave the second one open, never turn it.
    expect(verdicts[0]).toBe('failed');
    expect(verdicts[1]).not.toBe('failed');
  });

  it('takes no server for a cache because the first repetitions find it empty', async () => {
    const load = { mode: 'closed', concurrency: 8, warmup: 0 } as const;
    // One request after the other: with eight clients every answer takes eight times as long, but the first ones of a phase do not.
    const { fixture } = await audited({ latencyMs: 25, isSerial: true }, same(40), { load, audit: { resend: 20 } });
    await runDriver(await fixture.nextAttempt());
    const { caching } = (await scoresOf(fixture)).audit!;
    expect(caching.n).toBe(13);
    expect(caching.verdict).not.toBe('failed');
  });

  it('finds answers that differ under the same seed', async () => {
    const { fixture } = await audited({}, [...same(3), 'moody', 'moody'], { audit: { resend: 5 } });
    await runDriver(await fixture.nextAttempt());
    const { determinism } = (await scoresOf(fixture)).audit!;
    expect(determinism).toMatchObject({ verdict: 'differs', n: 5, same: 3, differingSampleId: 'item-3.0' });
  });

  it('goes on with an audit that an earlier attempt did not end', async () => {
    const { fixture, server } = await audited({ latencyMs: 40 }, same(6), { audit: { resend: 6 } });
    const stopping = new AbortController();
    const running = runDriver({ ...(await fixture.nextAttempt()), signal: stopping.signal });
    await expect.poll(() => generations(server), { timeout: 20_000, interval: 5 }).toBeGreaterThan(7);
    stopping.abort();
    expect(await running).toMatchObject({ kind: 'ended', end: { kind: 'stopped' } });
    const before = again(await fixture.rows()).length;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(6);
    // The server of the fixture lives on where a real one would have been shut down.
    const restarted = await startServer('native-model.ts', { instance: 'instance-1' });
    open.push(restarted.stop);
    const end = await runDriver({ ...(await fixture.nextAttempt()), serverUrl: restarted.url });
    expect(end).toMatchObject({ kind: 'finished', outcome: { planned: 6, succeeded: 6 } });
    expect(
      again(await fixture.rows())
        .map(({ resendOf }) => resendOf)
        .sort(),
    ).toEqual([0, 1, 2, 3, 4, 5].map((item) => `item-${item}.0`));
    // Latencies of two attempts are those of two servers: only the first one's pairs are timed.
    expect((await scoresOf(fixture)).audit).toMatchObject({ resent: 6, caching: { n: before }, determinism: { n: 6 } });
  });

  it('is not judged by latencies of an open loop', async () => {
    const load = { mode: 'constant', ratePerSecond: 100, maxInFlight: 8, stopOnSaturation: true, arrivals: 12, warmup: 0 } as const;
    const { fixture } = await audited({}, same(12), { load, audit: { resend: 12 } });
    await runDriver(await fixture.nextAttempt());
    const { caching, determinism } = (await scoresOf(fixture)).audit!;
    expect(caching).toMatchObject({ verdict: 'inconclusive', reason: expect.stringContaining('constant') });
    expect(determinism.verdict).toBe('same');
  });

  it('does not cost the job its end when the server dies of a repetition', async () => {
    const { fixture } = await audited({}, [...same(3), 'die-again x'], { audit: { resend: 4 } });
    const end = await runDriver(await fixture.nextAttempt());
    expect(end).toMatchObject({ kind: 'finished', outcome: { planned: 4, succeeded: 4, stopped: null } });
    expect((await scoresOf(fixture)).audit!.determinism).toMatchObject({ n: 3, same: 3 });
  });
});
