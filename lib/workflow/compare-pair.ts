/** Two jobs of two runs compared: every metric that both have, and which was faster. Called by compare-runs.ts, one pair at a time. */
import { isAnswerColumn, withSharedLabels } from '../core/answer-column.ts';
import { canonicalJson } from '../core/canonical-json.ts';
import type { JobColumns, MetricColumn } from '../core/columns.ts';
import { compareJobs, compareLatencies } from '../core/compare-jobs.ts';
import { isJoint, rankedColumn, type ScoreRule, TOTAL_NAME } from '../core/composite.ts';
import { withSharedSlots } from '../core/composites/profile-column.ts';
import type { Job } from '../core/job.ts';
import type { ObjectStore } from '../core/ports.ts';
import { collectJobColumns } from './score-rows.ts';
import type { StoredRun } from './stored-run.ts';
import { type Alignment, pickColumn, pickDoubles } from './align-columns.ts';
import type { MatchedJob } from '../core/run-comparison.ts';

export interface JobPair {
  readonly a: Job;
  readonly b: Job;
}

export interface PairContext {
  readonly alignment: Alignment;
  readonly a: StoredRun;
  readonly b: StoredRun;
  /** Only this one; null for all. */
  readonly metric: string | null;
  /** Corrected for the number of comparisons. */
  readonly confidence: number;
}

export async function comparePair(objects: ObjectStore, pair: JobPair, context: PairContext): Promise<MatchedJob> {
  const [ofA, ofB] = [await collectJobColumns(objects, pair.a), await collectJobColumns(objects, pair.b)];
  const columnsA = withTotal(ofA, context.a);
  const columnsB = new Map(withTotal(ofB, context.b).map((column) => [column.name, column]));
  const metrics: MatchedJob['metrics'] = [];
  const leftOut: MatchedJob['leftOut'] = [];
  const namesA = new Set(columnsA.map(({ name }) => name));
  for (const column of columnsA) {
    if (context.metric !== null && column.name !== context.metric) continue;
    const other = columnsB.get(column.name);
    const reason = other === undefined ? 'only run a has it' : obstacle(column, other, pair, context);
    if (other === undefined || reason !== null) leftOut.push({ metric: column.name, reason: reason ?? '' });
    else metrics.push(compareColumns(column, other, pair, context));
  }
  for (const name of columnsB.keys()) {
    if (!namesA.has(name) && (context.metric === null || name === context.metric))
      leftOut.push({ metric: name, reason: 'only run b has it' });
  }
  const joint = [context.a, context.b].some(({ scoring }) => isJoint(scoring.score));
  if (joint && (context.metric === null || context.metric === TOTAL_NAME))
    leftOut.push({ metric: TOTAL_NAME, reason: totalObstacle(context.a.scoring.score, context.b.scoring.score) ?? '' });
  if (context.metric !== null && metrics.length === 0 && leftOut.length === 0)
    leftOut.push({ metric: context.metric, reason: 'neither run has it' });
  const head = { a: pair.a.jobId, b: pair.b.jobId, model: pair.a.model.id, params: pair.a.params };
  return { ...head, metrics, latency: latencyOf(ofA, ofB, pair, context), leftOut };
}

/** The columns of a job, and the composite of its run where a job has one of its own. */
function withTotal(columns: JobColumns, { scoring }: StoredRun): MetricColumn[] {
  if (scoring.score === null || scoring.score.kind === 'rankBy') return [...columns.metrics];
  const total = rankedColumn(columns, scoring.score);
  return 'column' in total ? [...columns.metrics, total.column] : [...columns.metrics];
}

/** Why composites of two runs are no numbers of one kind; null when they are. Asked by gates, too. */
export function totalObstacle(a: ScoreRule | null, b: ScoreRule | null): string | null {
  if (isJoint(a) || isJoint(b)) return 'a win rate, or a strength, depends on the jobs that a run has: it says nothing across runs';
  return canonicalJson(a) === canonicalJson(b) ? null : 'the two runs weigh different metrics';
}

/** Why two columns of one name cannot be compared; null when they can. */
function obstacle(a: MetricColumn, b: MetricColumn, pair: JobPair, context: PairContext): string | null {
  if (a.info.direction === 'none') return 'a diagnostic without direction';
  if (a.kind !== b.kind || a.info.direction !== b.info.direction || a.info.unit !== b.info.unit)
    return 'the two runs define it differently';
  const total = a.name === TOTAL_NAME ? totalObstacle(context.a.scoring.score, context.b.scoring.score) : null;
  if (total !== null) return total;
  if (madeBy(a.name, pair.a) !== madeBy(b.name, pair.b)) return 'the evaluators that made it differ';
  return context.alignment.suite.itemCount === 0 ? 'the runs have no item in common' : null;
}

/** Digests of the evaluators behind a metric: of all of them for a composite. Built-in scorers are recomputed here, for both. */
function madeBy(metric: string, job: Job): string {
  const made = job.evaluators.filter(({ metrics }) => metric === TOTAL_NAME || metrics.some(({ name }) => name === metric));
  return canonicalJson(made.map(({ package: { id, digest } }) => `${id}/${digest}`).sort());
}

function compareColumns(a: MetricColumn, b: MetricColumn, pair: JobPair, { alignment, confidence }: PairContext) {
  const { suite, slotsA, slotsB } = alignment;
  const [pickedA, pickedB] = [pickColumn(a, slotsA), pickColumn(b, slotsB)];
  const [columnA, columnB] =
    isAnswerColumn(pickedA) && isAnswerColumn(pickedB) ? withSharedLabels(pickedA, pickedB) : withSharedSlots(pickedA, pickedB, suite);
  return compareJobs({ jobId: pair.a.jobId, column: columnA }, { jobId: pair.b.jobId, column: columnB }, suite, confidence);
}

function latencyOf(ofA: JobColumns, ofB: JobColumns, pair: JobPair, context: PairContext): MatchedJob['latency'] {
  const reason = latencyObstacle(pair, context);
  if (reason !== null) return { verdict: null, ratio: null, interval: null, reason };
  const { alignment, confidence } = context;
  const a = { jobId: 'a', latencyMs: pickDoubles(ofA.latencyMs, alignment.slotsA) };
  const b = { jobId: 'b', latencyMs: pickDoubles(ofB.latencyMs, alignment.slotsB) };
  return compareLatencies(a, b, alignment.suite, confidence);
}

function latencyObstacle({ a, b }: JobPair, { alignment, a: runA, b: runB }: PairContext): string | null {
  if (alignment.suite.itemCount === 0) return 'the runs have no item in common';
  if (a.load.mode !== 'closed' || b.load.mode !== 'closed') return 'latencies are compared under closed load only';
  if (canonicalJson(a.load) !== canonicalJson(b.load)) return 'the loads differ';
  if (runA.scoring.contended || runB.scoring.contended) return 'other jobs ran beside one of them on its machine';
  return null;
}
