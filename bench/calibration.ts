/**
 * Figure: how far the driver's times lie from what a server with injected delays recorded, by load, distribution and concurrency, beside what
 * a bare `node:http` client adds in turns with it. Run by bench/run-all.ts; it asserts nothing (test/local/calibration.test.ts does).
 */
import { firstPieceErrors, gapErrors, lags, latencyErrors, quantile } from '../test/fixtures/calibration/agreement.ts';
import { DISTRIBUTIONS } from '../test/fixtures/calibration/delay-plan.ts';
import { dueTimes, observeBare, observeDriver, ofDistribution, type Pair, type Scene } from '../test/fixtures/calibration/observe.ts';
import { closedScene, openScene } from '../test/fixtures/calibration/scenes.ts';
import { startServer } from '../test/fixtures/servers/start-server.ts';

const ROUNDS = 2;
const CONCURRENCIES = [1, 8, 64, 256] as const;
/** As many samples as the test sends. */
const TIMES = 2;

type Errors = (pairs: readonly Pair[]) => readonly number[];

interface Entry {
  readonly title: string;
  readonly scene: Scene;
}

const ENTRIES: readonly Entry[] = [
  ...CONCURRENCIES.map((lanes) => ({ title: `closed ${lanes}`, scene: closedScene('native', false, lanes, TIMES) })),
  { title: 'poisson 150/s', scene: openScene('native', false, 'poisson', TIMES) },
  { title: 'constant 150/s', scene: openScene('native', false, 'constant', TIMES) },
  ...CONCURRENCIES.map((lanes) => ({ title: `closed ${lanes}, stream`, scene: closedScene('openai-chat', true, lanes, TIMES) })),
  { title: 'poisson 150/s, stream', scene: openScene('openai-chat', true, 'poisson', TIMES) },
];

export async function run(): Promise<void> {
  console.log(
    'Measured minus recorded by the server, ms: p50 / p99 / max of all samples; the same of a bare client of node:http, in turns',
  );
  const server = await startServer('../calibrated-server.ts', { instance: 'instance-1' });
  try {
    for (const entry of ENTRIES) await measure(server.url, entry);
  } finally {
    await server.stop();
  }
}

async function measure(url: string, { title, scene }: Entry): Promise<void> {
  const bare: Pair[] = [];
  const driven: Pair[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(...(await observeBare(url, scene)));
    driven.push(...(await observeDriver(url, scene)).pairs);
  }
  const line = (what: string, errors: Errors, of: (pairs: readonly Pair[]) => readonly Pair[] = (pairs) => pairs): void => {
    console.log(`${title.padEnd(22)} ${what.padEnd(22)} ${figures(errors(of(driven)))}   bare ${figures(errors(of(bare)))}`);
  };
  for (const distribution of DISTRIBUTIONS) line(`latency, ${distribution}`, latencyErrors, (pairs) => ofDistribution(pairs, distribution));
  if (scene.streams) line('first piece', firstPieceErrors);
  if (scene.streams) line('gap (size of error)', gapErrors);
  const dueMs = dueTimes(scene);
  if (dueMs !== null) line('sent after it was due', (pairs) => lags(pairs, dueMs));
}

function figures(errors: readonly number[]): string {
  return [0.5, 0.99, 1].map((share) => quantile(errors, share).toFixed(3).padStart(7)).join(' / ');
}

if (import.meta.main) await run();
