/**
 * The Report step: scores the whole run from its rows, judges it by the gates of its spec, writes the report in all its formats, and settles
 * the run. A job that has not settled counts as failed by infrastructure. Idempotent; `bakeoff report` and `rescore` call `writeReport` again.
 */
import { isJoint } from '../../core/composite.ts';
import { metricRecordsOf } from '../../core/metric-records.ts';
import { scoreRun } from '../../core/score-run.ts';
import type { JobRecord, RunRecord, RunState } from '../../core/job.ts';
import { jobCost, sumCosts } from '../../core/cost.ts';
import { keys } from '../../core/object-key.ts';
import type { Clock, EventSink, ObjectStore, RunIndex, RunStore } from '../../core/ports.ts';
import { resultRecords } from '../../core/result-records.ts';
import { BakeoffError } from '../../core/errors.ts';
import { buildReport } from '../../report/build-report.ts';
import { laterPasses } from '../../report/later-passes.ts';
import { renderHtml } from '../../report/html/render-html.ts';
import { renderCsv } from '../../report/render-csv.ts';
import { renderJson } from '../../report/render-json.ts';
import { renderLatex } from '../../report/render-latex.ts';
import { renderMarkdown } from '../../report/render-markdown.ts';
import type { HostFacts, Report } from '../../report/report-model.ts';
import { runMissing } from '../change-run.ts';
import { collectExamples } from '../collect-examples.ts';
import { judgeOwnGates } from '../judge-own-gates.ts';
import { mapBounded } from '../map-bounded.ts';
import { readDevices } from '../read-devices.ts';
import { readRunColumns } from '../score-stored-run.ts';
import { publishRun } from '../run-events.ts';
import { readStoredRun, type StoredRun } from '../stored-run.ts';
import type { RunInput } from './step-input.ts';

const WRITES_IN_FLIGHT = 64;

export interface ReportPorts {
  readonly objects: ObjectStore;
  readonly runs: RunStore;
  readonly clock: Clock;
  readonly host: HostFacts | null;
  readonly environment: 'process' | 'docker' | 'aws';
  /** Where results and events go that outlive the run; absent where a report is written again. */
  readonly publication?: { readonly index: Pick<RunIndex, 'putResults'>; readonly events: EventSink };
}

export interface ReportAnswer {
  readonly state: RunState;
  /** Dollars of all tasks; null where a price or a time is not known. */
  readonly costUsd: number | null;
}

/** The state that the run has settled in; that of the record when a newer start has the run, or Settle has ended it. */
export async function reportStep(input: RunInput, ports: ReportPorts): Promise<ReportAnswer> {
  const { runs, clock, objects } = ports;
  const run = await knownRun(runs, input.run);
  // A newer start has its own report to come; a run that was stopped from outside stays stopped.
  if (run.start !== input.start || run.state === 'failed') return { state: run.state, costUsd: null };
  const stored = await readStoredRun(objects, input.run);
  const records = await settleStragglers(input, runs);
  const nowMs = clock.nowMs();
  const settled: RunRecord = {
    ...run,
    version: run.version + 1,
    state: stateOf(run, records),
    updatedAtMs: nowMs,
    finishedAtMs: nowMs,
    owner: null,
  };
  const report = await writeReport(settled, records, stored, ports);
  // A cancel came in between: its flag belongs into the record and into the report.
  if (!(await runs.replaceRun(settled))) return reportStep(input, ports);
  await publish(settled, records, stored, report, ports);
  return { state: settled.state, costUsd: sumCosts(records.map(jobCost)).usd };
}

/** After the record: what fails here leaves a settled run, and a repeated report makes up for it. */
async function publish(
  run: RunRecord,
  records: readonly JobRecord[],
  { plan, jobs }: StoredRun,
  report: Report,
  { publication }: ReportPorts,
): Promise<void> {
  if (publication === undefined) return;
  const scores = report.jobs.flatMap((job) => job.scores ?? []);
  const finishedAtMs = run.finishedAtMs ?? run.updatedAtMs;
  await publication.index.putResults(run.runId, resultRecords({ suite: plan.suite, finishedAtMs, jobs, scores }));
  await publishRun(publication.events, run, records);
}

/** The report from stored rows alone, by the rule that `stored` names. Nothing is written. */
export async function makeReport(
  run: RunRecord,
  records: readonly JobRecord[],
  stored: StoredRun,
  ports: Pick<ReportPorts, 'objects' | 'host' | 'environment'>,
): Promise<Report> {
  const { objects } = ports;
  const columns = await readRunColumns(objects, stored.jobs, stored.scoring.categories);
  return buildReport({
    run,
    plan: stored.plan,
    ...(stored.evaluations.length === 0 ? {} : { evaluations: laterPasses(stored.evaluations, stored.spec.scorers) }),
    specText: `${JSON.stringify(stored.spec, null, 2)}\n`,
    description: stored.spec.description ?? null,
    environment: ports.environment,
    host: ports.host,
    slots: stored.slots,
    jobs: stored.jobs,
    records,
    scores: scoreRun(columns.jobs, columns.suite, stored.scoring),
    devices: await readDevices(objects, stored.jobs),
    examples: await collectExamples(objects, stored.jobs, columns, stored.scoring.score),
    readMedia: (key, maxBytes) => readBounded(objects, key, maxBytes),
  });
}

/** Computes the report from stored rows alone and writes it in every format. */
export async function writeReport(run: RunRecord, records: readonly JobRecord[], stored: StoredRun, ports: ReportPorts): Promise<Report> {
  const { objects } = ports;
  const built = await makeReport(run, records, stored, ports);
  await noteJointTotals(run.runId, built, stored, ports);
  const report = await judgeOwnGates(built, run, stored.spec, ports);
  await objects.put(keys.report(run.runId, 'leaderboard.csv'), renderCsv(report));
  await objects.put(keys.report(run.runId, 'report.md'), renderMarkdown(report));
  await objects.put(keys.report(run.runId, 'report.tex'), renderLatex(report));
  await objects.put(keys.report(run.runId, 'index.html'), await renderHtml(report));
  await objects.put(keys.report(run.runId, 'report.json'), renderJson(report));
  return report;
}

/** A job's own scores could not have a number of all jobs together: its records get it here. */
async function noteJointTotals(runId: string, { jobs }: Report, { scoring }: StoredRun, { runs }: ReportPorts): Promise<void> {
  if (!isJoint(scoring.score)) return;
  const scored = jobs.flatMap(({ scores }) => (scores?.total?.value == null ? [] : [scores]));
  await mapBounded(scored, WRITES_IN_FLIGHT, (scores) => runs.putMetrics(runId, scores.jobId, metricRecordsOf(runId, scores)));
}

async function knownRun(runs: RunStore, runId: string): Promise<RunRecord> {
  const run = await runs.getRun(runId);
  if (run === null) throw runMissing(runId);
  return run;
}

/** All jobs of the run, by ordinal; those whose workflow ended without settling them are failed. */
export async function settleStragglers(input: RunInput, runs: RunStore): Promise<JobRecord[]> {
  return mapBounded(await runs.listJobs(input.run), WRITES_IN_FLIGHT, (record) => settledJob(record, input, runs));
}

async function settledJob(listed: JobRecord, input: RunInput, runs: RunStore): Promise<JobRecord> {
  for (let record = listed; ; ) {
    const isSettled = record.state !== 'pending' && record.state !== 'running';
    if (isSettled || record.start > input.start) return record;
    const failure = { class: 'infra', code: 'unsettled', message: 'the workflow ended before this job did' } as const;
    const failed: JobRecord = { ...record, version: record.version + 1, state: 'failed', failure };
    if (await runs.replaceJob(failed)) return failed;
    const written = await runs.getJob(record.runId, record.jobId);
    if (written === null) return failed;
    record = written;
  }
}

function stateOf(run: RunRecord, jobs: readonly JobRecord[]): RunState {
  if (run.cancelRequested) return 'cancelled';
  // Evaluating what was answered before a cancel makes no whole run of it.
  if (run.scope === 'evaluate' && jobs.some((job) => job.state === 'cancelled')) return 'cancelled';
  if (jobs.some((job) => job.state === 'stopped')) return 'stopped-budget';
  return jobs.every((job) => job.state === 'succeeded') ? 'succeeded' : 'incomplete';
}

/** The first bytes of an object; null when there is none. */
async function readBounded(objects: ObjectStore, key: string, maxBytes: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of objects.read(key, { startByte: 0, endByte: maxBytes })) parts.push(part);
  } catch (error) {
    if (error instanceof BakeoffError && error.code === 'object-missing') return null;
    throw error;
  }
  return Buffer.concat(parts);
}
