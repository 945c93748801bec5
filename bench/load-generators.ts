/**
 * Figure: the driver against GuideLLM and AIPerf on one server at the same concurrency: requests a second where the server answers at once, and
 * latency added where it answers after 50 ms. They take turns. It installs both (8 GB for a while, no package is fetched later), so
 * `npm run bench` runs it by name only: `npm run bench load-generators`. It asserts nothing.
 *
 * Rate: from when the server had read each request, the first and the last tenth left out; so no start-up counts. Added latency: what the
 * generator itself reports of a request, less what the server recorded of the same request. Ours writes durable rows meanwhile; theirs
 * write their reports after the load.
 */
import { messageOf } from '../lib/core/errors.ts';
import type { Recorded } from '../test/fixtures/calibrated-server.ts';
import { quantile } from '../test/fixtures/calibration/agreement.ts';
import { takeRecorded } from '../test/fixtures/calibration/observe.ts';
import { startServer } from '../test/fixtures/servers/start-server.ts';
import { aiperf } from './load-generators/aiperf.ts';
import { bakeoff } from './load-generators/bakeoff.ts';
import type { Generator, Reported } from './load-generators/generator.ts';
import { guidellm } from './load-generators/guidellm.ts';
import { type ThrowAway, throwAway } from './load-generators/throw-away.ts';

const ROUNDS = 3;

interface Scene {
  readonly title: string;
  readonly concurrency: number;
  readonly streams: boolean;
  readonly answerMs: number;
  /** Ours is asked for more of a null server, so that its load takes seconds too. */
  readonly requests: { readonly ours: number; readonly theirs: number };
}

const SCENES: readonly Scene[] = [
  ...[1, 8, 64].map((concurrency) => sceneOf(concurrency, false, 0, { ours: concurrency === 1 ? 8_000 : 20_000, theirs: 2_000 })),
  ...[1, 8, 64].map((concurrency) => sceneOf(concurrency, false, 50, both(concurrency))),
  sceneOf(8, true, 50, both(8)),
];

function sceneOf(concurrency: number, streams: boolean, answerMs: number, requests: Scene['requests']): Scene {
  const server = answerMs === 0 ? 'null server' : `${answerMs} ms server`;
  return { title: `${server}, ${streams ? 'streaming, ' : ''}concurrency ${concurrency}`, concurrency, streams, answerMs, requests };
}

/** Some seconds of a server that answers after 50 ms. */
function both(concurrency: number): Scene['requests'] {
  const requests = Math.max(100, 40 * concurrency);
  return { ours: requests, theirs: requests };
}

interface Figures {
  readonly perSecond: number;
  /** Milliseconds: what was reported less what was recorded. */
  readonly addedMs: number;
  readonly addedP99Ms: number;
  readonly addedToFirstMs: number | null;
}

type Results = ReadonlyMap<Generator, Figures[]>;

export async function run(): Promise<void> {
  const place = await throwAway();
  try {
    const generators = [bakeoff(), ...(await others(place))];
    console.log(`median of ${ROUNDS} rounds in turns; added latency: reported by the generator less recorded by the server, ms`);
    for (const scene of SCENES) print(scene, await measure(scene, generators));
  } finally {
    await place.remove();
  }
  console.log('targets: at least 3 times the requests a second of the better one; at most 0.33 of its added latency');
}

/** Those that can be installed here; of the others it says why not. */
async function others(place: ThrowAway): Promise<Generator[]> {
  const made: Generator[] = [];
  for (const make of [guidellm, aiperf]) {
    try {
      made.push(await make(place));
    } catch (error) {
      console.log(`${make.name} cannot run here: ${messageOf(error)}`);
    }
  }
  return made;
}

async function measure(scene: Scene, generators: readonly Generator[]): Promise<Results> {
  const results = new Map(generators.map((generator) => [generator, [] as Figures[]]));
  const { streams, concurrency, answerMs } = scene;
  const otherwise = { distribution: 'fixed', meanMs: answerMs, pieces: streams ? 8 : 1 };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [generator, figures] of results) {
      const server = await startServer('../calibrated-server.ts', { instance: 'instance-1', otherwise });
      try {
        const requests = generator.name === 'Bakeoff' ? scene.requests.ours : scene.requests.theirs;
        const reported = await generator.run({ url: server.url, concurrency, requests, streams, answerMs });
        figures.push(figuresOf(reported, await takeRecorded(server.url)));
      } catch (error) {
        console.log(`${scene.title}: ${generator.name} did not run: ${messageOf(error)}`);
      } finally {
        await server.stop();
      }
    }
  }
  return results;
}

function figuresOf(reported: readonly Reported[], recorded: readonly Recorded[]): Figures {
  const byKey = new Map(recorded.map((record) => [record.key, record]));
  const matched = reported.map((report) => {
    const record = byKey.get(report.key);
    if (record === undefined || record.doneMs === null) throw new Error(`the server has not recorded ${report.key}`);
    const addedMs = report.latencyMs - (record.doneMs - record.readMs);
    const firstMs = record.piecesMs[0];
    return {
      addedMs,
      toFirstMs: firstMs === undefined || report.firstPieceMs === null ? null : report.firstPieceMs - (firstMs - record.readMs),
    };
  });
  const added = ascending(matched.map(({ addedMs }) => addedMs));
  const toFirst = ascending(matched.flatMap(({ toFirstMs }) => (toFirstMs === null ? [] : [toFirstMs])));
  return {
    perSecond: rateOf(ascending(recorded.map(({ readMs }) => readMs))),
    addedMs: quantile(added, 0.5),
    addedP99Ms: quantile(added, 0.99),
    addedToFirstMs: toFirst.length === 0 ? null : quantile(toFirst, 0.5),
  };
}

/** Over the middle four fifths. */
function rateOf(readMs: readonly number[]): number {
  const from = Math.floor(readMs.length / 10);
  const to = readMs.length - 1 - from;
  return ((to - from) * 1000) / ((readMs[to] ?? Number.NaN) - (readMs[from] ?? Number.NaN));
}

function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

function print({ title, answerMs }: Scene, results: Results): void {
  const lines = [...results].flatMap(([{ name }, figures]) => (figures.length === 0 ? [] : [{ name, figures: middle(figures) }]));
  console.log(title);
  for (const { name, figures } of lines) {
    const toFirst = figures.addedToFirstMs === null ? '' : `; to the first piece ${figures.addedToFirstMs.toFixed(3)}`;
    const added = `added p50 ${figures.addedMs.toFixed(3)}, p99 ${figures.addedP99Ms.toFixed(3)}${toFirst}`;
    console.log(`  ${name.padEnd(16)} ${figures.perSecond.toFixed(0).padStart(6)} requests/s; ${added}`);
  }
  const [ours, ...theirs] = lines.map(({ figures }) => figures);
  if (ours === undefined || theirs.length === 0) return;
  const rate = ours.perSecond / Math.max(...theirs.map(({ perSecond }) => perSecond));
  const added = ours.addedMs / Math.min(...theirs.map(({ addedMs }) => addedMs));
  console.log(answerMs === 0 ? `  ours/best: ${rate.toFixed(2)} of the rate` : `  ours/best: ${added.toFixed(2)} of the added latency`);
}

/** Each figure's median over the rounds. */
function middle(rounds: readonly Figures[]): Figures {
  const of = (part: 'perSecond' | 'addedMs' | 'addedP99Ms'): number => quantile(ascending(rounds.map((round) => round[part])), 0.5);
  const toFirst = ascending(rounds.flatMap(({ addedToFirstMs }) => (addedToFirstMs === null ? [] : [addedToFirstMs])));
  return {
    ...{ perSecond: of('perSecond'), addedMs: of('addedMs'), addedP99Ms: of('addedP99Ms') },
    addedToFirstMs: toFirst.length === 0 ? null : quantile(toFirst, 0.5),
  };
}

if (import.meta.main) await run();
