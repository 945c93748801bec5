/**
 * `bakeoff serve` as users start it: runs that are started, cancelled and resumed over HTTP with real model servers, reports by signed
 * links, and who is not let in.
 */
import { cpSync, mkdtempSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { jobDetailSchema, jobPageSchema } from '../../lib/api/schemas/job.ts';
import { runSchema } from '../../lib/api/schemas/run.ts';
import { leaderboardSchema } from '../../lib/api/schemas/result.ts';
import { samplePageSchema } from '../../lib/api/schemas/sample.ts';
import { runCli, type RunningCli, startCli } from './run-cli.ts';

const work = mkdtempSync(join(tmpdir(), 'bakeoff-serve-'));
const dir = join(work, 'out');
const models = join(work, 'packages');
cpSync(join(import.meta.dirname, '../fixtures/packages/troublesome'), join(models, 'troublesome'), { recursive: true });

let server: RunningCli;
let url = '';

async function start(): Promise<void> {
  server = startCli(['serve', '--port', '0', '--dir', dir, '--json'], { BAKEOFF_MODELS: models });
  url = await new Promise<string>((resolve, reject) => {
    let text = '';
    server.process.stdout?.on('data', (chunk: string) => {
      text += chunk;
      if (text.trim().endsWith('}')) resolve(z.object({ url: z.string() }).parse(JSON.parse(text)).url);
    });
    void server.ended.then(({ stderr }) => reject(new Error(stderr)));
  });
}

/** What the server has written of itself. */
async function stop(): Promise<string> {
  server.process.kill('SIGTERM');
  return (await server.ended).stderr;
}

beforeAll(start, 60_000);
afterAll(async () => void (await stop()));

const spec = (name: string, fault: string, items = 3) =>
  JSON.stringify({
    apiVersion: 'bakeoff/v1',
    name,
    items: Array.from({ length: items }, (_, index) => ({ id: `item-${index}`, input: { prompt: 'trouble' } })),
    models: [{ model: 'troublesome', params: { fault } }],
    load: { mode: 'closed', concurrency: 1, warmup: 0 },
    limits: { ready: '60s', sample: '2m', job: '5m', maxErrorRate: 1 },
    scorers: ['latency'],
  });

async function post(body: string, key: string): Promise<string> {
  const answer = await fetch(`${url}/v1/runs`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
  });
  expect(answer.status, await answer.clone().text()).toBe(202);
  return `${url}${answer.headers.get('location')}`;
}

const show = async (place: string) => runSchema.parse(await (await fetch(place)).json());

async function until(place: string, isThere: (run: z.infer<typeof runSchema>) => boolean): Promise<z.infer<typeof runSchema>> {
  for (;;) {
    const run = await show(place);
    if (isThere(run)) return run;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe('runs over HTTP', () => {
  it('are started, one after the other, and read to the end', async () => {
    const [first, second] = [await post(spec('first', 'none'), 'one'), await post(spec('second', 'none'), 'two')];
    expect(await post(spec('first', 'none'), 'one')).toBe(first);

    const ended = await until(second, ({ finishedAtMs }) => finishedAtMs !== null);
    const before = await show(first);

    expect([before.state, ended.state]).toEqual(['succeeded', 'succeeded']);
    expect(ended.jobs[0]?.metrics.length).toBeGreaterThan(0);
    const { items } = jobPageSchema.parse(await (await fetch(`${url}${before.links.jobs}`)).json());
    expect(items[0]?.samples).toEqual({ planned: 3, succeeded: 3, failed: 0 });
    const samples = await fetch(`${url}${before.links.jobs}/${items[0]?.jobId}/samples`);
    expect(samplePageSchema.parse(await samples.json()).items).toHaveLength(3);
    // The second waited: nothing of ours ran beside the first while it was measured.
    const jobOf = async (run: z.infer<typeof runSchema>) => {
      const answer = await fetch(`${url}${run.links.jobs}/${run.jobs[0]?.jobId}`);
      return jobDetailSchema.parse(await answer.json());
    };
    const jobs = [await jobOf(before), await jobOf(ended)];
    expect(jobs[1]?.tasks[0]?.startedAtMs).toBeGreaterThanOrEqual(before.finishedAtMs ?? Number.NaN);
    // A latency that another process of this machine has disturbed is on no leaderboard.
    const board = await fetch(`${url}/v1/leaderboard?suite=${before.plan?.suite.digest}&metric=latency.p50.empirical`);
    const undisturbed = jobs.filter(({ scores }) => scores?.latency?.contended === false).map(({ runId }) => runId);
    const listed = leaderboardSchema.parse(await board.json()).items.map(({ runId }) => runId);
    expect(listed.sort()).toEqual(undisturbed.sort());
  }, 120_000);

  it('lead to their report, by a link that holds for this server alone', async () => {
    const [run] = z
      .object({ items: z.array(z.object({ runId: z.string() })) })
      .parse(await (await fetch(`${url}/v1/runs?state=succeeded`)).json()).items;
    const answer = await fetch(`${url}/v1/runs/${run?.runId}/report`, { redirect: 'manual' });
    const link = answer.headers.get('location') ?? '';
    const page = await fetch(link);

    expect(answer.status).toBe(303);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('<html');
    expect((await fetch(link.replace(/(links\/\d+\/)(.)/, (_all, head, letter) => `${head}${letter === 'A' ? 'B' : 'A'}`))).status).toBe(
      403,
    );
    expect((await fetch(link.replace(/links\/(\d+)/, (_whole, time) => `links/${Number(time) + 1}`))).status).toBe(403);
    expect((await fetch(link.replace('report/index.html', 'references.jsonl'))).status).toBe(404);
    expect((await fetch(link.replace(String(run?.runId), 'other'))).status).toBe(403);
    const range = await fetch(link.replace('report/index.html', 'items.jsonl'), { headers: { range: 'bytes=0-3' } });
    expect([range.status, await range.text()]).toEqual([206, '{"id']);
  }, 60_000);

  it('are cancelled while a sample hangs, and reported', async () => {
    const place = await post(spec('hanging', 'hang'), 'hang');
    await until(place, ({ jobs }) => jobs[0]?.progress?.phase === 'infer');

    expect((await fetch(place, { method: 'DELETE' })).status).toBe(202);
    const ended = await until(place, ({ finishedAtMs }) => finishedAtMs !== null);

    expect(ended.state).toBe('cancelled');
    expect(ended.links.report).not.toBeNull();
    expect((await fetch(place, { method: 'DELETE' })).status).toBe(409);
  }, 120_000);

  it('are interrupted with the server, and go on with the next one', async () => {
    const place = await post(spec('resumed', 'hang', 2), 'resumed');
    await until(place, ({ jobs }) => jobs[0]?.progress?.phase === 'infer');
    const written = await stop();
    await start();
    const again = place.replace(/^http:\/\/[^/]+/, url);

    expect(written).toContain('GET /v1/runs/{id}/report 303');
    expect(written).not.toContain('/links/');
    expect(await show(again)).toMatchObject({ state: 'running', interrupted: true });
    expect((await fetch(`${again}/starts`, { method: 'POST' })).status).toBe(202);
    expect((await fetch(`${again}/starts`, { method: 'POST' })).status).toBe(409);
    await until(again, ({ jobs }) => jobs[0]?.progress?.phase === 'infer');
    expect((await fetch(again, { method: 'DELETE' })).status).toBe(202);
    expect(await until(again, ({ finishedAtMs }) => finishedAtMs !== null)).toMatchObject({
      state: 'cancelled',
      start: 2,
      interrupted: false,
    });
  }, 180_000);
});

describe('who is not let in', () => {
  /** `fetch` sets Host itself. */
  const status = (headers: Record<string, string>, method = 'GET') =>
    new Promise<number>((resolve, reject) => {
      httpRequest(`${url}/v1/runs`, { method, headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });

  it('a name that was bent to this machine, and a page of another site', async () => {
    expect(await status({ host: 'evil.test' })).toBe(403);
    expect(await status({ origin: 'https://evil.test' }, 'POST')).toBe(403);
    expect(await status({})).toBe(200);
  });

  it('other machines, unless they are let in on purpose', async () => {
    const { exitCode, stdout } = await runCli(['serve', '--host', '0.0.0.0', '--dir', dir, '--json']);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'host-not-loopback' } });
  });

  it('whoever wants to register an image', async () => {
    const manifest = {
      apiVersion: 'bakeoff/v1',
      kind: 'model',
      id: 'x',
      version: '1',
      title: 'x',
      license: 'MIT',
      tasks: ['text-to-video'],
      protocol: 'native',
    };
    const requirements = { accelerator: { kind: 'none' }, cpu: 1, memoryMiB: 1, diskMiB: 1, maxConcurrency: 1 };
    const runtime = { node: { lock: 'package-lock.json' }, command: ['node', 'x.mjs'] };
    const body = JSON.stringify({ manifest: { ...manifest, requirements, runtime }, image: `x.test/y@sha256:${'a'.repeat(64)}` });
    const answer = await fetch(`${url}/v1/models`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect(await answer.json()).toMatchObject({ status: 501, code: 'not-on-one-machine' });
  });
});
