/** The protocol cog against Cog's own HTTP server, in the version of its lock, with tiny predictors; and against answers that no Cog gives. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../lib/core/canonical-json.ts';
import { keys } from '../../lib/core/object-key.ts';
import { runDriver } from '../../lib/driver/run-driver.ts';
import { keepsTheContract } from './protocol-contract.ts';
import { endsOf, rowOf, servedJobs } from './protocol-job.ts';
import { type StockServer, stockServer } from './stock-server.ts';

function cogServer(predictor: string): Promise<StockServer> {
  return stockServer({
    lock: 'cog',
    folder: join(import.meta.dirname, 'cog', predictor),
    command: () => ['python', '-m', 'cog.server.http', '--host', '127.0.0.1'],
    env: (port) => ({ PORT: String(port), COG_PREDICT_TYPE_STUB: 'predict.py:Predictor' }),
  });
}

const PICTURE = Buffer.from('not really a picture');
const FILE = { sha256: sha256Hex(PICTURE), contentType: 'image/png', name: 'a.png' };

describe('a predictor of text', () => {
  const { job } = keepsTheContract({
    protocol: 'cog',
    start: () => cogServer('words'),
    params: { volume: 0.5 },
    answered: [{ prompt: 'hello' }, { prompt: 'good "morning"\n' }],
    answerTo: ({ prompt }, seed) => ({ text: `${prompt}|${seed}|0.5|none` }),
    fails: { prompt: 'fail' },
    failure: ['model_error', 'prediction-failed'],
    slow: { prompt: 'slow' },
    busy: 'http-409',
  });

  it('gets files as data URLs, in the input that its document names', async () => {
    const made = await job({ inputs: [{ prompt: 'look', files: [FILE] }] });
    await made.stores.objects.put(keys.cached(FILE.sha256), PICTURE);
    await runDriver(await made.nextAttempt());
    const { seed } = rowOf(await made.rows(), 0);
    expect(endsOf(await made.rows())).toEqual([{ text: `look|${seed}|0.5|${createHash('sha256').update(PICTURE).digest('hex')}` }]);
  });

  it('tells how long the prediction took; a text that no row holds becomes a file', async () => {
    const made = await job({ inputs: [{ prompt: 'long' }] });
    await runDriver(await made.nextAttempt());
    const row = rowOf(await made.rows(), 0);
    expect(row).toMatchObject({ state: 'succeeded', output: { files: [{ kind: 'text', bytes: 80_000 }] }, usage: null });
    const generateMs = row.state === 'succeeded' ? row.server?.generateMs : null;
    expect(generateMs).toBeGreaterThan(0);
    expect(generateMs).toBeLessThanOrEqual(row.timings!.latencyMs);
  });

  it('refuses a param that it does not have', async () => {
    const made = await job({ inputs: [{ prompt: 'hello' }], params: { volume: 'loud' } });
    await runDriver(await made.nextAttempt());
    expect(endsOf(await made.rows())).toEqual([['invalid_input', 'http-422']]);
  });

  it('at capacity says so: the sample is tried again, and the one that it works on is not disturbed', async () => {
    const load = { mode: 'closed', concurrency: 2, warmup: 0 } as const;
    const made = await job({ inputs: [{ prompt: 'slow' }, { prompt: 'slow' }], load });
    await runDriver(await made.nextAttempt());
    const rows = await made.rows();
    expect(rows.map(({ tries }) => tries[0]?.error?.code ?? 'answered').toSorted()).toEqual(['answered', 'http-409']);
    expect(rows.find(({ tries }) => tries.length > 1)?.tries[0]?.error?.class).toBe('infra');
  });
});

describe('a predictor of files without a document of its inputs', () => {
  const { job } = servedJobs({ protocol: 'cog', start: () => cogServer('clips') });

  it('has its files kept like those of any model', async () => {
    const made = await job({
      inputs: [
        { prompt: 'once', files: [FILE] },
        { prompt: 'twice', files: [FILE] },
      ],
    });
    await made.stores.objects.put(keys.cached(FILE.sha256), PICTURE);
    await runDriver(await made.nextAttempt());
    const file = { kind: 'image', contentType: 'image/png', sha256: FILE.sha256, bytes: PICTURE.length };
    expect(endsOf(await made.rows())).toMatchObject([{ files: [file] }, { files: [file, file] }]);
    const row = rowOf(await made.rows(), 1);
    const stored = row.state === 'succeeded' ? (row.output.files ?? []).map(({ key }) => key) : [];
    expect(stored).toMatchObject([expect.stringMatching(/item-1\.0\.png$/), expect.stringMatching(/item-1\.0-1\.png$/)]);
    for (const key of stored) expect(Buffer.from((await made.stores.objects.get(key))!)).toEqual(PICTURE);
  });
});

describe('a predictor whose setup fails', () => {
  const { job } = servedJobs({ protocol: 'cog', start: () => cogServer('broken') });

  it('is refused with what it says, and not waited for', async () => {
    const made = await job({ inputs: [{ prompt: 'hello' }] });
    const end = await runDriver(await made.nextAttempt());
    const failure = { class: 'model_error', code: 'setup-failed', message: expect.stringContaining('no weights here') };
    expect(end).toMatchObject({ kind: 'ended', end: { kind: 'refused', failure } });
  });
});
