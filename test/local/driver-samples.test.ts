/** What becomes of each sample when a model answers well, badly, too much, late or not at all. Real server process, real stores. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SampleRow } from '../../lib/core/sample.ts';
import { runDriver } from '../../lib/driver/run-driver.ts';
import { type JobFixture, jobFixture } from '../fixtures/driver-job.ts';
import { type StartedServer, startServer } from '../fixtures/servers/start-server.ts';

/** prompt -> class, code and number of tries of the failed row. */
const FAILURES: Readonly<Record<string, readonly [string, string, number]>> = {
  '500': ['model_error', 'http-500', 1],
  '502': ['transient', 'http-502', 3],
  '500-infra': ['infra', 'disk', 3],
  '400': ['invalid_input', 'param-unknown', 1],
  '202': ['model_error', 'http-202', 1],
  garbage: ['model_error', 'answer-not-json', 1],
  nan: ['model_error', 'answer-not-json', 1],
  infinite: ['model_error', 'answer-not-finite', 1],
  array: ['model_error', 'answer-bad-shape', 1],
  'other-id': ['model_error', 'answer-bad-shape', 1],
  running: ['model_error', 'answer-bad-shape', 1],
  nothing: ['model_error', 'answer-empty', 1],
  'long-text': ['model_error', 'answer-text-too-long', 1],
  huge: ['model_error', 'answer-too-large', 1],
  'not-http': ['model_error', 'answer-not-http', 1],
  cut: ['transient', 'connection-lost', 3],
  transient: ['transient', 'as-asked', 3],
  oom: ['oom_accelerator', 'as-asked', 1],
  'odd-class': ['model_error', 'as-asked', 1],
  'no-file': ['model_error', 'output-missing', 1],
  'empty-video': ['model_error', 'output-not-a-video', 1],
  'truncated-video': ['model_error', 'output-not-a-video', 1],
  'wrong-digest': ['model_error', 'output-digest-mismatch', 1],
  'wrong-bytes': ['model_error', 'output-bytes-mismatch', 1],
  'wrong-frames': ['model_error', 'output-facts-mismatch', 1],
  outside: ['model_error', 'output-outside', 1],
  absolute: ['model_error', 'output-outside', 1],
  link: ['model_error', 'output-link', 1],
  'linked-folder': ['model_error', 'output-link', 1],
  'hard-link': ['model_error', 'output-link', 1],
  folder: ['model_error', 'output-not-a-file', 1],
  sparse: ['model_error', 'output-too-large', 1],
  hang: ['timeout', 'sample-deadline', 1],
};
const GOOD = ['ok', 'video', 'text hello', 'transient-once a'];
const PROMPTS = [...GOOD, ...Object.keys(FAILURES), 'ok'];

describe('a job whose samples meet every kind of answer', () => {
  let server: StartedServer;
  let fixture: JobFixture;
  const byPrompt = new Map<string, SampleRow>();
  let warmups: SampleRow[] = [];

  beforeAll(async () => {
    server = await startServer('native-model.ts', { instance: 'instance-1' });
    const load = { mode: 'closed', concurrency: 1, warmup: 3 } as const;
    fixture = await jobFixture({ prompts: PROMPTS, serverUrl: server.url, job: { load }, limits: { sampleMs: 1_000 } });
    const end = await runDriver(await fixture.nextAttempt());
    expect(end).toMatchObject({ kind: 'finished', outcome: { planned: PROMPTS.length, succeeded: GOOD.length + 1, stopped: null } });
    const rows = await fixture.rows();
    warmups = rows.filter((row) => row.warmup);
    for (const row of rows.filter((candidate) => !candidate.warmup)) byPrompt.set(PROMPTS[row.ordinal]!, row);
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    await fixture.close();
  });

  it.each(Object.entries(FAILURES))('%s is a failed sample with its class, code and tries', (prompt, [failureClass, code, tries]) => {
    const row = byPrompt.get(prompt)!;
    expect(row.state === 'failed' && [row.error.class, row.error.code, row.tries.length]).toEqual([failureClass, code, tries]);
  });

  it('keeps a video as an object with the facts of its container', async () => {
    const row = byPrompt.get('video')!;
    const file = row.state === 'succeeded' ? row.output.files?.[0] : undefined;
    expect(file).toMatchObject({ kind: 'video', width: 32, height: 32, frames: 16, fps: 8, durationMs: 2_000 });
    expect((await fixture.stores.objects.get(file!.key))?.length).toBe(file!.bytes);
  });

  it('keeps text as it came', () => {
    expect(byPrompt.get('text hello')).toMatchObject({ state: 'succeeded', output: { text: 'hello' } });
  });

  it('flags a sample that needed a second try and keeps both tries', () => {
    const row = byPrompt.get('transient-once a')!;
    expect(row).toMatchObject({ state: 'succeeded', retried: true });
    expect(row.tries.map((one) => one.error?.class ?? null)).toEqual(['transient', null]);
  });

  it('records warm-up samples apart, with seeds of their own', () => {
    expect(warmups.map((row) => row.sampleId).sort()).toEqual(['warmup-0', 'warmup-1', 'warmup-2']);
    const measured = new Set([...byPrompt.values()].map((row) => row.seed));
    expect(warmups.every((row) => row.ordinal === -1 && !measured.has(row.seed))).toBe(true);
  });

  it('has no object of a refused output, and leaves nothing in the scratch folder', async () => {
    const outputs = await fixture.stores.objects.list('runs/run-1/jobs/job-1/outputs/');
    expect(outputs.map((key) => key.split('/').at(-1))).toEqual(['item-1.0.webm', 'warmup-1.webm']);
    expect(existsSync(join(fixture.dir, 'scratch'))).toBe(false);
  });

  it('removes the folders that the model wrote to', () => {
    // The last lane's folder may be left: it is empty, and its scratch goes with the task.
    const left = readdirSync(join(fixture.dir, 'outputs')).filter((name) => /^1-0-/.test(name));
    expect(left.length).toBeLessThanOrEqual(1);
  });
});
