/**
 * The driver's clocks held against a server that injects delays of known distributions and records what it really did. Every round is driven
 * once by a bare client and once by the driver, in turns: only what no machine can be blamed for is asserted absolutely (no measured time is
 * shorter than the recorded one, one clock explains all, counts). What a busy machine adds is compared with what it adds to the bare client in
 * the same round, and more rounds are looked at before the driver is blamed. bench/calibration.ts prints the errors themselves.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SampleRow } from '../../lib/core/sample.ts';
import {
  clockRoomMs,
  distanceOf,
  firstByteErrors,
  firstPieceErrors,
  gapErrors,
  lags,
  latencyErrors,
  measuredGaps,
  measuredLatencies,
  quantile,
  rankCorrelation,
  recordedGaps,
  recordedLatencies,
} from '../fixtures/calibration/agreement.ts';
import { dueTimes, observeBare, observeDriver, ofDistribution, type Pair, type Scene } from '../fixtures/calibration/observe.ts';
import { closedScene, openScene, PIECES } from '../fixtures/calibration/scenes.ts';
import { type StartedServer, startServer } from '../fixtures/servers/start-server.ts';

const ROUNDS = { first: 2, most: 8 } as const;
/** Rows have microseconds: the two ends of a difference may each be half a one off. */
const ROUNDING_MS = 0.0015;
/**
 * What the driver may add in the median: so many times what the bare client adds, and this share of the time itself. Faults of timing are off by
 * whole service times.
 */
const MOST_ADDED = { times: 4, share: 0.1 } as const;
/** Beyond the bare client's: a share of samples in the wrong place. */
const MORE_DISTANCE = 0.2;

interface Round {
  readonly bare: readonly Pair[];
  readonly driven: readonly Pair[];
  readonly rows: readonly SampleRow[];
}

interface Watched {
  readonly scene: Scene;
  readonly rounds: Round[];
}

type Statistic = (pairs: readonly Pair[]) => number;

let server: StartedServer;
beforeAll(async () => {
  server = await startServer('../calibrated-server.ts', { instance: 'instance-1' });
});
afterAll(() => server.stop());

async function observeRound({ scene, rounds }: Watched): Promise<void> {
  const bare = await observeBare(server.url, scene);
  const { pairs: driven, rows } = await observeDriver(server.url, scene);
  rounds.push({ bare, driven, rows });
}

/** In some round: what a machine adds differs from one to the next, a fault is in all of them. */
async function expectDriven({ rounds, scene }: Watched, statistic: Statistic, mostOf: (bare: number) => number): Promise<void> {
  const excess = (): number => Math.min(...rounds.map(({ bare, driven }) => statistic(driven) - mostOf(statistic(bare))));
  while (excess() > 0 && rounds.length < ROUNDS.most) await observeRound({ rounds, scene });
  expect(excess()).toBeLessThanOrEqual(0);
}

function expectAddsLittle(
  watched: Watched,
  errors: (pairs: readonly Pair[]) => readonly number[],
  times: typeof recordedLatencies,
): Promise<void> {
  const typical = quantile(
    watched.rounds.flatMap(({ driven }) => times(driven)).toSorted((a, b) => a - b),
    0.5,
  );
  const most = (bare: number): number => MOST_ADDED.times * bare + MOST_ADDED.share * typical;
  return expectDriven(watched, (pairs) => quantile(errors(pairs), 0.5), most);
}

function expectNothingShorter({ rounds }: Watched, errors: (pairs: readonly Pair[]) => readonly number[]): void {
  for (const { driven } of rounds) expect(errors(driven)[0]).toBeGreaterThanOrEqual(-ROUNDING_MS);
}

/** Share of two-mode samples that were measured in the other mode. */
function misplaced(pairs: readonly Pair[]): number {
  const those = ofDistribution(pairs, 'bimodal');
  const recorded = recordedLatencies(those);
  const between = (Math.min(...recorded) + Math.max(...recorded)) / 2;
  return measuredLatencies(those).filter((each, index) => each > between !== (recorded[index] ?? 0) > between).length / those.length;
}

/** Of the requests whose headers went out early: first bytes that were nearer to the last byte than to the headers. */
function shareOfLateFirstBytes(pairs: readonly Pair[]): number {
  const late = pairs.filter(({ observed, recorded }) => {
    const toLastMs = recorded.doneMs - (recorded.headersMs ?? Number.NaN);
    return observed.doneMs - observed.firstByteMs < toLastMs / 2;
  });
  return late.length / pairs.length;
}

function watch(scene: Scene): Watched {
  const watched: Watched = { scene, rounds: [] };
  beforeAll(async () => {
    while (watched.rounds.length < ROUNDS.first) await observeRound(watched);
  });
  return watched;
}

function itKeepsTime(watched: Watched): void {
  it('measures no request as shorter than it was', () => {
    expectNothingShorter(watched, latencyErrors);
  });

  it('has one clock, which explains every time of every request', () => {
    for (const { driven } of watched.rounds) expect(clockRoomMs(driven)).toBeGreaterThanOrEqual(-ROUNDING_MS);
  });

  it('adds to a request no more than a few times what a bare client adds', async () => {
    await expectAddsLittle(watched, latencyErrors, recordedLatencies);
  });
}

function itKeepsLanesFull(watched: Watched, lanes: number): void {
  it('keeps as many requests at the server as it has lanes, and never one more', () => {
    const peaks = watched.rounds.map(({ driven }) => Math.max(...driven.map(({ recorded }) => recorded.inFlight)));

    expect(Math.max(...peaks)).toBe(lanes);
  });
}

function itMeasuresTheWhole(watched: Watched): void {
  it('takes the first byte when it comes, not with the last', async () => {
    expectNothingShorter(watched, firstByteErrors);
    await expectAddsLittle(watched, firstByteErrors, recordedLatencies);
    await expectDriven(watched, shareOfLateFirstBytes, (bare) => bare + MORE_DISTANCE);
  });

  it.each(['lognormal', 'pareto'] as const)('measures a %s distribution as the server recorded it', async (distribution) => {
    const distance: Statistic = (pairs) => {
      const those = ofDistribution(pairs, distribution);
      return distanceOf(measuredLatencies(those), recordedLatencies(those));
    };
    await expectDriven(watched, distance, (bare) => bare + MORE_DISTANCE);
  });

  it('measures both modes of a distribution with two', async () => {
    await expectDriven(watched, misplaced, (bare) => bare + MORE_DISTANCE / 2);
  });

  it('keeps the order of the samples, from the fastest to the slowest', async () => {
    const disorder: Statistic = (pairs) => {
      const those = ofDistribution(pairs, 'lognormal');
      return 1 - rankCorrelation(measuredLatencies(those), recordedLatencies(those));
    };
    await expectDriven(watched, disorder, (bare) => bare + MORE_DISTANCE);
  });
}

function itMeasuresPieces(watched: Watched): void {
  it('counts every piece', () => {
    for (const { driven } of watched.rounds) for (const { observed } of driven) expect(observed.piecesMs).toHaveLength(PIECES);
  });

  it('takes the first piece when it comes', async () => {
    expectNothingShorter(watched, firstPieceErrors);
    await expectAddsLittle(watched, firstPieceErrors, recordedLatencies);
  });

  it('measures each gap between two pieces, not their mean', async () => {
    await expectAddsLittle(watched, gapErrors, recordedGaps);
  });

  it.each(['lognormal', 'pareto'] as const)('measures the gaps of a %s distribution as the server recorded them', async (distribution) => {
    const distance: Statistic = (pairs) => {
      const those = ofDistribution(pairs, distribution);
      return distanceOf(measuredGaps(those), recordedGaps(those));
    };
    await expectDriven(watched, distance, (bare) => bare + MORE_DISTANCE);
  });
}

function itKeepsTheSchedule(watched: Watched): void {
  const dueMs = dueTimes(watched.scene) ?? new Float64Array();

  it('has the drawn schedule in its rows, sends nothing ahead of it and counts latency from it', () => {
    for (const row of watched.rounds.flatMap(({ rows }) => rows)) {
      const { scheduledMs = Number.NaN, sentMs = Number.NaN, doneMs = Number.NaN, latencyMs = Number.NaN } = row.timings ?? {};
      expect(scheduledMs).toBeCloseTo(dueMs[row.ordinal] ?? Number.NaN, 2);
      expect(sentMs).toBeGreaterThanOrEqual(scheduledMs - ROUNDING_MS);
      expect(latencyMs).toBeCloseTo(doneMs - scheduledMs, 2);
    }
  });

  it('has no request at the server before it was due, on one clock', () => {
    for (const { driven } of watched.rounds) {
      const zeroes = driven.map(({ recorded, injection }) => recorded.readMs - (dueMs[injection.index] ?? Number.NaN));
      const arrived = driven.map(({ recorded, observed }) => recorded.doneMs - observed.doneMs);
      expect(Math.min(...zeroes) - Math.max(...arrived)).toBeGreaterThanOrEqual(-ROUNDING_MS);
    }
  });

  it('is as punctual as timers are', async () => {
    await expectDriven(
      watched,
      (pairs) => quantile(lags(pairs, dueMs), 0.5),
      (bare) => 2 * bare,
    );
  });
}

describe.each([
  ['native', 1],
  ['native', 8],
  ['openai-chat', 8],
  ['native', 64],
  ['native', 256],
] as const)('answers in one piece, %s, concurrency %i', (protocol, concurrency) => {
  const watched = watch(closedScene(protocol, false, concurrency));

  itKeepsTime(watched);
  itKeepsLanesFull(watched, concurrency);
  itMeasuresTheWhole(watched);
});

describe.each([
  ['openai-chat', 1],
  ['openai-chat', 8],
  ['native', 8],
  ['openai-chat', 64],
  ['openai-chat', 256],
] as const)('answers in pieces, %s, concurrency %i', (protocol, concurrency) => {
  const watched = watch(closedScene(protocol, true, concurrency));

  itKeepsTime(watched);
  itKeepsLanesFull(watched, concurrency);
  itMeasuresPieces(watched);
});

describe.each([
  ['native', false, 'poisson'],
  ['native', false, 'constant'],
  ['openai-chat', true, 'poisson'],
] as const)('an open loop, %s, streams %s, %s', (protocol, streams, mode) => {
  const watched = watch(openScene(protocol, streams, mode));

  itKeepsTime(watched);
  itKeepsTheSchedule(watched);
  if (streams) itMeasuresPieces(watched);
  else itMeasuresTheWhole(watched);
});
