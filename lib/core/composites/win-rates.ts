/**
 * Mean win rates of the jobs of a run: in each metric the share of the other jobs that a job beats, averaged over the metrics, with intervals
 * from draws of the items that all jobs share. Called by joint-scores.ts; ranks are counted by lib/core/rank/win-rate.ts.
 */
import { estimatorOf, hasGaps, imputeColumn, type MetricColumn, type SuiteColumns } from '../columns.ts';
import { MIN_BOOTSTRAP_CLUSTERS } from '../measures/estimate.ts';
import { columnSorter } from '../rank/ascending-order.ts';
import { addWinRates } from '../rank/win-rate.ts';
import type { Interval } from '../scores.ts';
import { absentMetric } from './absent-metric.ts';
import {
  BLOCK,
  forEachBlock,
  type Groups,
  groupItems,
  isSame,
  jointResamples,
  MAX_GROUPS,
  NO_RESAMPLES,
  spreadOfDraws,
} from './item-draws.ts';
import { type Company, companyOf, type JointJob, type JointOptions, type JointScore, type JointScores, refusedJoint } from './company.ts';
import { COULD_TURN, jointVerdict, slotsInCommon } from './joint-verdict.ts';
import { type MetricSums, metricSums } from './metric-sums.ts';

const LABEL = 'score.total';
/** Work of a column in one resample is at least so much: bounds what is kept of all resamples. */
const LEAST_WORK = 256;

/** A metric of a job. Without gaps the three are the same. */
interface Cell {
  readonly sums: MetricSums;
  /** Its missing samples given the worst and the best: no bound is an infinitely bad, or good, value. */
  readonly worst: MetricSums;
  readonly best: MetricSums;
  readonly sign: 1 | -1;
}

/** Oriented values by row (a resample; the last one is the data as it is), metric and job. */
interface Rows {
  readonly count: number;
  readonly values: Float64Array;
  readonly worst: Float64Array;
  readonly best: Float64Array;
}

/** Jobs that lack a metric, and references, have no win rate and are nobody's company. */
export function winRatesOfJobs(
  metrics: readonly string[],
  jobs: readonly JointJob[],
  suite: SuiteColumns,
  options: JointOptions,
): JointScores {
  const slots = suite.itemCount * suite.repeats;
  const groups = groupItems(suite.order.length, MAX_GROUPS, LABEL);
  const company = companyOf(jobs, (job) => obstacleOf(job, metrics, slots));
  const columns = company.jobs.map((job) => metrics.flatMap((metric) => job.metrics.find(({ name }) => name === metric) ?? []));
  const cells = columns.map((own) => own.map((column) => cellOf(column, suite, groups)));
  const fewest = Math.min(...cells.flat().map(({ sums }) => sums.clusters));
  const few = fewest < MIN_BOOTSTRAP_CLUSTERS ? `fewer than ${MIN_BOOTSTRAP_CLUSTERS} items (${fewest})` : null;
  const gaps = cells.map((own) => own.some(({ sums, worst }) => sums !== worst));
  const work = cells.flat().reduce((sum, cell) => sum + workOf(cell), 0);
  const tails = options.correctedConfidence(cells.length);
  const resamples = few === null && cells.length > 0 ? jointResamples(tails, work) : 0;
  const rows = drawRows(cells, metrics.length, groups, resamples);
  const rates = rateRows(rows, cells.length, metrics.length);
  const noInterval =
    few ?? (resamples === 0 ? NO_RESAMPLES : undefinedSomewhere(rates) ? 'undefined on some resamples of the items' : null);
  const complete = columns.map((own) => completeSlots(own, suite));
  const field: Field = { company, metrics, rows, rates, gaps, noInterval, complete, suite, counts: new Map() };
  return { jobs: scoresOf(field, options.confidence), compare: comparer(field) };
}

interface Field {
  readonly company: Company;
  readonly metrics: readonly string[];
  readonly rows: Rows;
  /** By job, then row. */
  readonly rates: Float64Array;
  readonly gaps: readonly boolean[];
  readonly noInterval: string | null;
  /** Slots where a job has every metric. */
  readonly complete: readonly Uint8Array[];
  readonly suite: SuiteColumns;
  /** Jobs beaten by a job with its gaps filled, by row and metric: made when first asked for. */
  readonly counts: Map<string, Float64Array>;
}

function obstacleOf({ metrics }: JointJob, names: readonly string[], slots: number): string | null {
  for (const name of names) {
    const column = metrics.find((candidate) => candidate.name === name);
    const absence = absentMetric(column, name, slots);
    if (absence !== null) return absence;
  }
  return null;
}

function cellOf(column: MetricColumn, suite: SuiteColumns, groups: Groups): Cell {
  const sign = column.info.direction === 'higher' ? 1 : -1;
  const sums = metricSums(column, suite, groups);
  if (!hasGaps(column)) return { sums, worst: sums, best: sums, sign };
  const filled = (bound: 'best' | 'worst'): MetricSums => {
    const imputed = imputeColumn(column, bound);
    const extreme = bound === 'best' ? sign * Number.POSITIVE_INFINITY : sign * Number.NEGATIVE_INFINITY;
    return imputed === null ? { ...sums, value: extreme, drawn: (_, into) => into.fill(extreme) } : metricSums(imputed, suite, groups);
  };
  return { sums, worst: filled('worst'), best: filled('best'), sign };
}

function workOf({ sums, worst, best }: Cell): number {
  const own = Math.max(LEAST_WORK, sums.work);
  return worst === sums ? own : own + Math.max(LEAST_WORK, worst.work) + Math.max(LEAST_WORK, best.work);
}

/** The values of every resample, and of the data as it is in the row after the last. */
function drawRows(cells: readonly (readonly Cell[])[], metrics: number, groups: Groups, resamples: number): Rows {
  const perRow = cells.length * metrics;
  const hasAnyGap = cells.flat().some(({ sums, worst }) => sums !== worst);
  const values = new Float64Array((resamples + 1) * perRow);
  const [worst, best] = hasAnyGap ? [values.slice(), values.slice()] : [values, values];
  const into = new Float64Array(BLOCK);
  const write = (first: number, rows: number, read: (sums: MetricSums) => void): void => {
    for (const [job, own] of cells.entries()) {
      for (const [metric, { sums, worst: low, best: high, sign }] of own.entries()) {
        // By metric, so that a metric's values of all jobs stand side by side.
        const at = first * perRow + metric * cells.length + job;
        const copy = (target: Float64Array): void => {
          for (let row = 0; row < rows; row++) target[at + row * perRow] = sign * (into[row] ?? Number.NaN);
        };
        read(sums);
        copy(values);
        if (!hasAnyGap) continue;
        if (low !== sums) read(low);
        copy(worst);
        if (high !== sums) read(high);
        copy(best);
      }
    }
  };
  forEachBlock(groups.count, resamples, LABEL, (weights, first) => write(first, BLOCK, (sums) => sums.drawn(weights, into)));
  write(resamples, 1, (sums) => into.fill(sums.value));
  return { count: resamples + 1, values, worst, best };
}

/** Win rates by job and row; NaN in a whole row where a measure is undefined on its draw. */
function rateRows({ count, values }: Rows, jobs: number, metrics: number): Float64Array {
  const rates = new Float64Array(count * jobs);
  const sorter = columnSorter(jobs);
  const counts = new Uint32Array(jobs);
  const column = new Float64Array(jobs);
  const own = new Float64Array(jobs);
  for (let row = 0; row < count; row++) {
    own.fill(0);
    for (let metric = 0; metric < metrics; metric++) {
      const first = (row * metrics + metric) * jobs;
      column.set(values.subarray(first, first + jobs));
      const order = sorter(column);
      if (order.length < jobs) own.fill(Number.NaN);
      levelTies(column, order);
      addWinRates(column, order, false, own, counts);
    }
    for (let job = 0; job < jobs; job++) rates[job * count + row] = (own[job] ?? 0) / metrics;
  }
  return rates;
}

/** Equal measures whose sums were rounded differently are ties. */
function levelTies(values: Float64Array, order: Uint32Array): void {
  for (let place = 1; place < order.length; place++) {
    const [before, at] = [values[order[place - 1] ?? 0] ?? 0, order[place] ?? 0];
    if (isSame(values[at] ?? 0, before)) values[at] = before;
  }
}

/** A win, half a one, or none. */
function beats(x: number, y: number): number {
  return isSame(x, y) ? 0.5 : x > y ? 1 : 0;
}

function undefinedSomewhere(rates: Float64Array): boolean {
  return rates.some((rate) => Number.isNaN(rate));
}

/** 1 where a job has every metric. */
function completeSlots(columns: readonly MetricColumn[], { itemCount, repeats }: SuiteColumns): Uint8Array {
  const estimators = columns.map(estimatorOf);
  return Uint8Array.from({ length: itemCount * repeats }, (_, slot) => (estimators.every(({ has }) => has(slot)) ? 1 : 0));
}

function scoresOf(field: Field, confidence: number): Map<string, JointScore> {
  const { company, metrics, rows, rates, noInterval, complete, suite } = field;
  const scores = new Map([...company.refused].map(([jobId, reason]): [string, JointScore] => [jobId, refusedJoint(reason)]));
  const jobs = company.jobs.length;
  for (const [job, { jobId }] of company.jobs.entries()) {
    const draws = rates.slice(job * rows.count, (job + 1) * rows.count);
    const value = draws.at(-1) ?? Number.NaN;
    const own = complete[job] ?? EMPTY;
    const { items, slots } = slotsInCommon(own, own, suite);
    const spread = noInterval === null ? spreadOfDraws(value, draws.subarray(0, -1), confidence) : null;
    scores.set(jobId, {
      value,
      reason: null,
      interval: withinRates(spread?.interval ?? null),
      intervalReason: spread === null ? noInterval : spread.intervalReason,
      n: slots,
      clusters: items,
      figures: Object.fromEntries(metrics.map((metric, at) => [metric, rateIn(rows, at, metrics.length, jobs, job)])),
    });
  }
  return scores;
}

const EMPTY = new Uint8Array(0);

/** The normal approximation knows no bounds; win rates do. */
function withinRates(interval: Interval | null): Interval | null {
  return interval === null ? null : { ...interval, low: Math.max(0, interval.low), high: Math.min(1, interval.high) };
}

/** The win rate in one metric, of the data as it is. */
function rateIn({ count, values }: Rows, metric: number, metrics: number, jobs: number, job: number): number {
  const first = ((count - 1) * metrics + metric) * jobs;
  const own = values[first + job] ?? Number.NaN;
  let won = 0;
  for (let other = 0; other < jobs; other++) if (other !== job) won += beats(own, values[first + other] ?? Number.NaN);
  return won / (jobs - 1);
}

function comparer(field: Field): JointScores['compare'] {
  const { company, rows, rates, noInterval, complete, suite } = field;
  const places = new Map(company.jobs.map(({ jobId }, at) => [jobId, at]));
  return (a, b, confidence) => {
    const [jobA, jobB] = [places.get(a) ?? 0, places.get(b) ?? 0];
    const differences = rates.slice(jobA * rows.count, (jobA + 1) * rows.count);
    for (let row = 0, at = jobB * rows.count; row < rows.count; row++, at++) differences[row] = (differences[row] ?? 0) - (rates[at] ?? 0);
    const difference = differences[rows.count - 1] ?? Number.NaN;
    const spread =
      noInterval === null
        ? spreadOfDraws(difference, differences.subarray(0, -1), confidence)
        : { interval: null, intervalReason: noInterval, sign: 0 as const };
    const common = slotsInCommon(complete[jobA] ?? EMPTY, complete[jobB] ?? EMPTY, suite);
    const weakness = (winner: 'a' | 'b'): string | null =>
      winner === 'a' ? weaknessOf(field, jobA, jobB, confidence) : weaknessOf(field, jobB, jobA, confidence);
    return jointVerdict({ a, b, difference, spread, common, suite, weakness });
  };
}

/** Whether the winner still beats the loser with its missing samples at their worst and the loser's at their best. */
function weaknessOf(field: Field, winner: number, loser: number, confidence: number): string | null {
  if (field.gaps[winner] !== true && field.gaps[loser] !== true) return null;
  const { rows, metrics, company } = field;
  const jobs = company.jobs.length;
  const [lows, highs] = [filledCounts(field, winner, 'worst'), filledCounts(field, loser, 'best')];
  const differences = new Float64Array(rows.count);
  for (let row = 0; row < rows.count; row++) {
    let won = 0;
    for (let metric = 0; metric < metrics.length; metric++) {
      const first = (row * metrics.length + metric) * jobs;
      const [low, high] = [rows.worst[first + winner] ?? 0, rows.best[first + loser] ?? 0];
      // Each was counted against the other as it is, and meets it as it is filled.
      won += (lows[row * metrics.length + metric] ?? 0) - beats(low, rows.values[first + loser] ?? 0) + beats(low, high);
      won -= (highs[row * metrics.length + metric] ?? 0) - beats(high, rows.values[first + winner] ?? 0) + beats(high, low);
    }
    differences[row] = won / (metrics.length * (jobs - 1));
  }
  const value = differences[rows.count - 1] ?? Number.NaN;
  if (differences.some((difference) => Number.isNaN(difference))) return COULD_TURN;
  return spreadOfDraws(value, differences.subarray(0, -1), confidence).sign === 1 ? null : COULD_TURN;
}

/** How many others, as they are, a job beats with its gaps filled; by row and metric. */
function filledCounts({ rows, metrics, company, counts }: Field, job: number, bound: 'worst' | 'best'): Float64Array {
  const key = `${bound} ${job}`;
  const known = counts.get(key);
  if (known !== undefined) return known;
  const jobs = company.jobs.length;
  const made = Float64Array.from({ length: rows.count * metrics.length }, (_, at) => {
    const own = rows[bound][at * jobs + job] ?? Number.NaN;
    let won = 0;
    for (let other = 0; other < jobs; other++) if (other !== job) won += beats(own, rows.values[at * jobs + other] ?? Number.NaN);
    return won;
  });
  counts.set(key, made);
  return made;
}
