/** The protocol openai-chat against a stock-like server process: what is sent, what is kept, what is refused. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { keys } from '../../lib/core/object-key.ts';
import { runDriver } from '../../lib/driver/run-driver.ts';
import { type JobFixture, jobFixture, RUN } from '../fixtures/driver-job.ts';
import { startServer } from '../fixtures/servers/start-server.ts';

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function chatJob(prompts: readonly string[], server: object, limits: object = {}): Promise<JobFixture> {
  const started = await startServer('chat-model.ts', server);
  open.push({ close: started.stop });
  const model = {
    id: 'null-model',
    version: '1.0.0',
    digest: 'a'.repeat(64),
    title: 'Chat',
    reference: false,
    protocol: 'openai-chat',
  } as const;
  const job = await jobFixture({
    prompts,
    serverUrl: started.url,
    limits,
    job: { model, params: { temperature: 0 }, task: 'image-to-text' },
  });
  open.push(job);
  return job;
}

describe('openai-chat', () => {
  it('sends prompt, seed, params and model, and keeps text and usage; a stock server names no instance', async () => {
    const job = await chatJob(['hello'], {});
    expect(await runDriver(await job.nextAttempt())).toMatchObject({ kind: 'finished', outcome: { succeeded: 1 } });
    const [row] = await job.rows();
    const text = `hello|no image|${row!.seed}|0|null-model`;
    expect(row).toMatchObject({ output: { text }, usage: { promptTokens: 3, completionTokens: 7 }, server: null, effectiveParams: null });
  });

  it('keeps a text that no row holds as a file', async () => {
    const text = 'é'.repeat(40_000);
    const job = await chatJob([text], {});
    await runDriver(await job.nextAttempt());
    const [row] = await job.rows();
    const [file] = row?.state === 'succeeded' ? (row.output.files ?? []) : [];
    expect(file).toMatchObject({ kind: 'text', key: expect.stringMatching(/item-0\.0-text\.txt$/) });
    expect(
      Buffer.from((await job.stores.objects.get(file!.key))!)
        .toString('utf8')
        .startsWith(`${text}|`),
    ).toBe(true);
  });

  it('sends images as data URLs from verified files', async () => {
    const job = await chatJob(['look'], { instance: 'instance-1' });
    const image = Buffer.from('not really a picture');
    const sha256 = createHash('sha256').update(image).digest('hex');
    await job.stores.objects.put(keys.cached(sha256), image);
    const item = { id: 'item-0', input: { prompt: 'look', files: [{ sha256, contentType: 'image/png', name: 'a.png' }] }, attributes: {} };
    await job.stores.objects.put(keys.items(RUN), `${JSON.stringify(item)}\n`);
    await runDriver(await job.nextAttempt());
    const [row] = await job.rows();
    expect(row?.state === 'succeeded' && row.output.text).toContain(`look|data:image/png;base64 ${sha256}|`);
  });

  it('refuses an input file that is not what its digest says', async () => {
    const job = await chatJob(['look'], {});
    const sha256 = 'b'.repeat(64);
    await job.stores.objects.put(keys.cached(sha256), 'something else');
    const item = { id: 'item-0', input: { prompt: 'look', files: [{ sha256, contentType: 'image/png', name: 'a.png' }] }, attributes: {} };
    await job.stores.objects.put(keys.items(RUN), `${JSON.stringify(item)}\n`);
    expect(await runDriver(await job.nextAttempt())).toMatchObject({ end: { kind: 'driver-error', failure: { code: 'cache-corrupt' } } });
  });

  it('gives every bad answer its class and code', async () => {
    const prompts = ['no-choices', 'no-content', 'filtered', 'refused', 'oom', 'busy'];
    const job = await chatJob(prompts, {});
    await runDriver(await job.nextAttempt());
    const rows = (await job.rows()).map(
      (row) => row.state === 'failed' && [prompts[row.ordinal], row.error.class, row.error.code, row.tries.length],
    );
    expect(rows).toEqual([
      ['no-choices', 'model_error', 'answer-bad-shape', 1],
      ['no-content', 'model_error', 'answer-empty', 1],
      ['filtered', 'model_error', 'finish-reason', 1],
      ['refused', 'invalid_input', 'context-length', 1],
      ['oom', 'oom_accelerator', 'cuda', 1],
      ['busy', 'transient', 'http-429', 3],
    ]);
  });

  it.each([
    [{ instance: 'someone-else' }, 'wrong-instance', 'wrong-instance'],
    [{ health: 'loading' }, 'not-ready', 'never-ready'],
    [{ health: 'failed' }, 'refused', 'weights-missing'],
  ])('a server started with %j ends the attempt as %s', async (server, kind, code) => {
    const job = await chatJob(['hello'], server, { readyMs: 400 });
    expect(await runDriver(await job.nextAttempt())).toMatchObject({ kind: 'ended', end: { kind, failure: { code } } });
  });
});
