/**
 * The driver's clocks held against a server that injects delays of known distributions and records what it really did. Every round is driven
 * once by a bare client and once by the driver, in turns: only what no machine can be blamed for is asserted absolutely (no measured time is
 * shorter than the recorded one, one clock explains all, counts, orders); what a busy machine adds is compared with what it adds to the bare
 * client, in the best round of each. bench/calibration.ts prints the errors themselves.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mostInFlight } from '../../lib/core/load/load-kind.ts';
import {
  clockRoomMs,
  distanceOf,
  firstByteErrors,
  firstPieceErrors,
  gapErrors,
  gapsOf,
  latencyErrors,
  measuredLatencies,
  quantile,
  rankCorrelation,
  recordedLatencies,
} from '../fixtures/calibration/agreement.ts';
import type { Distribution } from '../fixtures/calibration/delay-plan.ts';
import { mixedInjections, observeBare, observeDriver, ofDistribution, type Pair, type Scene } from '../fixtures/calibration/observe.ts';
import { type StartedServer, startServer } from '../fixtures/servers/start-server.ts';

/** Fewer where a round is long. */
const roundsOf = (concurrency: number): number => (concurrency > 64 ? 2 : 3);
/** Rows have microseconds: the two ends of a difference may each be half a one off. */
const ROUNDING_MS = 0.0015;
/** What the driver may add to a request, in its median, of what the bare client adds. Faults of timing are off by whole service times. */
const MOST_ADDED = 4;
const PIECES = 8;
/** A share of samples in the wrong place. */
const DISTANCE_SLACK = 0.15;

interface Round {
  readonly bare: readonly Pair[];
  readonly driven: readonly Pair[];
}

let server: StartedServer;
beforeAll(async () => {
  server = await startServer('../calibrated-server.ts', { instance: 'instance-1' });
});
afterAll(() => server.stop());

/** Means grow with the lanes, so that the rate stays one that two cores can serve. */
function closedScene(protocol: Scene['protocol'], streams: boolean, concurrency: number): Scene {
  const meanMs = Math.max(10, streams ? concurrency / 2 : concurrency);
  const count = concurrency === 1 ? 64 : Math.max(200, 3 * concurrency);
  const injections = mixedInjections(count, meanMs, streams ? { pieces: PIECES } : { headersEarly: true });
  const stream = streams ? { stream: true } : {};
  return { protocol, streams, load: { mode: 'closed', concurrency, warmup: 0, ...stream }, injections };
}

async function observeRounds(scene: Scene): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < roundsOf(mostInFlight(scene.load)); round++) {
    const bare = await observeBare(server.url, scene);
    const { pairs: driven } = await observeDriver(server.url, scene);
    rounds.push({ bare, driven });
  }
  return rounds;
}

/** The best round of each: what a machine adds differs from round to round, a fault is in all of them. */
function best(rounds: readonly Round[], statistic: (pairs: readonly Pair[]) => number): { bare: number; driven: number } {
  const smallest = (who: keyof Round): number => Math.min(...rounds.map((round) => statistic(round[who])));
  return { bare: smallest('bare'), driven: smallest('driven') };
}

function expectAddsLittle(rounds: readonly Round[], errors: (pairs: readonly Pair[]) => readonly number[]): void {
  const { bare, driven } = best(rounds, (pairs) => quantile(errors(pairs), 0.5));
  expect(driven).toBeLessThanOrEqual(MOST_ADDED * bare);
}

function distanceWithin(distribution: Distribution): (pairs: readonly Pair[]) => number {
  return (pairs) => {
    const those = ofDistribution(pairs, distribution);
    return distanceOf(measuredLatencies(those), recordedLatencies(those));
  };
}

/** Share of two-mode samples that were measured in the other mode. */
function misplaced(pairs: readonly Pair[]): number {
  const those = ofDistribution(pairs, 'bimodal');
  const between = (Math.min(...recordedLatencies(those)) + Math.max(...recordedLatencies(those))) / 2;
  const recorded = recordedLatencies(those);
  return measuredLatencies(those).filter((each, index) => each > between !== (recorded[index] ?? 0) > between).length / those.length;
}

function itKeepsTime(rounds: () => readonly Round[]): void {
  it('measures no request as shorter than it was, on one clock', () => {
    for (const { driven } of rounds()) {
      expect(latencyErrors(driven)[0]).toBeGreaterThanOrEqual(-ROUNDING_MS);
      expect(clockRoomMs(driven)).toBeGreaterThanOrEqual(-ROUNDING_MS);
    }
  });

  it('adds to a request no more than a few times what a bare client adds', () => {
    expectAddsLittle(rounds(), latencyErrors);
  });
}

function itKeepsLanesFull(scene: Scene, rounds: () => readonly Round[]): void {
  it('keeps as many requests at the server as it has lanes, and never one more', () => {
    const peak = (pairs: readonly Pair[]): number => Math.max(...pairs.map(({ recorded }) => recorded.inFlight));
    const peaks = rounds().map(({ driven }) => peak(driven));

    expect(Math.max(...peaks)).toBe(scene.load.mode === 'closed' ? scene.load.concurrency : Number.NaN);
  });
}

describe.each([
  ['native', 1],
  ['native', 8],
  ['openai-chat', 8],
  ['native', 64],
  ['native', 256],
] as const)('answers in one piece, %s, concurrency %i', (protocol, concurrency) => {
  const scene = closedScene(protocol, false, concurrency);
  let rounds: Round[] = [];
  beforeAll(async () => {
    rounds = await observeRounds(scene);
  });

  itKeepsTime(() => rounds);
  itKeepsLanesFull(scene, () => rounds);

  it('takes the first byte when it comes, not with the last', () => {
    for (const { driven } of rounds) expect(firstByteErrors(driven)[0]).toBeGreaterThanOrEqual(-ROUNDING_MS);
    expectAddsLittle(rounds, firstByteErrors);
  });

  it.each(['lognormal', 'pareto'] as const)('measures a %s distribution as the server recorded it', (distribution) => {
    const { bare, driven } = best(rounds, distanceWithin(distribution));
    expect(driven).toBeLessThanOrEqual(bare + DISTANCE_SLACK);
  });

  it('measures both modes of a distribution with two', () => {
    const { bare, driven } = best(rounds, misplaced);
    expect(driven).toBeLessThanOrEqual(bare + DISTANCE_SLACK / 3);
  });

  it('keeps the order of the samples, from the fastest to the slowest', () => {
    const { bare, driven } = best(rounds, (pairs) => 1 - rankCorrelation(measuredLatencies(pairs), recordedLatencies(pairs)));
    expect(driven).toBeLessThanOrEqual(bare + DISTANCE_SLACK / 3);
  });
});

describe.each([
  ['openai-chat', 1],
  ['openai-chat', 8],
  ['native', 8],
  ['openai-chat', 64],
  ['openai-chat', 256],
] as const)('answers in pieces, %s, concurrency %i', (protocol, concurrency) => {
  const scene = closedScene(protocol, true, concurrency);
  let rounds: Round[] = [];
  beforeAll(async () => {
    rounds = await observeRounds(scene);
  });

  itKeepsTime(() => rounds);
  itKeepsLanesFull(scene, () => rounds);

  it('counts every piece', () => {
    for (const { driven } of rounds) for (const { observed } of driven) expect(observed.piecesMs).toHaveLength(PIECES);
  });

  it('takes the first piece when it comes', () => {
    for (const { driven } of rounds) expect(firstPieceErrors(driven)[0]).toBeGreaterThanOrEqual(-ROUNDING_MS);
    expectAddsLittle(rounds, firstPieceErrors);
  });

  it('measures each gap between two pieces, not their mean', () => {
    const { bare, driven } = best(rounds, (pairs) => quantile(gapErrors(pairs), 0.5));
    expect(driven).toBeLessThanOrEqual(MOST_ADDED * bare);
  });

  it.each(['lognormal', 'pareto'] as const)('measures the gaps of a %s distribution as the server recorded them', (distribution) => {
    const { bare, driven } = best(rounds, (pairs) => {
      const those = ofDistribution(pairs, distribution);
      const gaps = (who: 'observed' | 'recorded'): number[] => those.flatMap((pair) => gapsOf(pair[who].piecesMs));
      return distanceOf(gaps('observed'), gaps('recorded'));
    });
    expect(driven).toBeLessThanOrEqual(bare + DISTANCE_SLACK);
  });
});
