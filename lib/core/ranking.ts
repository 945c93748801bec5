/**
 * The ranking of a run's jobs by one metric: places, ranges of places that the pairwise comparisons allow, and who cannot be
 * told from whom. References are shown and never ranked.
 */
import type { MetricColumn, SuiteColumns } from './columns.ts';
import { compareJobs } from './compare-jobs.ts';
import type { Comparison, Interval, Ranking, RankingEntry } from './scores.ts';

/** A job as a ranking sees it: its value of the ranked metric, or the reason why it has none, and the column behind it where there is one. */
export interface Candidate {
  readonly jobId: string;
  readonly reference: boolean;
  readonly column: MetricColumn | null;
  readonly value: number | null;
  readonly reason: string | null;
  readonly interval: Interval | null;
}

/** The difference a - b of two jobs that both have a value. */
export type CompareByName = (a: string, b: string, confidence: number) => Comparison;

export interface RankedMetric {
  readonly metric: string;
  readonly direction: 'higher' | 'lower';
  readonly formula: string;
  readonly confidence: number;
  /** Where values are those of all jobs together and no job has a column: how two of them compare. */
  readonly joint?: CompareByName;
  readonly composite?: NonNullable<Ranking['composite']>;
}

interface Contender extends Candidate {
  readonly value: number;
}

function isContender(candidate: Candidate): candidate is Contender {
  return !candidate.reference && candidate.value !== null;
}

/** By the columns of the two, paired by sample. */
function byColumns(a: Candidate, b: Candidate, suite: SuiteColumns, confidence: number): Comparison[] {
  if (a.column === null || b.column === null) return [];
  return [compareJobs({ jobId: a.jobId, column: a.column }, { jobId: b.jobId, column: b.column }, suite, confidence)];
}

/** Bonferroni: with m comparisons each interval is made at 1 - (1 - confidence) / m, so that all hold together. */
export function correctedConfidence(confidence: number, comparisons: number): number {
  return 1 - (1 - confidence) / Math.max(1, comparisons);
}

/** Every unordered pair, once. */
export function pairsOf<T>(values: readonly T[]): [T, T][] {
  return values.flatMap((a, index) => values.slice(index + 1).map((b): [T, T] => [a, b]));
}

/** Verdicts from the point of view of one job. */
function standing(jobId: string, comparisons: readonly Comparison[]): { better: number; worse: number; notSeparableFrom: string[] } {
  let [better, worse] = [0, 0];
  const notSeparableFrom: string[] = [];
  for (const { a, b, verdict } of comparisons) {
    if (a !== jobId && b !== jobId) continue;
    if (verdict !== 'a' && verdict !== 'b') notSeparableFrom.push(a === jobId ? b : a);
    else if ((verdict === 'a' ? a : b) === jobId) worse++;
    else better++;
  }
  return { better, worse, notSeparableFrom };
}

function entryOf(candidate: Candidate, contenders: readonly Contender[], comparisons: readonly Comparison[], sign: 1 | -1): RankingEntry {
  const { jobId, reference, value, reason, interval } = candidate;
  const head = { jobId, reference, value, reason, interval };
  if (!isContender(candidate)) return { ...head, rank: null, rankRange: null, notSeparableFrom: [] };
  const rank = 1 + contenders.filter((other) => sign * (other.value - candidate.value) > 0).length;
  const { better, worse, notSeparableFrom } = standing(jobId, comparisons);
  // Values cover all samples, comparisons only common ones: the range always includes the place by value.
  const best = Math.min(rank, 1 + better);
  const worst = Math.max(rank, contenders.length - worse);
  return { ...head, rank, rankRange: [best, worst], notSeparableFrom };
}

function correctionText(confidence: number, pairs: number): string {
  const percent = (share: number): string => `${Number((share * 100).toFixed(4))} %`;
  const each = percent(correctedConfidence(confidence, pairs));
  return `Bonferroni over ${pairs} ${pairs === 1 ? 'pair' : 'pairs'}: each interval at ${each}, so that all hold together at ${percent(confidence)}`;
}

/** Entries by value, best first; references beside them in the same order; jobs without a value last. */
function inOrder(entries: readonly RankingEntry[], sign: 1 | -1): RankingEntry[] {
  const key = (entry: RankingEntry): number => (entry.value === null ? Number.POSITIVE_INFINITY : -sign * entry.value);
  const difference = (a: RankingEntry, b: RankingEntry): number => (key(a) === key(b) ? 0 : key(a) - key(b));
  return entries.toSorted((a, b) => difference(a, b) || (a.jobId < b.jobId ? -1 : 1));
}

/** Places by value, ranges of places by separable differences; jobs without a value are left out with their reason. */
export function rankJobs(candidates: readonly Candidate[], suite: SuiteColumns, ranked: RankedMetric): Ranking {
  const contenders = candidates.filter(isContender);
  const pairs = pairsOf(contenders);
  const confidence = correctedConfidence(ranked.confidence, pairs.length);
  const { joint } = ranked;
  const comparisons = pairs.flatMap(([a, b]) =>
    joint === undefined ? byColumns(a, b, suite, confidence) : [joint(a.jobId, b.jobId, confidence)],
  );
  const sign = ranked.direction === 'higher' ? 1 : -1;
  return {
    metric: ranked.metric,
    direction: ranked.direction,
    formula: ranked.formula,
    correction: correctionText(ranked.confidence, pairs.length),
    ...(ranked.composite === undefined ? {} : { composite: ranked.composite }),
    entries: inOrder(
      candidates.map((candidate) => entryOf(candidate, contenders, comparisons, sign)),
      sign,
    ),
    comparisons,
  };
}
