/**
 * What the driver costs: latency added per sample, and rows driven, recorded and durable per second, each against a bare loop of the
 * same HTTP client and the same server in one run. Called by bench/run-all.ts; run alone: `node bench/driver.ts`. It asserts nothing.
 */
import { httpClient } from '../lib/driver/http-client.ts';
import { runDriver } from '../lib/driver/run-driver.ts';
import { JOB, jobFixture, RUN } from '../test/fixtures/driver-job.ts';
import { startServer } from '../test/fixtures/servers/start-server.ts';

interface Scene {
  readonly title: string;
  readonly concurrency: number;
  /** What the model takes for each answer; null answers at once. */
  readonly answerMs: number | null;
  readonly samples: number;
}

const LATENCY_SCENES: readonly Scene[] = [
  { title: 'null model, concurrency 1', concurrency: 1, answerMs: null, samples: 4_000 },
  { title: '50 ms model, concurrency 8', concurrency: 8, answerMs: 50, samples: 480 },
  { title: '50 ms model, concurrency 64', concurrency: 64, answerMs: 50, samples: 3_200 },
];
const THROUGHPUT: Scene = { title: 'null model, concurrency 64', concurrency: 64, answerMs: null, samples: 30_000 };
/** Bare and driven take turns, so that whatever else the machine does meets both. */
const ROUNDS = 3;

/** One loop: the median of the samples' own latencies, and the mean time from one request of a lane to its next. */
interface Loop {
  readonly latencyMs: number;
  readonly cycleMs: number;
  readonly perSecond: number;
}

export async function run(): Promise<void> {
  console.log('Driver against a bare loop, ms a sample (latency: median as recorded; cycle: mean from one request of a lane to its next)');
  for (const scene of LATENCY_SCENES) {
    const { bare, driven } = await compare(scene);
    const added = (part: 'latencyMs' | 'cycleMs'): string => (driven[part] - bare[part]).toFixed(3);
    console.log(
      `  ${scene.title}: latency ${driven.latencyMs.toFixed(3)} - ${bare.latencyMs.toFixed(3)} = ${added('latencyMs')} added, ` +
        `cycle ${driven.cycleMs.toFixed(3)} - ${bare.cycleMs.toFixed(3)} = ${added('cycleMs')} added (target: at most 0.3)`,
    );
  }
  const { bare, driven } = await compare(THROUGHPUT);
  const share = (driven.perSecond / bare.perSecond).toFixed(2);
  console.log(
    `  ${THROUGHPUT.title}: ${Math.round(driven.perSecond)} samples/s driven, recorded and durable (target: 6,000); ` +
      `bare loop ${Math.round(bare.perSecond)}/s; ratio ${share} (target: at least 0.5)`,
  );
}

async function compare(scene: Scene): Promise<{ bare: Loop; driven: Loop }> {
  const bare: Loop[] = [];
  const driven: Loop[] = [];
  const latency = scene.answerMs === null ? {} : { latencyMs: scene.answerMs };
  const server = await startServer('native-model.ts', { instance: 'instance-1', ...latency });
  try {
    // The first round of each warms the server and both loops up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const bareLoop = await driveBare(server.url, scene);
      const drivenLoop = await driveFully(server.url, scene);
      if (round === 0) continue;
      bare.push(bareLoop);
      driven.push(drivenLoop);
    }
  } finally {
    await server.stop();
  }
  return { bare: middle(bare), driven: middle(driven) };
}

async function driveBare(url: string, scene: Scene): Promise<Loop> {
  const client = httpClient(url, scene.concurrency);
  const headers = { 'content-type': 'application/json' };
  const latencies: number[] = [];
  const sent: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < scene.samples) {
      const id = next;
      next += 1;
      const body = `{"task":"text-to-video","input":{"prompt":"ok"},"params":{},"seed":${id},"output":{"dir":"/tmp"},"deadlineSeconds":10}`;
      const sentAt = performance.now();
      sent.push(sentAt);
      const result = await client.send({ method: 'PUT', path: `/generate/item-${id}.0.1.1`, headers, body, maxBytes: 1 << 20 });
      if (result.kind !== 'answer') throw new Error(`the bare loop met ${result.kind}`);
      latencies.push(result.doneAt - sentAt);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: scene.concurrency }, lane));
  const wallMs = performance.now() - began;
  await client.close();
  return { latencyMs: median(latencies), cycleMs: cycleOf(sent, scene), perSecond: (scene.samples * 1000) / wallMs };
}

async function driveFully(serverUrl: string, scene: Scene): Promise<Loop> {
  const load = { mode: 'closed', concurrency: scene.concurrency, warmup: 0 } as const;
  const prompts = Array.from({ length: scene.samples }, () => 'ok');
  const fixture = await jobFixture({ prompts, serverUrl, job: { load } });
  try {
    let wallMs = 0;
    const onPhases = (phases: Readonly<Record<string, number>>): void => {
      wallMs = (phases.infer ?? 0) + (phases.flush ?? 0);
    };
    const end = await runDriver({ ...(await fixture.nextAttempt()), onPhases });
    if (end.kind !== 'finished' || end.outcome.succeeded !== scene.samples) throw new Error(`${RUN}/${JOB}: ${JSON.stringify(end)}`);
    const rows = await fixture.rows();
    const latencies = rows.flatMap((row) => (row.timings === null ? [] : [row.timings.latencyMs]));
    const sent = rows.flatMap((row) => (row.timings === null ? [] : [row.timings.sentMs]));
    return { latencyMs: median(latencies), cycleMs: cycleOf(sent, scene), perSecond: (scene.samples * 1000) / wallMs };
  } finally {
    await fixture.close();
  }
}

/** Mean time from one request of a lane to its next, over the middle four fifths of the load. */
function cycleOf(sent: readonly number[], scene: Scene): number {
  const sorted = sent.toSorted((a, b) => a - b);
  const from = Math.floor(sorted.length / 10);
  const to = sorted.length - 1 - from;
  return (((sorted[to] ?? Number.NaN) - (sorted[from] ?? Number.NaN)) * scene.concurrency) / (to - from);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Each figure's median over the rounds. */
function middle(loops: readonly Loop[]): Loop {
  const of = (part: keyof Loop): number => median(loops.map((loop) => loop[part]));
  return { latencyMs: of('latencyMs'), cycleMs: of('cycleMs'), perSecond: of('perSecond') };
}

if (import.meta.main) await run();
