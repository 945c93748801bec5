/** Stage evaluate against an evaluator process: what is recorded, what a bad answer costs, what a death leaves behind. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { keys } from '../../lib/core/object-key.ts';
import { evaluationRowSchema, type EvaluationRow } from '../../lib/core/sample.ts';
import { runDriver } from '../../lib/driver/run-driver.ts';
import { partsIn } from '../../lib/core/part-name.ts';
import { rowsOf } from '../../lib/driver/sample-parts.ts';
import { type JobFixture, jobFixture, JOB, RUN } from '../fixtures/driver-job.ts';
import { type StartedServer, startServer } from '../fixtures/servers/start-server.ts';

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function serve(more: object = {}): Promise<StartedServer> {
  const started = await startServer('evaluator.ts', { instance: 'instance-1', ...more });
  open.push({ close: started.stop });
  return started;
}

const metric = (name: string, high: number | null) => {
  const range: [number, number | null] = [0, high];
  return { name: `shape.${name}`, unit: 'x', direction: 'higher' as const, range, minN: 1, title: name, description: name };
};
const JUDGE = {
  package: { id: 'judge', version: '1.0.0', digest: 'c'.repeat(64) },
  scorers: ['shape'],
  metrics: [metric('length', null), metric('truth', 1)],
};

/** A job whose infer stage answered with these texts; a null is a failed sample. */
async function answered(texts: readonly (string | null)[], serverUrl: string, limits: object = {}): Promise<JobFixture> {
  const prompts = texts.map((text) => `text ${text}`);
  const job = await jobFixture({ prompts, serverUrl, limits, stageName: 'evaluate:judge', job: { evaluators: [JUDGE] } });
  open.push(job);
  const head = { schema: 1, repeat: 0, attempt: 1, warmup: false, seed: 1, tries: [], retried: false, timings: null };
  const rest = { server: null, usage: null, effectiveParams: null, peakAcceleratorMemoryMiB: null };
  const timings = { scheduledMs: 0, sentMs: 0, firstByteMs: null, doneMs: 1, latencyMs: 1 };
  const rows = texts.map((text, ordinal) => {
    const named = { ...head, sampleId: `item-${ordinal}.0`, itemId: `item-${ordinal}`, ordinal };
    if (text !== null) return { ...named, ...rest, timings, state: 'succeeded', output: { text } };
    return { ...named, state: 'failed', error: { class: 'timeout', code: 'sample-deadline', message: '' } };
  });
  await job.stores.objects.put(keys.samplePart(RUN, JOB, 1, 0), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const references = texts.map((_, index) => `${JSON.stringify({ id: `item-${index}`, reference: { text: 'equal' } })}\n`);
  await job.stores.objects.put(keys.references(RUN), references.join(''));
  return job;
}

async function judged(job: JobFixture): Promise<Map<string, EvaluationRow>> {
  const prefix = keys.scoreParts(RUN, JOB);
  const parts = partsIn(await job.stores.objects.list(prefix), `${prefix}judge-`);
  const rows = new Map<string, EvaluationRow>();
  for await (const row of rowsOf(job.stores.objects, parts)) {
    const parsed = evaluationRowSchema.parse(row);
    expect(rows.has(parsed.sampleId)).toBe(false);
    rows.set(parsed.sampleId, parsed);
  }
  return rows;
}

describe('stage evaluate', () => {
  it('records a row per succeeded sample, with references, in batches', async () => {
    const journal = join((await answered(['x'], 'http://127.0.0.1:1')).dir, 'journal');
    const { url } = await serve({ journal });
    const texts = Array.from({ length: 40 }, (_, index) => (index === 3 ? 'equal' : index === 7 ? null : 'other'));
    const job = await answered(texts, url);
    const end = await runDriver(await job.nextAttempt());
    expect(end).toEqual({ kind: 'finished', outcome: { planned: 39, succeeded: 39, failed: 0, stopped: null } });
    const rows = await judged(job);
    expect(rows.size).toBe(39);
    expect(rows.get('item-3.0')).toMatchObject({ state: 'evaluated', values: { 'shape.length': 5, 'shape.truth': 1 }, errors: {} });
    expect(rows.get('item-4.0')).toMatchObject({ values: { 'shape.truth': 0 } });
    expect(
      readFileSync(journal, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(' ').length),
    ).toEqual([16, 16, 7]);
  });

  it('keeps a value or an error for each metric, never both, and fails what does not decode', async () => {
    const { url } = await serve();
    const job = await answered(['undecodable', 'half', 'fine'], url);
    expect(await runDriver(await job.nextAttempt())).toMatchObject({ outcome: { succeeded: 2, failed: 1 } });
    const rows = await judged(job);
    expect(rows.get('item-0.0')).toMatchObject({ state: 'failed', error: { class: 'model_error', code: 'undecodable' } });
    expect(rows.get('item-1.0')).toMatchObject({ values: { 'shape.length': 4 }, errors: { 'shape.truth': { code: 'undecodable' } } });
  });

  it.each([
    ['missing', 'evaluator-row-missing'],
    ['twice', 'evaluator-row-twice'],
    ['stranger', 'evaluator-answer-bad-shape'],
    ['not-a-number', 'evaluator-answer-bad-shape'],
    ['500', 'evaluator-bug'],
  ])('an evaluator that answers "%s" costs that sample alone, and is not the model\'s fault', async (text, code) => {
    const { url } = await serve();
    const job = await answered(['fine', text, 'fine'], url);
    expect(await runDriver(await job.nextAttempt())).toMatchObject({ kind: 'finished', outcome: { succeeded: 2, failed: 1 } });
    expect((await judged(job)).get('item-1.0')).toMatchObject({ state: 'failed', error: { class: 'infra', code } });
  });

  it('an evaluator that hangs on one sample costs that sample alone', async () => {
    const { url } = await serve();
    const job = await answered(['fine', 'hang', 'fine'], url, { sampleMs: 300 });
    expect(await runDriver(await job.nextAttempt())).toMatchObject({ kind: 'finished', outcome: { succeeded: 2, failed: 1 } });
    expect((await judged(job)).get('item-1.0')).toMatchObject({ error: { class: 'timeout', code: 'evaluator-deadline' } });
  });

  it('a sample that kills the evaluator is suspected with its batch, then tried alone, then failed', async () => {
    const job = await answered(['fine', 'die', 'fine'], 'http://127.0.0.1:1');
    const attempt = async (): Promise<unknown> => runDriver({ ...(await job.nextAttempt()), serverUrl: (await serve()).url });
    expect(await attempt()).toMatchObject({ kind: 'ended', end: { kind: 'server-died', newRows: 0 } });
    expect((await job.stage()).suspects.map((one) => one.deaths)).toEqual([1, 1, 1]);
    expect(await attempt()).toMatchObject({ kind: 'ended', end: { kind: 'server-died', newRows: 1 } });
    expect((await job.stage()).suspects.find((one) => one.sampleId === 'item-1.0')?.deaths).toBe(2);
    expect(await attempt()).toMatchObject({ kind: 'finished', outcome: { planned: 3, succeeded: 2, failed: 1 } });
    expect((await judged(job)).get('item-1.0')).toMatchObject({ state: 'failed', error: { code: 'server-died' } });
  }, 30_000);

  it('does only what is missing, and nothing when nothing is', async () => {
    const { url } = await serve();
    const job = await answered(['a', 'b', 'c'], url);
    const row = {
      schema: 1,
      sampleId: 'item-1.0',
      ordinal: 1,
      evaluator: 'judge',
      attempt: 1,
      state: 'evaluated',
      values: { 'shape.length': 99 },
      errors: {},
    };
    await job.stores.objects.put(keys.scorePart(RUN, JOB, 'judge', 1, 0), `${JSON.stringify(row)}\n`);
    const second = await job.nextAttempt((stage) => ({ ...stage, attempt: 2 }));
    expect(await runDriver(second)).toMatchObject({ outcome: { planned: 3, succeeded: 3 } });
    expect((await judged(job)).get('item-1.0')).toMatchObject({ attempt: 1, values: { 'shape.length': 99 } });
    const third = await job.nextAttempt();
    expect(await runDriver({ ...third, serverUrl: 'http://127.0.0.1:1' })).toMatchObject({ kind: 'finished' });
  });

  it('refuses an evaluator that measures something else than what was planned', async () => {
    const { url } = await serve({ maxLength: 10 });
    const job = await answered(['a'], url);
    expect(await runDriver(await job.nextAttempt())).toMatchObject({ end: { kind: 'refused', failure: { code: 'metrics-differ' } } });
    expect(existsSync(join(job.stores.folder, keys.scorePart(RUN, JOB, 'judge', 1, 0)))).toBe(false);
  });
});
