/** The protocol oip-v2 against MLServer, in the version of its lock, with tiny models that declare their inputs in three ways, or not at all. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../lib/core/canonical-json.ts';
import { keys } from '../../lib/core/object-key.ts';
import { runDriver } from '../../lib/driver/run-driver.ts';
import { keepsTheContract } from './protocol-contract.ts';
import { endsOf, rowOf } from './protocol-job.ts';
import { freePort, type StockServer, stockServer } from './stock-server.ts';

async function mlServer(): Promise<StockServer> {
  const [grpc, metrics] = [await freePort(), await freePort()];
  const folder = join(import.meta.dirname, 'oip-v2/models');
  return stockServer({
    lock: 'oip-v2',
    folder,
    command: () => ['python', '-c', 'from mlserver.cli import main; main()', 'start', '.'],
    env: (port) => ({
      ...{ MLSERVER_HOST: '127.0.0.1', MLSERVER_HTTP_PORT: String(port), MLSERVER_GRPC_PORT: String(grpc) },
      ...{ MLSERVER_METRICS_PORT: String(metrics), MLSERVER_PARALLEL_WORKERS: '0', PYTHONPATH: folder },
    }),
  });
}

const PICTURE = Buffer.from('not really a picture');
const FILE = { sha256: sha256Hex(PICTURE), contentType: 'image/png', name: 'a.png' };

describe('MLServer', () => {
  const { job } = keepsTheContract({
    protocol: 'oip-v2',
    start: mlServer,
    params: { volume: 0.5, mood: 'calm' },
    answered: [{ prompt: 'hello' }, { prompt: 'good "morning"\n' }],
    answerTo: ({ prompt }, seed) => ({ text: `${prompt}|${seed}|0.5|[('mood', 'calm')]` }),
    fails: { prompt: 'fail' },
    failure: ['model_error', 'http-500'],
    slow: { prompt: 'slow' },
  });

  it('gets a file in base64, in the first text that is left', async () => {
    const made = await job({ inputs: [{ prompt: 'look', files: [FILE] }], params: {} });
    await made.stores.objects.put(keys.cached(FILE.sha256), PICTURE);
    await runDriver(await made.nextAttempt());
    const seen = `[('picture', '${PICTURE.toString('base64')}')]`;
    expect(endsOf(await made.rows())).toEqual([{ text: `look|${rowOf(await made.rows(), 0).seed}|None|${seen}` }]);
  });

  // Weights are places, so that the order of columns shows: of the suite in a matrix, of the model where each is an input.
  it.each([
    ['matrix', 1 * 1 + 2 * 10 + 3 * 100],
    ['columns', 1 * 100 + 2 * 1 + 3 * 10],
    ['bare', 1 * 1 + 2 * 10 + 3 * 100],
  ])('gets a row as the model %s declares it', async (model, value) => {
    const made = await job({ model, inputs: [{ row: { a: 1, b: 10, c: 100 } }], task: 'tabular-regression', params: {} });
    expect(await runDriver(await made.nextAttempt())).toMatchObject({ outcome: { succeeded: 1 } });
    expect(endsOf(await made.rows())).toEqual([{ value }]);
  });

  it('is refused where it has no model of the name', async () => {
    const made = await job({ model: 'stranger', inputs: [{ prompt: 'hello' }] });
    const end = { kind: 'refused', failure: { class: 'model_error', code: 'other-model' } };
    expect(await runDriver(await made.nextAttempt())).toMatchObject({ kind: 'ended', end });
  });
});
