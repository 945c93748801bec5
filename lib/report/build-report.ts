/**
 * Builds the report of a run from its records and sums. Called by the report step, which collects the rows of the few chosen
 * items beforehand. Pure but for the media reader it is given; knows nothing of where things are stored.
 */
import type { FrozenItem, Job, JobRecord, Plan, RunRecord } from '../core/job.ts';
import type { SampleRow } from '../core/sample.ts';
import type { JobScores, MetricScore, RunScores } from '../core/scores.ts';
import { buildExamples } from './build-examples.ts';
import { containersOfJob, environmentOfRun } from './containers-of-job.ts';
import { jobLabels } from './job-labels.ts';
import { evaluatorOf } from './later-passes.ts';
import { costOfJob, costOfRun } from './report-cost.ts';
import type { Computation, HostFacts, LaterPass, Report, ReportJob } from './report-model.ts';
import { jobTime } from './time-accounting.ts';
import { verdictOf } from './verdict.ts';
import { warningsOf } from './warnings.ts';

/** One chosen item with what every job made of its first repeat. */
export interface ExampleSource {
  readonly item: FrozenItem;
  readonly chosen: 'first-issued' | 'most-disagreement';
  readonly reference: Record<string, unknown> | null;
  readonly outputs: ReadonlyArray<{
    readonly jobId: string;
    /** The sample's final row; null when it is missing. */
    readonly row: SampleRow | null;
    /** `<scorer>.<metric>` -> value, or the reason why there is none. */
    readonly values: Record<string, number | { readonly reason: string }>;
  }>;
}

/** The bytes of an object by key, at most `maxBytes` of them; null when it cannot be read (or, for a reader that will not cut, is larger). */
export type MediaReader = (key: string, maxBytes: number) => Promise<Uint8Array | null>;

export interface ReportInput {
  readonly run: RunRecord;
  readonly plan: Plan;
  /** Canonical text of the spec, as stored. */
  readonly specText: string;
  readonly description: string | null;
  readonly environment: 'process' | 'docker' | 'aws';
  readonly host: HostFacts | null;
  /** How many jobs ran side by side at most. */
  readonly slots: number;
  readonly jobs: readonly Job[];
  readonly records: readonly JobRecord[];
  readonly scores: RunScores;
  /** Where the run was evaluated again. */
  readonly evaluations?: readonly LaterPass[];
  /** What each model server said of its device, by job. */
  readonly devices: ReadonlyMap<string, string>;
  readonly examples: readonly ExampleSource[];
  readonly readMedia: MediaReader;
}

/** @returns a report that satisfies `reportSchema`. */
export async function buildReport(given: ReportInput): Promise<Report> {
  const input = { ...given, environment: environmentOfRun(given.environment, given.records) };
  const { run, plan, scores } = input;
  const jobs = reportJobs(input);
  const computations = computationsOf(jobs);
  const rankedBy = computations.find(({ metric }) => metric === scores.ranking.metric)?.info.title ?? scores.ranking.metric;
  const examples = await buildExamples(input.examples, run.runId, input.readMedia);
  return {
    schema: 1,
    asOfMs: run.finishedAtMs ?? run.updatedAtMs,
    run: {
      runId: run.runId,
      name: run.name,
      description: input.description,
      state: run.state,
      starts: run.start,
      createdAtMs: run.createdAtMs,
      finishedAtMs: run.finishedAtMs,
      softwareVersion: plan.softwareVersion,
      environment: input.environment,
      specSha256: run.specSha256,
      specText: input.specText,
      failure: run.failure,
    },
    host: input.host,
    suite: { ...plan.suite, itemCount: plan.itemCount, repeats: plan.repeats },
    verdict: verdictOf(jobs, scores.ranking, rankedBy, run.state),
    warnings: warningsOf(jobs, scores, input),
    ranking: scores.ranking,
    pareto: scores.pareto,
    jobs,
    examples,
    computations,
    ...(input.evaluations === undefined ? {} : { evaluations: [...input.evaluations] }),
    ...costOfRun(input.records, scores.jobs),
    time: runTime(jobs, run, input.slots),
  };
}

function reportJobs(input: ReportInput): ReportJob[] {
  const labels = jobLabels(input.jobs);
  const records = new Map(input.records.map((record) => [record.jobId, record]));
  const scores = new Map(input.scores.jobs.map((score) => [score.jobId, score]));
  return [...input.jobs]
    .sort((a, b) => a.ordinal - b.ordinal)
    .map((job) =>
      reportJob(job, labels.get(job.jobId) ?? job.jobId, records.get(job.jobId), scores.get(job.jobId), input.devices.get(job.jobId)),
    );
}

function reportJob(
  job: Job,
  label: string,
  record: JobRecord | undefined,
  scores: JobScores | undefined,
  device: string | undefined,
): ReportJob {
  const tasks = record?.tasks ?? [];
  return {
    jobId: job.jobId,
    ordinal: job.ordinal,
    label,
    model: job.model,
    params: job.params,
    load: job.load,
    builtinScorers: job.builtinScorers,
    evaluators: job.evaluators.map(evaluatorOf),
    ...containersOfJob(tasks),
    device: device ?? null,
    deviceReason: device === undefined ? 'no device was recorded for this job' : null,
    state: record?.state ?? 'pending',
    failure: record?.failure ?? null,
    stages: (record?.stages ?? []).map((stage) => ({
      name: stage.name,
      status: stage.status,
      attempts: stage.attempt,
      planned: stage.outcome?.planned ?? null,
      succeeded: stage.outcome?.succeeded ?? null,
      failed: stage.outcome?.failed ?? null,
      stopped: stage.outcome?.stopped ?? null,
      failure: stage.failure,
    })),
    scores: scores ?? null,
    time: jobTime(tasks),
    ...costOfJob(tasks, scores),
    resources: tasks.map(({ stage, attempt, server }) => ({
      stage,
      attempt,
      peakRssMiB: server.peakRssMiB,
      sampleHz: server.sampleHz,
      cpuSeconds: server.cpuSeconds,
    })),
  };
}

function computationsOf(jobs: readonly ReportJob[]): Computation[] {
  const computations = new Map<string, Computation>();
  for (const job of jobs) {
    const total = job.scores?.total;
    for (const metric of [...(job.scores?.metrics ?? []), ...(total ? [total] : [])]) {
      const known = computations.get(metric.name) ?? computationOf(metric, job);
      const method = metric.interval?.method;
      const intervalMethods = method === undefined ? known.intervalMethods : [...new Set([...known.intervalMethods, method])].sort();
      computations.set(metric.name, { ...known, intervalMethods });
    }
  }
  return [...computations.values()].sort((a, b) => (a.metric < b.metric ? -1 : 1));
}

function computationOf(metric: MetricScore, job: ReportJob): Computation {
  const scorer = metric.name.split('.')[0] ?? '';
  const evaluator = job.evaluators.find(({ scorers }) => scorers.includes(scorer));
  const computedBy = evaluator === undefined ? 'built in' : `${evaluator.id} ${evaluator.version}`;
  const signature = metric.signature === undefined ? {} : { signature: metric.signature };
  return { metric: metric.name, info: metric.info, aggregation: metric.aggregation, ...signature, intervalMethods: [], computedBy };
}

function runTime(jobs: readonly ReportJob[], run: RunRecord, slots: number): Report['time'] {
  const busyMs = jobs.reduce((sum, job) => sum + busyMsOf(job), 0);
  const wallMs = run.finishedAtMs === null ? null : Math.max(0, run.finishedAtMs - run.createdAtMs);
  return { wallMs, slots, busyMs, idleMs: wallMs === null ? null : Math.max(0, slots * wallMs - busyMs) };
}

function busyMsOf(job: ReportJob): number {
  return job.time.phases.reduce((sum, { phase, ms }) => (phase === 'between tasks' ? sum : sum + ms), 0);
}
