/**
 * The protocol sagemaker against Multi Model Server, which AWS's own inference containers run, in the version of its lock. It needs Java: without
 * one these tests are skipped, unless BAKEOFF_REQUIRE_JAVA is 1. What any container may answer is in sagemaker-answers.test.ts.
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../lib/core/canonical-json.ts';
import { keys } from '../../lib/core/object-key.ts';
import { runDriver } from '../../lib/driver/run-driver.ts';
import { keepsTheContract } from './protocol-contract.ts';
import { endsOf } from './protocol-job.ts';
import { freePort, type StockServer, stockServer } from './stock-server.ts';

const HAS_JAVA = process.env.BAKEOFF_REQUIRE_JAVA === '1' || spawnSync('java', ['-version']).status === 0;

async function multiModelServer(): Promise<StockServer> {
  // Its sockets and the number of its process lie here.
  const folder = mkdtempSync(join(tmpdir(), 'bakeoff-mms-'));
  const config = join(folder, 'config.properties');
  const [port, management] = [await lowPort(), await lowPort()];
  const addresses = `inference_address=http://127.0.0.1:${port}\nmanagement_address=http://127.0.0.1:${management}\n`;
  const server = await stockServer({
    lock: 'sagemaker',
    folder,
    port,
    command: () => {
      writeFileSync(config, `${addresses}default_workers_per_model=2\nvmargs=-Xmx256m\n`);
      const models = join(import.meta.dirname, 'sagemaker/models');
      const start = 'from mms.model_server import start; start()';
      return ['python', '-c', start, '--start', '--foreground', '--model-store', models, '--models', 'words=words', '--mms-config', config];
    },
    env: () => ({ TMPDIR: folder, TEMP: folder, LOG_LOCATION: folder, METRICS_LOCATION: folder }),
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: server.url, stop };
}

/** The server refuses ports above 32767. */
async function lowPort(): Promise<number> {
  for (;;) {
    const port = await freePort(20_000 + randomInt(12_000)).catch(() => null);
    if (port !== null) return port;
  }
}

const PICTURE = Buffer.from('not really a picture');
const FILE = { sha256: sha256Hex(PICTURE), contentType: 'image/png', name: 'a.png' };

describe.skipIf(!HAS_JAVA)('Multi Model Server', () => {
  const { job } = keepsTheContract({
    protocol: 'sagemaker',
    start: multiModelServer,
    params: { volume: 0.5 },
    answered: [{ prompt: 'hello' }, { prompt: 'good "morning"\n' }],
    answerTo: ({ prompt }, seed) => ({ text: `${prompt}|${seed}|0.5` }),
    fails: { prompt: 'fail' },
    // So it answers an exception of its handler; the sample fails once it has done so three times.
    failure: ['transient', 'http-503'],
    slow: { prompt: 'slow' },
  });

  it('gets a row as an instance, and a file as a part of a message', async () => {
    const made = await job({ inputs: [{ row: { a: 1, b: 41.5 } }, { prompt: 'look', files: [FILE] }] });
    await made.stores.objects.put(keys.cached(FILE.sha256), PICTURE);
    await runDriver(await made.nextAttempt());
    expect(endsOf(await made.rows())).toEqual([{ value: 42.5 }, { text: `data:image/png;base64,${PICTURE.toString('base64')}` }]);
  });
});
