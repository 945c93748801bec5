/**
 * The protocol openai-videos. No server that speaks it installs without an accelerator, so this one is ours, written to the published schema of
 * `/v1/videos` with a form parser that is not the driver's; and answers that break it.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../lib/core/canonical-json.ts';
import { keys } from '../../lib/core/object-key.ts';
import { runDriver } from '../../lib/driver/run-driver.ts';
import { type Reply, type ScriptedServer, scriptedServer } from '../fixtures/servers/scripted-server.ts';
import { startServer } from '../fixtures/servers/start-server.ts';
import { tinyVideo } from '../fixtures/servers/tiny-video.ts';
import { keepsTheContract } from './protocol-contract.ts';
import { endsOf, rowOf } from './protocol-job.ts';
import { type Driven, drivenBy, scriptedJob } from './scripted-job.ts';

const PICTURE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const FILE = { sha256: sha256Hex(PICTURE), contentType: 'image/png', name: 'a.png' };
const PARAMS = { size: '32x32' };

async function leftAt(url: string): Promise<unknown> {
  return (await fetch(`${url}/left`)).json();
}

describe('a server of videos', () => {
  const { job, url } = keepsTheContract({
    protocol: 'openai-videos',
    start: () => startServer('video-model.ts', {}),
    task: 'text-to-video',
    params: PARAMS,
    answered: [{ prompt: 'a circle' }, { prompt: 'ein "grüner"\r\nKreis' }],
    answerTo: (_input, seed) => ({
      files: [expect.objectContaining({ kind: 'video', contentType: 'video/webm', frames: 1 + (seed % 7) })],
    }),
    fails: { prompt: 'fail' },
    failure: ['model_error', 'moderation'],
    slow: { prompt: 'slow' },
  });

  it('is left nothing behind, and its latency says how fine it is', async () => {
    const made = await job({ inputs: [{ prompt: 'a circle' }, { prompt: 'slow' }, { prompt: 'fail' }], limits: { sampleMs: 1_000 } });
    await runDriver(await made.nextAttempt());
    expect(await leftAt(url())).toEqual([]);
    const { timings } = rowOf(await made.rows(), 0);
    expect(timings!.resolutionMs).toBeGreaterThan(0);
    expect(timings!.resolutionMs).toBeLessThanOrEqual(timings!.latencyMs);
    expect(rowOf(await made.rows(), 1).timings).not.toHaveProperty('resolutionMs');
  });

  it('gets a picture as a file of the form', async () => {
    const made = await job({ inputs: ['image/png', 'image/gif'].map((type) => ({ prompt: `see ${type} ${FILE.sha256}`, files: [FILE] })) });
    await made.stores.objects.put(keys.cached(FILE.sha256), PICTURE);
    await runDriver(await made.nextAttempt());
    expect(endsOf(await made.rows())).toMatchObject([{ files: [{ kind: 'video' }] }, ['invalid_input', 'other-file']]);
  });

  it('tells a form that it cannot take', async () => {
    const made = await job({ inputs: [{ prompt: 'x' }], params: {} });
    await runDriver(await made.nextAttempt());
    expect(endsOf(await made.rows())).toEqual([['invalid_input', 'bad-form']]);
  });
});

const QUEUED: Reply = { body: { id: 'v1', status: 'queued' } };
const DONE: Reply = { body: { id: 'v1', status: 'completed' } };

interface Script {
  readonly created?: Reply;
  readonly looks?: readonly Reply[];
  readonly content?: Reply;
}

const open: ScriptedServer[] = [];
afterEach(() => {
  open.length = 0;
});

async function videoServer({ created = QUEUED, looks = [DONE], content = { body: 'x' } }: Script): Promise<ScriptedServer> {
  const left = [...looks];
  const server = await scriptedServer([
    [/^GET \/health$/, () => ({ body: {} })],
    [/^POST \/v1\/videos$/, () => created],
    [/^GET \/v1\/videos\/v1\/content$/, () => content],
    [/^GET \/v1\/videos\/v1$/, () => left.shift() ?? DONE],
    [/^DELETE \/v1\/videos\/v1$/, () => ({ body: { deleted: true } })],
  ]);
  open.push(server);
  return server;
}

const drive = async (script: Script): Promise<Driven> =>
  drivenBy(await videoServer(script), { protocol: 'openai-videos', task: 'text-to-video', inputs: [{ prompt: 'x' }] });
const asked = (): string[] =>
  (open[0]?.asked ?? []).map(({ method, path }) => `${method} ${path}`).filter((each) => !each.includes('/health'));

describe('what a server answers', () => {
  it.each<[string, Script, string, string]>([
    ['no JSON', { created: { body: 'hello' } }, 'model_error', 'answer-not-json'],
    ['a video without an id', { created: { body: { status: 'queued' } } }, 'model_error', 'answer-bad-shape'],
    ['an id that is a path', { created: { body: { id: '..', status: 'queued' } } }, 'model_error', 'answer-bad-shape'],
    ['a status of its own', { looks: [{ body: { id: 'v1', status: 'thinking' } }] }, 'model_error', 'answer-bad-shape'],
    ['a failure without a word', { looks: [{ body: { id: 'v1', status: 'failed' } }] }, 'model_error', 'video-failed'],
    ['that it has forgotten the video', { looks: [{ status: 404, body: {} }] }, 'model_error', 'http-404'],
    ['that the content is gone', { content: { status: 404, body: {} } }, 'model_error', 'content-missing'],
    ['content that is no video', { content: { body: 'not a video' } }, 'model_error', 'output-not-a-video'],
    ['no content', { content: { body: '' } }, 'model_error', 'output-not-a-video'],
    ['400', { created: { status: 400, body: { error: { message: 'size' } } } }, 'invalid_input', 'http-400'],
  ])('%s', async (_title, script, failureClass, code) => {
    expect((await drive(script)).ends).toEqual([[failureClass, code]]);
  });

  it('is followed to its end, fetched and deleted', async () => {
    const content = { body: await tinyVideo(3), headers: { 'content-type': 'application/octet-stream' } };
    const { ends } = await drive({ looks: [QUEUED, { body: { id: 'v1', status: 'in_progress' } }], content });
    expect(ends).toEqual([{ files: [expect.objectContaining({ kind: 'video', contentType: 'video/mp4', frames: 3 })] }]);
    const look = 'GET /v1/videos/v1';
    expect(asked()).toEqual(['POST /v1/videos', look, look, look, `${look}/content`, 'DELETE /v1/videos/v1']);
  });

  it('is no row when a stop comes while it is looked at, and is deleted', async () => {
    const server = await videoServer({ looks: Array.from({ length: 100_000 }, () => QUEUED) });
    const { job, close } = await scriptedJob(server, { protocol: 'openai-videos', task: 'text-to-video', inputs: [{ prompt: 'x' }] });
    const stop = new AbortController();
    const driven = runDriver({ ...(await job.nextAttempt()), signal: stop.signal, tuning: { drainMs: 0 } });
    while (asked().length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    stop.abort();
    expect(await driven).toMatchObject({ kind: 'ended', end: { kind: 'stopped' } });
    expect(asked().at(-1)).toBe('DELETE /v1/videos/v1');
    expect(await job.rows()).toEqual([]);
    await close();
  });

  it('that ends the connection while it is looked at lives, and is asked again', async () => {
    const { rows } = await drive({ looks: [(response) => response.destroy(), { body: { id: 'v1', status: 'failed' } }] });
    expect(rows[0]?.tries.map(({ error }) => error?.code)).toEqual(['connection-lost', 'video-failed']);
  });
});
