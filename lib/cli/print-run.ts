/** How a run looks when it is over: the leaderboard and where its report is; or the one JSON document. Used by run, show, rescore. */
import { join } from 'node:path';
import type { LocalStores } from '../compose/local.ts';
import { isInterrupted } from '../compose/run-owner.ts';
import { type JobRecord, jobSchema, type RunRecord } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import { earlyStops } from '../report/metric-lookup.ts';
import { renderTerminal } from '../report/render-terminal.ts';
import { type Report, type ReportJob, reportSchema } from '../report/report-model.ts';
import { visibleLine } from '../report/safe-text.ts';
import { readJsonObject } from '../workflow/read-json-object.ts';
import type { VerbIo } from './io.ts';
import { gateLines } from './print-gates.ts';

/** The report as it was written; null when the run never came so far. */
export async function readReport(stores: LocalStores, runId: string): Promise<Report | null> {
  const key = keys.report(runId, 'report.json');
  return (await stores.objects.get(key)) === null ? null : readJsonObject(stores.objects, key, reportSchema);
}

export function reportPath(stores: LocalStores, runId: string): string {
  return join(stores.folder, keys.report(runId, 'index.html'));
}

export async function printRun(run: RunRecord, report: Report | null, stores: LocalStores, io: VerbIo): Promise<void> {
  printOutcome(run, await stores.runs.listJobs(run.runId), report, io);
  if (report !== null) io.stdout.write(`\nreport: ${reportPath(stores, run.runId)}\n`);
}

type OutcomeRun = Pick<RunRecord, 'runId' | 'state' | 'failure'>;
type OutcomeJob = Pick<JobRecord, 'jobId' | 'state' | 'failure'>;

/** The leaderboard and the verdict of the spec's gates on stdout, what kept the run from being whole on stderr. */
export function printOutcome(run: OutcomeRun, jobs: readonly OutcomeJob[], report: Report | null, io: VerbIo): void {
  const color = io.isStdoutTty && !io.settings.noColor;
  if (report !== null) io.stdout.write(`\n${renderTerminal(report, { columns: io.columns, color })}`);
  if (report?.gates !== undefined) io.stdout.write(`\n${gateLines(report.gates, io.columns).join('\n')}\n`);
  for (const line of failureLines(run, jobs, report)) io.stderr.write(`${line}\n`);
}

/** Everything that kept the run from being whole, one line each. */
function failureLines(run: OutcomeRun, jobs: readonly OutcomeJob[], report: Report | null): string[] {
  const lines = jobs
    .filter((job) => job.failure !== null)
    .map((job) => `${job.jobId} ${job.state}: ${job.failure?.class} ${job.failure?.code}: ${job.failure?.message}`);
  if (run.failure !== null) lines.unshift(`run ${run.runId} ${run.state}: ${run.failure.code}: ${run.failure.message}`);
  return [...lines, ...(report?.jobs ?? []).flatMap(shortfalls)].map(visibleLine);
}

/** Why a job that ran has not every sample: early stops, and failed samples by cause. */
function shortfalls(job: ReportJob): string[] {
  const groups = job.scores?.failures ?? [];
  return [
    ...earlyStops(job).map(({ stage, code, text }) => `${job.jobId} ${job.state}: ${stage} ${code}: ${text}`),
    ...groups.map(
      (group) =>
        `${job.jobId} ${job.state}: ${group.count} x ${group.class} ${group.code}, such as ${group.exampleSampleId}: ${group.exampleMessage}`,
    ),
  ];
}

/** What `--json` prints: enough to go on from, the rest is in report.json. Without a report, jobs are as far as their records say. */
export async function runDocument(run: RunRecord, report: Report | null, stores: LocalStores) {
  const records = await stores.runs.listJobs(run.runId);
  const jobs =
    report === null
      ? await Promise.all(records.map((record) => unreportedJob(record, stores)))
      : report.jobs.map((job) => reportedJob(job, records));
  return {
    runId: run.runId,
    name: run.name,
    state: isInterrupted(run) ? 'interrupted' : run.state,
    dir: stores.folder,
    specSha256: run.specSha256,
    failure: run.failure,
    jobs,
    leaderboard: leaderboardOf(report),
    gates: report?.gates ?? null,
    report: report === null ? null : reportPath(stores, run.runId),
  };
}

export function leaderboardOf(report: Report | null) {
  if (report === null) return null;
  const { metric, direction, entries } = report.ranking;
  return { metric, direction, entries };
}

/** A job as its report has it; its state is that of its record. */
export function reportedJob(job: ReportJob, records: readonly OutcomeJob[]) {
  return {
    jobId: job.jobId,
    model: job.model.id,
    params: job.params,
    reference: job.model.reference,
    state: records.find((record) => record.jobId === job.jobId)?.state ?? job.state,
    samples: {
      planned: job.scores?.planned ?? null,
      succeeded: job.scores?.succeeded ?? null,
      failed: job.scores?.failed ?? null,
      missing: job.scores?.missing ?? null,
    },
    stopped: earlyStops(job).map(({ stage, code }) => ({ stage, code })),
    failure: job.failure,
  };
}

/** A job of a run that has not come to its report; what is not known yet is null. */
async function unreportedJob({ runId, jobId, state, stages, failure }: JobRecord, { objects }: LocalStores) {
  const { model, params } = await readJsonObject(objects, keys.job(runId, jobId), jobSchema);
  const outcome = stages.find(({ name }) => name === 'infer')?.outcome ?? null;
  const missing = outcome === null ? null : outcome.planned - outcome.succeeded - outcome.failed;
  return {
    jobId,
    model: model.id,
    params,
    reference: model.reference,
    state,
    samples: { planned: outcome?.planned ?? null, succeeded: outcome?.succeeded ?? null, failed: outcome?.failed ?? null, missing },
    stopped: [],
    failure,
  };
}
