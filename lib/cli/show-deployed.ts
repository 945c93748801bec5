/** `bakeoff show RUN --stack NAME`: a run of a deployment with its jobs, leaderboard, failures and cost. */
import { progressOf } from './deployed-progress.ts';
import { fetchReport } from './deployed-report.ts';
import { findDeployedRun } from './find-deployed-run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { openConnection } from './open-deployment.ts';
import { deployedDocument, printDeployedRun } from './print-deployed-run.ts';
import { progressLines } from './progress-view.ts';

type Options = CommonOptions & Record<string, unknown>;

export async function showDeployed(name: string, stack: string, options: Options, io: VerbIo): Promise<ExitCode> {
  const { api, open, flags } = await openConnection(stack, options, io);
  const { stackName } = open.deployment;
  const { run, nowMs } = await findDeployedRun(api, name, stackName, () => Date.now());
  const jobs = run.state === 'rejected' ? [] : await api.listJobs(run.runId);
  const report = run.links.report === null ? null : await fetchReport(api, run.runId);
  if (options.json) {
    writeJson(io, deployedDocument(run, jobs, report, stackName));
    return 0;
  }
  io.stdout.write(`${progressLines(progressOf(run, nowMs, jobs), io.columns).join('\n')}\n`);
  printDeployedRun(run, jobs, report, flags, io);
  if (run.state === 'running' || run.state === 'accepted') io.stderr.write(`follow it with: bakeoff watch ${run.runId}${flags}\n`);
  return 0;
}
