/** How a run of a deployment looks when it is over, or so far: as `bakeoff run` shows it, or the one JSON document. */
import type { JobSummary } from '../api/schemas/job.ts';
import type { Run } from '../api/schemas/run.ts';
import type { Report } from '../report/report-model.ts';
import type { VerbIo } from './io.ts';
import { printProblems } from './print-error.ts';
import { leaderboardOf, printOutcome, reportedJob } from './print-run.ts';
import { wrapText } from './wrap-text.ts';

/** `flags` completes the commands that are printed. */
export function printDeployedRun(run: Run, jobs: readonly JobSummary[], report: Report | null, flags: string, io: VerbIo): void {
  if (run.problems !== null) {
    printProblems(run.problems, run.name, io, { json: false });
    return;
  }
  printOutcome(run, jobs, report, io);
  const cost = costLine(run);
  if (cost !== null) io.stdout.write(`\n${wrapText(cost, io.columns, '', '  ')}\n`);
  if (run.links.report !== null) io.stdout.write(`\nreport: bakeoff report ${run.runId}${flags}\n`);
}

/**
 * Two figures: what the tasks took, and what the instances cost from launch to end. Null where neither is known. A task counts once it has
 * ended, and an instance grows until it has: both are told, and a run of which no task has ended has no figure yet.
 */
export function costLine({ cost, finishedAtMs }: Pick<Run, 'cost' | 'finishedAtMs'>): string | null {
  const { taskUsd, billedUsd, soFarAtMs, priceDate, reason } = cost;
  const isLive = finishedAtMs === null;
  if (billedUsd === null && (taskUsd === null || (isLive && taskUsd === 0))) return null;
  const task = taskUsd === null ? [] : [`${usd(taskUsd)} for the tasks${isLive ? ' that have ended' : ''}`];
  const billed =
    billedUsd === null ? [] : [`${usd(billedUsd)} billed for the instances${soFarAtMs === null ? '' : ' so far, some still run'}`];
  const date = priceDate === null ? '' : ` (price sheet of ${priceDate})`;
  return `cost: ${[...task, ...billed].join(', ')}${date}${reason === null ? '' : `; the rest is not known: ${reason}`}`;
}

/** Cents; below a cent to the hundredth of one. Never `$0.00` for something that cost money. */
export function usd(amount: number): string {
  if (amount === 0 || amount >= 0.01) return `$${amount.toFixed(2)}`;
  return amount >= 0.0001 ? `$${amount.toFixed(4)}` : 'under $0.0001';
}

/** As for a run of this machine, with the stack in place of the folder. */
export function deployedDocument(run: Run, jobs: readonly JobSummary[], report: Report | null, stackName: string) {
  return {
    runId: run.runId,
    name: run.name,
    state: run.interrupted ? 'interrupted' : run.state,
    stack: stackName,
    specSha256: run.specSha256,
    failure: run.failure,
    problems: run.problems,
    jobs: report === null ? jobs.map(unreportedJob) : report.jobs.map((job) => reportedJob(job, jobs)),
    leaderboard: leaderboardOf(report),
    gates: report?.gates ?? null,
    cost: run.cost,
    report: run.links.report,
  };
}

function unreportedJob({ jobId, model, params, state, samples, failure }: JobSummary) {
  const missing = samples === null ? null : samples.planned - samples.succeeded - samples.failed;
  const { planned = null, succeeded = null, failed = null } = samples ?? {};
  const reference = model === null ? null : model.reference;
  return {
    jobId,
    model: model?.id ?? null,
    params,
    reference,
    state,
    samples: { planned, succeeded, failed, missing },
    stopped: [],
    failure,
  };
}
