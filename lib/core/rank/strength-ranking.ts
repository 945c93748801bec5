/**
 * The ranking by Bradley-Terry strengths: strengths, Elo, their intervals, and the range of places that the pairs allow. Called by
 * battle-table.ts with comparisons whose strengths exist.
 */
import { normalQuantile } from '../measures/normal.ts';
import { columnSorter } from './ascending-order.ts';
import { type BradleyTerryFit, fitBradleyTerry, TOLERANCE } from './bradley-terry.ts';
import type { WinMatrix } from './connectivity.ts';
import { placesOf } from './places.ts';

const ELO = { base: 1000, scale: 400 } as const;
const CONFIDENCE = 0.95;

interface Bounds {
  readonly low: number;
  readonly high: number;
}

export interface StrengthRow {
  readonly model: string;
  readonly rank: number;
  /** Places that the comparisons of pairs allow. */
  readonly rankRange: readonly [best: number, worst: number];
  readonly strength: number;
  readonly strengthInterval: Bounds;
  readonly elo: number;
  readonly eloInterval: Bounds;
  readonly wins: number;
  readonly losses: number;
}

export interface StrengthRanking {
  readonly method: 'bradley-terry';
  readonly version: '1';
  readonly formula: string;
  readonly elo: typeof ELO;
  readonly interval: { readonly method: 'wald-log-strength'; readonly confidence: number; readonly rankRange: string };
  /** Sum of the counts. */
  readonly comparisons: number;
  readonly fit: { readonly method: 'newton' } & Pick<BradleyTerryFit, 'iterations' | 'lastStep' | 'gradient'>;
  /** Best first. */
  readonly models: readonly StrengthRow[];
}

export const STRENGTH_FORMULA =
  'P(i beats j) = s_i / (s_i + s_j), maximum likelihood, geometric mean of s = 1; elo = 1000 + 400 x log10(s)';

/** Intervals are symmetric in log strength: estimate ± z x standard error of the observed information. */
export function strengthRanking(matrix: WinMatrix): StrengthRanking {
  const fit = fitBradleyTerry(matrix);
  const { iterations, lastStep, gradient } = fit;
  const n = matrix.models.length;
  const ranges = rankRanges(fit, n);
  const { order, ranks } = placesOf(fit.logStrengths, TOLERANCE, columnSorter(n));
  const models = Array.from(order, (index) => ({
    model: matrix.models[index] ?? '',
    rank: ranks[index] ?? n,
    rankRange: ranges[index] ?? ([1, n] as const),
    ...strengthOf(fit, index, n),
    wins: sumOf(n, (other) => matrix.wins[index * n + other] ?? 0),
    losses: sumOf(n, (other) => matrix.wins[other * n + index] ?? 0),
  }));
  return {
    method: 'bradley-terry',
    version: '1',
    formula: STRENGTH_FORMULA,
    elo: ELO,
    interval: {
      method: 'wald-log-strength',
      confidence: CONFIDENCE,
      rankRange: 'wald-log-strength of differences, Bonferroni over all pairs',
    },
    comparisons: models.reduce((sum, { wins }) => sum + wins, 0),
    fit: { method: 'newton', iterations, lastStep, gradient },
    models,
  };
}

function strengthOf({ logStrengths, covariance }: BradleyTerryFit, model: number, n: number) {
  const log = logStrengths[model] ?? 0;
  const half = normalQuantile(0.5 + CONFIDENCE / 2) * Math.sqrt(covariance[model * n + model] ?? 0);
  return {
    strength: Math.exp(log),
    strengthInterval: { low: Math.exp(log - half), high: Math.exp(log + half) },
    elo: eloOf(log),
    eloInterval: { low: eloOf(log - half), high: eloOf(log + half) },
  };
}

/** 400 for each power of ten in strength; 1000 at a strength of 1. */
export function eloOf(logStrength: number): number {
  return ELO.base + ELO.scale * (logStrength / Math.LN10);
}

/**
 * From 1 + the models that are separably better to n - those separably worse: a pair is separable when the interval of its difference,
 * at 1 - (1 - confidence) / pairs, excludes 0.
 */
function rankRanges({ logStrengths, covariance }: BradleyTerryFit, n: number): (readonly [number, number])[] {
  const quantile = -normalQuantile((1 - CONFIDENCE) / (n * (n - 1)));
  const better = new Uint32Array(n);
  const worse = new Uint32Array(n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < a; b++) {
      const variance = (covariance[a * n + a] ?? 0) + (covariance[b * n + b] ?? 0) - 2 * (covariance[a * n + b] ?? 0);
      const difference = (logStrengths[a] ?? 0) - (logStrengths[b] ?? 0);
      if (!(Math.abs(difference) > quantile * Math.sqrt(variance))) continue;
      const [winner, loser] = difference > 0 ? [a, b] : [b, a];
      better[loser] = (better[loser] ?? 0) + 1;
      worse[winner] = (worse[winner] ?? 0) + 1;
    }
  }
  return Array.from(better, (count, model) => [1 + count, n - (worse[model] ?? 0)] as const);
}

function sumOf(n: number, term: (index: number) => number): number {
  let sum = 0;
  for (let index = 0; index < n; index++) sum += term(index);
  return sum;
}
