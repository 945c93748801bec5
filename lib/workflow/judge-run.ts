/**
 * Judges a run by gates: reads its report and its baselines', compares rows where significance is asked for, and tells in what else the
 * runs differ. Called by the report step, by `bakeoff gate` and by the route that judges. Judging itself is lib/core/gates.
 */
import { canonicalJson } from '../core/canonical-json.ts';
import { TOTAL_NAME } from '../core/composite.ts';
import { type Gate, gateText, type RegressionGate } from '../core/gates/gate-rule.ts';
import type { GateVerdict, Judgement, Outcome } from '../core/gates/gate-verdict.ts';
import { type BaselineReading, exitCodeOf, judgeBound, judgeRegression } from '../core/gates/judge-gate.ts';
import { loadMetricNames } from '../core/gates/load-metrics.ts';
import type { RunRecord } from '../core/job.ts';
import { isSameLoad } from '../core/load/load-kind.ts';
import { correctedConfidence } from '../core/ranking.ts';
import { readMetric } from '../report/metric-reading.ts';
import type { Report, ReportJob } from '../report/report-model.ts';
import { alignItems } from './align-columns.ts';
import { comparePair, totalObstacle } from './compare-pair.ts';
import { checkSize, type ComparisonBounds } from './compare-runs.ts';
import { baselineFinder, type BaselinePorts, type FoundBaseline } from './gate-baselines.ts';
import { readItemIdentities } from './read-item-identities.ts';
import type { StoredRun } from './stored-run.ts';
import { type GateCase, isUnreadable, type JudgeContext, jobAt, runReader } from './judge-context.ts';
import { usedBaselines } from './used-baselines.ts';

const OUTCOMES = { 0: 'passed', 1: 'failed', 3: 'unjudged' } as const;

export interface JudgedRun {
  readonly run: RunRecord;
  /** Null where the run has none. */
  readonly report: Report | null;
  readonly gates: readonly Gate[];
  /** Of the same gates on the same run, where there is one: its baselines are taken again. */
  readonly earlierVerdict?: GateVerdict | null;
}

/**
 * A baseline that is not there, or cannot be read, fails its gate with the reason. Throws `comparison-too-large` for more than `bounds`
 * (null for a caller who has time), and what reading the run's own rows throws.
 */
export async function judgeRun(
  { run, report, gates, earlierVerdict = null }: JudgedRun,
  ports: BaselinePorts,
  bounds: ComparisonBounds | null = null,
): Promise<GateVerdict> {
  if (run.finishedAtMs === null || report === null) return unjudged(run, gates);
  const find = baselineFinder({ run, report, earlierVerdict }, ports);
  const cases: GateCase[] = [];
  const judgements: Judgement[] = [];
  for (const gate of gates) {
    const jobs = report.jobs.filter(({ model }) => (gate.model === null ? !model.reference : model.id === gate.model));
    if (jobs.length === 0) judgements.push({ ...nobody(gate), outcome: { kind: 'failed', reason: noJob(gate, report) } });
    for (const job of jobs) cases.push({ gate, job, baseline: gate.kind === 'bound' ? null : await find(gate.baseline, job) });
  }
  const tested = cases.filter(({ gate, baseline }) => isSignificance(gate) && baseline?.found === true);
  const context: JudgeContext = { ...ports, run, tests: tested.length, read: runReader(ports) };
  if (bounds !== null) await checkTests(tested, context, bounds);
  for (const each of cases) judgements.push(await judgeCase(each, context));
  return {
    ...headOf(run),
    outcome: OUTCOMES[exitCodeOf(judgements.map((judgement) => judgement.outcome))],
    correction: tested.length === 0 ? null : `Bonferroni over ${tested.length} tests of significance, so that all of them hold together`,
    judgements,
    baselines: await usedBaselines(cases, context),
  };
}

function headOf({ runId, name, state }: RunRecord): Pick<GateVerdict, 'runId' | 'name' | 'state'> {
  return { runId, name, state };
}

function unjudged(run: RunRecord, gates: readonly Gate[]): GateVerdict {
  const reason = run.finishedAtMs === null ? 'the run is not at its end' : `the run is ${run.state} and has no report`;
  const judgements = gates.map((gate) => ({ ...nobody(gate), outcome: { kind: 'unjudged' as const, reason } }));
  return { ...headOf(run), outcome: 'unjudged', correction: null, judgements, baselines: [] };
}

function nobody(gate: Gate): Omit<Judgement, 'outcome'> {
  return { gate, text: gateText(gate), jobId: null, label: gate.model ?? 'no job', value: null, unit: null, baseline: null };
}

function noJob(gate: Gate, { jobs }: Report): string {
  if (gate.model === null) return 'the run has no job but references: name one with model';
  return `the run has no job of this model; it has ${[...new Set(jobs.map(({ model }) => model.id))].join(', ')}`;
}

function isSignificance(gate: Gate): gate is RegressionGate {
  return gate.kind === 'regression' && gate.allowed.kind === 'significant';
}

async function checkTests(tested: readonly GateCase[], context: JudgeContext, bounds: ComparisonBounds): Promise<void> {
  const own = await context.read(context.run.runId);
  const pairs = [];
  for (const { job, baseline } of tested) {
    if (baseline?.found === true)
      pairs.push({ a: jobAt(own, job.jobId), b: jobAt(await context.read(baseline.run.runId), baseline.job.jobId) });
  }
  checkSize(pairs, bounds);
}

async function judgeCase({ gate, job, baseline }: GateCase, context: JudgeContext): Promise<Judgement> {
  const reading = readMetric(job, gate.metric, context.run.state === 'succeeded');
  const value = reading.kind === 'value' ? { value: reading.value, unit: reading.unit } : { value: null, unit: null };
  const head = { gate, text: gateText(gate), jobId: job.jobId, label: job.label, ...value };
  if (gate.kind === 'bound') return { ...head, baseline: null, outcome: judgeBound(gate, reading) };
  if (baseline === null || !baseline.found) {
    const outcome: Outcome = judgeRegression(gate, reading, null, baseline?.reason);
    return { ...head, baseline: null, outcome };
  }
  const before = await readBaseline(gate, job, baseline, context);
  return {
    ...head,
    baseline: {
      runId: baseline.run.runId,
      jobId: baseline.job.jobId,
      value: before.reading.kind === 'value' ? before.reading.value : null,
    },
    outcome: judgeRegression(gate, reading, before),
  };
}

async function readBaseline(
  gate: RegressionGate,
  job: ReportJob,
  { run, job: other }: Extract<FoundBaseline, { found: true }>,
  context: JudgeContext,
): Promise<BaselineReading> {
  const reading = readMetric(other, gate.metric, run.state === 'succeeded');
  const a = await context.read(context.run.runId);
  try {
    const b = await context.read(run.runId);
    const obstacle = obstacleOf(gate.metric, { job, stored: a }, { job: other, stored: b });
    if (obstacle !== null || !isSignificance(gate)) return { reading, obstacle, comparison: null };
    return { reading, ...(await compared(gate.metric, { job, stored: a }, { job: other, stored: b }, context)) };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { reading, obstacle: `the two runs cannot be compared: ${error.message}`, comparison: null };
  }
}

interface Side {
  readonly job: ReportJob;
  readonly stored: StoredRun;
}

async function compared(metric: string, a: Side, b: Side, { objects, tests }: JudgeContext): Promise<Omit<BaselineReading, 'reading'>> {
  const pair = { a: jobAt(a.stored, a.job.jobId), b: jobAt(b.stored, b.job.jobId) };
  const alignment = alignItems(await readItemIdentities(objects, pair.a), await readItemIdentities(objects, pair.b));
  const confidence = correctedConfidence(Math.min(a.stored.scoring.confidence, b.stored.scoring.confidence), tests);
  const { metrics, leftOut } = await comparePair(objects, pair, { alignment, a: a.stored, b: b.stored, metric, confidence });
  const comparison = metrics[0] ?? null;
  return { obstacle: comparison === null ? (leftOut[0]?.reason ?? null) : null, comparison };
}

/** Why two numbers of one name are not of one kind; null when they are. */
function obstacleOf(metric: string, a: Side, b: Side): string | null {
  if (loadMetricNames(metric) !== null && !isSameLoad(a.job.load, b.job.load))
    return 'the baseline ran under another load: their figures of load cannot be compared';
  if (metric.startsWith('goodput.') && canonicalJson(a.stored.spec.slo ?? null) !== canonicalJson(b.stored.spec.slo ?? null))
    return 'the baseline had other objectives';
  return metric === TOTAL_NAME ? totalObstacle(a.stored.scoring.score, b.stored.scoring.score) : null;
}
