/** `bakeoff report RUN --stack NAME`: downloads the report of a run, or prints a link under which a browser opens it. */
import { join } from 'node:path';
import { BakeoffError } from '../core/errors.ts';
import { downloadFile, fetchReport, linkedFiles } from './deployed-report.ts';
import type { DeploymentApi } from './deployment-api.ts';
import { findDeployedRun } from './find-deployed-run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { openConnection } from './open-deployment.ts';

type Options = CommonOptions & Record<string, unknown>;

const REPORT_FILES = ['report/index.html', 'report/report.json', 'report/report.md', 'report/leaderboard.csv', 'report/report.tex'];

/** Below `<dir>/<stack>/runs/<run>/` as in the deployment's store, so that what the page links is found beside it. */
export async function reportDeployed(name: string, stack: string, options: Options, io: VerbIo): Promise<ExitCode> {
  const { api, open, flags } = await openConnection(stack, options, io);
  const { stackName } = open.deployment;
  const { run } = await findDeployedRun(api, name, stackName, () => Date.now());
  if (run.links.report === null) throw noReport(run.runId, run.state, flags);
  if (options.link === true) {
    // Asked for by name: the one place where a signed link is printed.
    const link = await api.link(`/v1/runs/${encodeURIComponent(run.runId)}/report`);
    if (options.json) writeJson(io, { runId: run.runId, link });
    else io.stdout.write(`${link}\n`);
    return 0;
  }
  const folder = join(options.dir, stackName, 'runs', run.runId);
  const names = [...REPORT_FILES, ...(options.media === true ? await mediaOf(api, run.runId) : [])];
  const paths: string[] = [];
  for (const file of names) {
    const path = join(folder, ...file.split('/'));
    if (await downloadFile(api, run.runId, file, path)) paths.push(path);
    else io.stderr.write(`not there: ${file}\n`);
  }
  if (options.json) writeJson(io, { runId: run.runId, folder, files: paths });
  else io.stdout.write(paths.map((path) => `${path}\n`).join(''));
  return 0;
}

async function mediaOf(api: DeploymentApi, runId: string): Promise<string[]> {
  const report = await fetchReport(api, runId);
  return report === null ? [] : linkedFiles(report);
}

function noReport(runId: string, state: string, flags: string): BakeoffError {
  const goesOn = state === 'running' || state === 'accepted';
  return new BakeoffError({
    code: 'report-missing',
    message: `run ${runId} is ${state} and has no report${goesOn ? ' yet' : ''}`,
    remedy: goesOn ? `Wait for its end: "bakeoff watch ${runId}${flags}".` : `See why: "bakeoff show ${runId}${flags}".`,
    kind: 'incomplete',
  });
}
