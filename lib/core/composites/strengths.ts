/**
 * Bradley-Terry strengths of the jobs of a run, in Elo, from battles sample by sample, with intervals from draws of the items that all jobs
 * share. Called by joint-scores.ts; strengths are fitted, and tables without finite ones refused, by lib/core/rank.
 */
import type { SuiteColumns } from '../columns.ts';
import { BakeoffError } from '../errors.ts';
import { MIN_BOOTSTRAP_CLUSTERS } from '../measures/estimate.ts';
import { type BradleyTerryFit, fitBradleyTerry } from '../rank/bradley-terry.ts';
import { whyNotConnected } from '../rank/connectivity.ts';
import { eloOf } from '../rank/strength-ranking.ts';
import { absentMetric } from './absent-metric.ts';
import { type Battles, allWins, battlesOf, filledWorths, refought, type Worths, winsOf, worthsOf } from './battles.ts';
import { clusteredCovariance, waldSpread } from './clustered-covariance.ts';
import { BLOCK, forEachBlock, type Groups, groupItems, jointResamples, MAX_GROUPS, type Spread, spreadOfDraws } from './item-draws.ts';
import { companyOf, type JointJob, type JointOptions, type JointScore, type JointScores, refusedJoint } from './company.ts';
import { COULD_TURN, jointVerdict, slotsInCommon } from './joint-verdict.ts';

const LABEL = 'score.total';
/** Cells of the table of battles, at 4 bytes. */
const MAX_CELLS = 2 ** 25;
const MAX_JOBS = 500;
/** Newton's steps of a fit, and its inversion, in multiplications over the third power of the jobs. */
const FIT_WORK = 4;
/** Multiplications for all verdicts on jobs with missing samples together. */
const WEAKNESS_WORK = 2 ** 29;
const EMPTY = new Uint8Array(0);
const ELO_OF_LOG = eloOf(1) - eloOf(0);

/** A fit, the groups that it was made of, and what they say of its uncertainty. */
interface Field {
  readonly jobs: readonly JointJob[];
  readonly worths: readonly Worths[];
  /** 1 where a job has a value. */
  readonly present: readonly Uint8Array[];
  readonly battles: Battles;
  readonly groups: Groups;
  readonly suite: SuiteColumns;
  readonly logStrengths: Float64Array;
  /** By resample and job; null where draws tell nothing, and the covariance speaks. */
  readonly draws: Float64Array | null;
  readonly covariance: Float64Array;
  /** Why there are no intervals; null where there are. */
  readonly noInterval: string | null;
  /** Multiplications that verdicts on jobs with missing samples may still take. */
  budget: number;
}

/** No strength at all where the battles have no finite ones: the reason is every job's. */
export function strengthsOfJobs(metric: string, jobs: readonly JointJob[], suite: SuiteColumns, options: JointOptions): JointScores {
  const slots = suite.itemCount * suite.repeats;
  const company = companyOf(jobs, (job) => obstacleOf(job, metric, slots));
  const refused = [...company.refused].map(([jobId, reason]): [string, JointScore] => [jobId, refusedJoint(reason)]);
  const none = (reason: string): JointScores => ({
    jobs: new Map([...refused, ...company.jobs.map(({ jobId }): [string, JointScore] => [jobId, refusedJoint(reason)])]),
    compare: (a, b) =>
      jointVerdict({ a, b, difference: 0, spread: NO_SPREAD, common: { items: 0, slots: 0 }, suite, weakness: () => null }),
  });
  if (company.jobs.length === 0) return none('no two jobs met');
  if (company.jobs.length > MAX_JOBS) return none(`at most ${MAX_JOBS} jobs are ranked by their battles`);
  const worths = company.jobs.flatMap(({ metrics }) => {
    const column = metrics.find(({ name }) => name === metric);
    return (column === undefined ? null : worthsOf(column)) ?? [];
  });
  const pairs = (worths.length * (worths.length - 1)) / 2;
  const groups = groupItems(suite.order.length, Math.min(MAX_GROUPS, Math.floor(MAX_CELLS / (2 * pairs))), LABEL);
  const battles = battlesOf(worths, suite, groups);
  const names = company.jobs.map(({ jobId }) => jobId);
  const fit = fitOrReason(names, allWins(battles));
  if (typeof fit === 'string') return none(`no finite strengths fit these battles: ${fit}`);
  const field = fieldOf(company.jobs, worths, battles, groups, suite, fit, options);
  return { jobs: new Map([...refused, ...scoresOf(field, options.confidence)]), compare: comparer(field) };
}

const NO_SPREAD: Spread = { interval: null, intervalReason: 'no strengths', sign: 0 };

function obstacleOf({ metrics }: JointJob, metric: string, slots: number): string | null {
  const column = metrics.find(({ name }) => name === metric);
  const absence = absentMetric(column, metric, slots);
  if (absence !== null || column === undefined) return absence;
  return worthsOf(column) === null ? `${metric} is made of all samples together and decides no battle` : null;
}

/** Why these wins have no finite strengths. */
function fitOrReason(models: readonly string[], wins: Float64Array): BradleyTerryFit | string {
  const matrix = { models, wins };
  const reason = whyNotConnected(matrix);
  if (reason !== null) return reason;
  try {
    return fitBradleyTerry(matrix);
  } catch (thrown) {
    if (thrown instanceof BakeoffError && thrown.code === 'fit-not-converged') return thrown.message;
    throw thrown;
  }
}

function fieldOf(
  jobs: readonly JointJob[],
  worths: readonly Worths[],
  battles: Battles,
  groups: Groups,
  suite: SuiteColumns,
  fit: BradleyTerryFit,
  options: JointOptions,
): Field {
  const items = itemsWithBattle(worths, suite);
  const noInterval = items < MIN_BOOTSTRAP_CLUSTERS ? `fewer than ${MIN_BOOTSTRAP_CLUSTERS} items (${items})` : null;
  const names = jobs.map(({ jobId }) => jobId);
  const draws = noInterval === null ? drawStrengths(battles, names, options.correctedConfidence(jobs.length)) : null;
  const covariance = clusteredCovariance(battles, fit);
  const present = worths.map(({ values }) => Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1)));
  return {
    jobs,
    worths,
    present,
    battles,
    groups,
    suite,
    logStrengths: fit.logStrengths,
    draws,
    covariance,
    noInterval,
    budget: WEAKNESS_WORK,
  };
}

/** Null where so many fits cannot be paid, or where the strengths of some draw are not finite. */
function drawStrengths(battles: Battles, names: readonly string[], confidence: number): Float64Array | null {
  const { jobs, groups, table } = battles;
  const resamples = jointResamples(confidence, table.length + FIT_WORK * jobs ** 3);
  if (resamples === 0) return null;
  const draws = new Float64Array(resamples * jobs);
  const wins = Array.from({ length: BLOCK }, () => new Float64Array(jobs * jobs));
  let hasStrengths = true;
  forEachBlock(groups, resamples, LABEL, (weights, first) => {
    if (!hasStrengths) return;
    winsOf(battles, weights, wins);
    for (const [within, own] of wins.entries()) {
      const fit = fitOrReason(names, own);
      if (typeof fit === 'string') hasStrengths = false;
      else draws.set(fit.logStrengths, (first + within) * jobs);
    }
  });
  return hasStrengths ? draws : null;
}

function itemsWithBattle(worths: readonly Worths[], { itemCount, repeats }: SuiteColumns): number {
  let items = 0;
  for (let item = 0; item < itemCount; item++) {
    let most = 0;
    for (let slot = item * repeats; slot < (item + 1) * repeats; slot++) {
      most = Math.max(most, worths.filter(({ values }) => !Number.isNaN(values[slot] ?? Number.NaN)).length);
    }
    if (most > 1) items++;
  }
  return items;
}

/** ± from the draws, or from the covariance where draws tell nothing. `terms`: how often each job's strength counts. */
function spreadOf(field: Field, terms: readonly (readonly [job: number, sign: 1 | -1])[], offset: number, confidence: number): Spread {
  const { draws, jobs, logStrengths, covariance, noInterval } = field;
  if (noInterval !== null) return { interval: null, intervalReason: noInterval, sign: 0 };
  const n = jobs.length;
  const of = (values: Float64Array, first: number): number =>
    offset + ELO_OF_LOG * terms.reduce((sum, [job, sign]) => sum + sign * (values[first + job] ?? 0), 0);
  const value = of(logStrengths, 0);
  if (draws === null) return waldSpread(value, terms, covariance, n, ELO_OF_LOG, confidence);
  return spreadOfDraws(
    value,
    Float64Array.from({ length: draws.length / n }, (_, row) => of(draws, row * n)),
    confidence,
  );
}

function scoresOf(field: Field, confidence: number): [string, JointScore][] {
  const { jobs, present, battles, logStrengths, suite } = field;
  const n = jobs.length;
  const wins = allWins(battles);
  return jobs.map(({ jobId }, job) => {
    const log = logStrengths[job] ?? 0;
    const sum = (valueAt: (other: number) => number): number => jobs.reduce((total, _, other) => total + valueAt(other), 0);
    const [won, lost] = [sum((other) => wins[job * n + other] ?? 0), sum((other) => wins[other * n + job] ?? 0)];
    const own = present[job] ?? EMPTY;
    const { items, slots } = slotsInCommon(own, own, suite);
    const { interval, intervalReason } = spreadOf(field, [[job, 1]], eloOf(0), confidence);
    const figures = { strength: Math.exp(log), won, lost };
    return [jobId, { value: eloOf(log), reason: null, interval, intervalReason, n: slots, clusters: items, figures }];
  });
}

function comparer(field: Field): JointScores['compare'] {
  const { jobs, present, suite, logStrengths } = field;
  const places = new Map(jobs.map(({ jobId }, at) => [jobId, at]));
  return (a, b, confidence) => {
    const [jobA, jobB] = [places.get(a) ?? 0, places.get(b) ?? 0];
    const difference = ELO_OF_LOG * ((logStrengths[jobA] ?? 0) - (logStrengths[jobB] ?? 0));
    const spread = spreadOf(
      field,
      [
        [jobA, 1],
        [jobB, -1],
      ],
      0,
      confidence,
    );
    const common = slotsInCommon(present[jobA] ?? EMPTY, present[jobB] ?? EMPTY, suite);
    const weakness = (winner: 'a' | 'b'): string | null =>
      winner === 'a' ? weaknessOf(field, jobA, jobB, confidence) : weaknessOf(field, jobB, jobA, confidence);
    return jointVerdict({ a, b, difference, spread, common, suite, weakness });
  };
}

/**
 * Whether the winner stays ahead when every battle that it missed is lost and every battle that the loser missed is won, by the clustered
 * covariance of that fit. With very many jobs this is no longer worked out, and then nothing stands.
 */
function weaknessOf(field: Field, winner: number, loser: number, confidence: number): string | null {
  const { worths, battles, suite, groups, jobs } = field;
  const [own, their] = [worths[winner], worths[loser]];
  if (own === undefined || their === undefined) return COULD_TURN;
  if (!own.gaps.includes(1) && !their.gaps.includes(1)) return null;
  field.budget -= battles.table.length + 2 * jobs.length * own.values.length + FIT_WORK * jobs.length ** 3;
  if (field.budget < 0) return `${COULD_TURN}: among so many jobs this is not worked out`;
  const filled = worths.map((each, job) =>
    job === winner ? filledWorths(each, Number.NEGATIVE_INFINITY) : job === loser ? filledWorths(each, Number.POSITIVE_INFINITY) : each,
  );
  const fought = refought(battles, filled, [winner, loser], suite, groups);
  const fit = fitOrReason(
    jobs.map(({ jobId }) => jobId),
    allWins(fought),
  );
  if (typeof fit === 'string') return COULD_TURN;
  const value = ELO_OF_LOG * ((fit.logStrengths[winner] ?? 0) - (fit.logStrengths[loser] ?? 0));
  const terms = [
    [winner, 1],
    [loser, -1],
  ] as const;
  const spread = waldSpread(value, terms, clusteredCovariance(fought, fit), jobs.length, ELO_OF_LOG, confidence);
  return spread.sign === 1 ? null : COULD_TURN;
}
