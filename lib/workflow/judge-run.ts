/**
 * Judges a run of this machine by gates: reads its report and its baselines', compares rows where significance is asked for, and tells in
 * what else the runs differ. Called by `bakeoff gate`. Judging itself is lib/core/gates.
 */
import { alignItems } from '../workflow/align-columns.ts';
import { comparePair } from '../workflow/compare-pair.ts';
import { identityWarnings } from '../workflow/identity-warnings.ts';
import { readItemIdentities } from '../workflow/read-item-identities.ts';
import type { LocalStores } from '../compose/local.ts';
import { canonicalJson } from '../core/canonical-json.ts';
import { TOTAL_NAME } from '../core/composite.ts';
import { BakeoffError } from '../core/errors.ts';
import { type Gate, gateText, type RegressionGate } from '../core/gates/gate-rule.ts';
import type { GateVerdict, Judgement, UsedBaseline } from '../core/gates/gate-verdict.ts';
import { type BaselineReading, exitCodeOf, judgeBound, judgeRegression, type Outcome } from '../core/gates/judge-gate.ts';
import type { Job, RunRecord } from '../core/job.ts';
import { correctedConfidence } from '../core/ranking.ts';
import { readMetric } from '../report/metric-reading.ts';
import type { Report, ReportJob } from '../report/report-model.ts';
import { readStoredRun, type StoredRun } from '../workflow/stored-run.ts';
import { baselineFinder, type FoundBaseline } from './gate-baselines.ts';
import { readReport } from './print-run.ts';

const OLD_DAYS = 30;
const DAY_MS = 86_400_000;
const OUTCOMES = { 0: 'passed', 1: 'failed', 3: 'unjudged' } as const;

/** A gate over a job, with what it is judged against. */
interface Case {
  readonly gate: Gate;
  readonly job: ReportJob;
  readonly baseline: FoundBaseline | null;
}

/** Throws `run-unknown` for a baseline that is not there, and what reading the rows throws. */
export async function judgeRun(stores: LocalStores, run: RunRecord, gates: readonly Gate[]): Promise<GateVerdict> {
  const report = run.finishedAtMs === null ? null : await readReport(stores, run.runId);
  const head = { runId: run.runId, name: run.name, state: run.state };
  if (report === null) {
    const reason = run.finishedAtMs === null ? 'the run is not at its end' : `the run is ${run.state} and has no report`;
    const judgements = gates.map((gate) => ({ ...nobody(gate), outcome: { kind: 'unjudged' as const, reason } }));
    return { ...head, outcome: 'unjudged', correction: null, judgements, baselines: [] };
  }
  const find = baselineFinder({ stores, run, report });
  const cases: Case[] = [];
  const judgements: Judgement[] = [];
  for (const gate of gates) {
    const jobs = report.jobs.filter(({ model }) => (gate.model === null ? !model.reference : model.id === gate.model));
    if (jobs.length === 0) judgements.push({ ...nobody(gate), outcome: { kind: 'failed', reason: noJob(gate, report) } });
    for (const job of jobs) cases.push({ gate, job, baseline: gate.kind === 'bound' ? null : await find(gate.baseline, job) });
  }
  const tests = cases.filter(({ gate, baseline }) => isSignificance(gate) && baseline?.found === true).length;
  const read = runReader(stores);
  for (const each of cases) judgements.push(await judgeCase(each, { stores, run, tests, read }));
  const baselines = await usedBaselines(cases, { stores, run, tests, read });
  const outcome = OUTCOMES[exitCodeOf(judgements.map((judgement) => judgement.outcome))];
  const correction = tests === 0 ? null : `Bonferroni over ${tests} tests of significance, so that all of them hold together`;
  return { ...head, outcome, correction, judgements, baselines };
}

interface Context {
  readonly stores: LocalStores;
  readonly run: RunRecord;
  /** How many tests of significance hold together. */
  readonly tests: number;
  readonly read: (runId: string) => Promise<StoredRun>;
}

function runReader({ objects }: LocalStores): Context['read'] {
  const stored = new Map<string, Promise<StoredRun>>();
  return (runId) => {
    const reading = stored.get(runId) ?? readStoredRun(objects, runId);
    stored.set(runId, reading);
    return reading;
  };
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

async function judgeCase({ gate, job, baseline }: Case, context: Context): Promise<Judgement> {
  const reading = readMetric(job, gate.metric, context.run.state === 'succeeded');
  const value = reading.kind === 'value' ? { value: reading.value, unit: reading.unit } : { value: null, unit: null };
  const head = { gate, text: gateText(gate), jobId: job.jobId, label: job.label, ...value };
  if (gate.kind === 'bound') return { ...head, baseline: null, outcome: judgeBound(gate, reading) };
  if (baseline === null || !baseline.found) {
    const outcome: Outcome = judgeRegression(gate, reading, null, baseline?.reason);
    return { ...head, baseline: null, outcome };
  }
  const against = await readBaseline(gate, job, baseline, context);
  const before = against.reading.kind === 'value' ? against.reading.value : null;
  return {
    ...head,
    baseline: { runId: baseline.run.runId, jobId: baseline.job.jobId, value: before },
    outcome: judgeRegression(gate, reading, against),
  };
}

async function readBaseline(
  gate: RegressionGate,
  job: ReportJob,
  { run, job: other }: Extract<FoundBaseline, { found: true }>,
  context: Context,
): Promise<BaselineReading> {
  const reading = readMetric(other, gate.metric, run.state === 'succeeded');
  const [a, b] = [await context.read(context.run.runId), await context.read(run.runId)];
  const obstacle = obstacleOf(gate.metric, { job, stored: a }, { job: other, stored: b });
  if (obstacle !== null || !isSignificance(gate)) return { reading, obstacle, comparison: null };
  const { objects } = context.stores;
  const pair = { a: jobAt(a, job.jobId), b: jobAt(b, other.jobId) };
  const alignment = alignItems(await readItemIdentities(objects, pair.a), await readItemIdentities(objects, pair.b));
  const confidence = correctedConfidence(Math.min(a.scoring.confidence, b.scoring.confidence), context.tests);
  const compared = await comparePair(objects, pair, { alignment, a, b, metric: gate.metric, confidence });
  const comparison = compared.metrics[0] ?? null;
  return { reading, obstacle: comparison === null ? (compared.leftOut[0]?.reason ?? null) : null, comparison };
}

interface Side {
  readonly job: ReportJob;
  readonly stored: StoredRun;
}

/** Why two numbers of one name are not of one kind; null when they are. */
function obstacleOf(metric: string, a: Side, b: Side): string | null {
  if (metric.startsWith('latency.') && canonicalJson(a.job.load) !== canonicalJson(b.job.load))
    return 'the baseline ran under another load: latencies cannot be compared';
  if (metric === TOTAL_NAME && canonicalJson(a.stored.scoring.score) !== canonicalJson(b.stored.scoring.score))
    return 'the two runs weigh different metrics';
  return null;
}

function jobAt({ jobs, plan }: StoredRun, jobId: string): Job {
  const job = jobs.find((candidate) => candidate.jobId === jobId);
  if (job !== undefined) return job;
  throw new BakeoffError({
    code: 'job-not-planned',
    message: `the report of run ${plan.runId} has a job ${jobId} that its plan has not`,
    remedy: 'Write the report again: bakeoff report RUN.',
    kind: 'environment',
  });
}

/** Each run that a case was judged against, once, with what makes it stale. */
async function usedBaselines(cases: readonly Case[], { stores, run, read }: Context): Promise<UsedBaseline[]> {
  const found = cases.flatMap(({ job, baseline }) => (baseline?.found === true ? [{ job, baseline }] : []));
  const used: UsedBaseline[] = [];
  for (const [runId, group] of Map.groupBy(found, ({ baseline }) => baseline.run.runId)) {
    const other = group[0]?.baseline.run;
    if (other === undefined) continue;
    const [storedA, storedB] = [await read(run.runId), await read(runId)];
    const jobs = new Map(group.map(({ job, baseline }) => [job.jobId, baseline.job.jobId]));
    const pairs = [...jobs].map(([a, b]) => ({ a: jobAt(storedA, a), b: jobAt(storedB, b) }));
    const ageDays = (run.createdAtMs - other.createdAtMs) / DAY_MS;
    const compared = await identityWarnings(stores.objects, { a: run, b: other, storedA, storedB, pairs });
    used.push({ runId, ageDays, warnings: [...ownWarnings(other, ageDays), ...compared] });
  }
  return used;
}

/** What is amiss with a baseline, whatever is compared with it. */
function ownWarnings({ state }: RunRecord, ageDays: number): UsedBaseline['warnings'] {
  const old = { code: 'baseline-old', text: `the baseline is more than ${OLD_DAYS} days older`, jobIds: [] };
  const partial = { code: 'baseline-not-whole', text: `the baseline is ${state}: its numbers may be of a part of the samples`, jobIds: [] };
  return [...(ageDays > OLD_DAYS ? [old] : []), ...(state === 'succeeded' ? [] : [partial])];
}
