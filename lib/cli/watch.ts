/** `bakeoff watch RUN`: follows a run of a deployment to its end, as `bakeoff run` shows one. Leaving it leaves the run alone. */
import type { Run } from '../api/schemas/run.ts';
import { BakeoffError } from '../core/errors.ts';
import { progressOf } from './deployed-progress.ts';
import { fetchReport } from './deployed-report.ts';
import type { DeploymentApi } from './deployment-api.ts';
import { requireStackName } from './deployment-choice.ts';
import { type FoundRun, findDeployedRun } from './find-deployed-run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { type DeploymentConnection, openConnection } from './open-deployment.ts';
import { deployedDocument, printDeployedRun } from './print-deployed-run.ts';
import { type Drawing, openDrawing } from './progress.ts';
import { runExitCode } from './run-exit-code.ts';
import { nextWaitMs } from './watch-pace.ts';

type Options = CommonOptions & Record<string, unknown>;

export async function watchVerb(args: readonly string[], options: Options, io: VerbIo): Promise<ExitCode> {
  const connection = await openConnection(requireStackName(options, io), options, io);
  const found = await findDeployedRun(connection.api, args[0] ?? '', connection.open.deployment.stackName, () => Date.now());
  return watchRun(found, connection, options, io);
}

/** Follows a run that was found, or just started, and ends as `bakeoff run` would: 130 after an interrupt. */
export async function watchRun(found: FoundRun, connection: DeploymentConnection, options: CommonOptions, io: VerbIo): Promise<ExitCode> {
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  process.on('SIGINT', leave).on('SIGTERM', leave);
  let run: Run;
  try {
    run = await follow(found, connection, leaving.signal, io);
  } finally {
    process.off('SIGINT', leave).off('SIGTERM', leave);
  }
  return isOver(run) ? finish(run, connection, options, io) : sayLeft(run, connection, options, io);
}

async function finish(run: Run, { api, open, flags }: DeploymentConnection, options: CommonOptions, io: VerbIo): Promise<ExitCode> {
  const report = run.links.report === null ? null : await fetchReport(api, run.runId);
  const jobs = run.state === 'rejected' ? [] : await api.listJobs(run.runId);
  if (options.json) writeJson(io, deployedDocument(run, jobs, report, open.deployment.stackName));
  else printDeployedRun(run, jobs, report, flags, io);
  return runExitCode(run.state, report?.gates);
}

function sayLeft(run: Run, { open, flags }: DeploymentConnection, options: CommonOptions, io: VerbIo): ExitCode {
  if (options.json) writeJson(io, deployedDocument(run, run.jobs, null, open.deployment.stackName));
  io.stderr.write(`run ${run.runId} goes on without you; see how it does with:\n  bakeoff watch ${run.runId}${flags}\n`);
  io.stderr.write(`or end it with:\n  bakeoff cancel ${run.runId}${flags}\n`);
  return 130;
}

function isOver(run: Run): boolean {
  return run.state !== 'accepted' && run.state !== 'running';
}

const REDRAW_MS = 1_000;

/** Looks again and again, each time less often, until the run is over or the user leaves. The last that was seen comes back. */
async function follow(found: FoundRun, { api }: DeploymentConnection, leaving: AbortSignal, io: VerbIo): Promise<Run> {
  const draw = await openDrawing(io);
  let { run, etag } = found;
  let aheadMs = found.nowMs - Date.now();
  const show = (): void => draw.show(progressOf(run, Date.now() + aheadMs));
  const redrawing = setInterval(show, REDRAW_MS);
  let waitMs: number | null = null;
  try {
    while (!isOver(run) && !leaving.aborted) {
      show();
      waitMs = nextWaitMs(waitMs);
      await sleep(waitMs, leaving);
      if (leaving.aborted) break;
      const looked = await lookPatiently(api, run.runId, etag, leaving, draw);
      if (looked === null) break;
      if (looked.serverNowMs !== null) aheadMs = looked.serverNowMs - Date.now();
      if (looked.kind === 'same') continue;
      if (progressMark(looked.run) !== progressMark(run)) waitMs = null;
      ({ run, etag } = looked);
    }
    show();
    return run;
  } finally {
    clearInterval(redrawing);
    draw.end();
  }
}

/** What makes it worth to look more often again: the state of the run and of its jobs. */
function progressMark({ state, jobCounts }: Run): string {
  return JSON.stringify([state, jobCounts]);
}

const PASSING: ReadonlySet<string> = new Set(['api-unreachable', 'api-failed', 'api-throttled', 'unexpected']);
const PATIENCE_MS = 600_000;

/** The run does not need us: an API that is out of reach for a while is waited for. Null when the user left meanwhile. */
async function lookPatiently(api: DeploymentApi, runId: string, etag: string | null, leaving: AbortSignal, draw: Drawing) {
  const sinceMs = Date.now();
  for (let waitMs: number | null = null; ; ) {
    try {
      return await api.getRun(runId, etag);
    } catch (thrown) {
      if (!(thrown instanceof BakeoffError) || !PASSING.has(thrown.code) || Date.now() - sinceMs > PATIENCE_MS) throw thrown;
      if (waitMs === null) draw.note(`${thrown.message}; trying again, the run goes on`);
      waitMs = nextWaitMs(waitMs);
      await sleep(waitMs, leaving);
      if (leaving.aborted) return null;
    }
  }
}

function sleep(durationMs: number, leaving: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      leaving.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, durationMs);
    leaving.addEventListener('abort', done);
    if (leaving.aborted) done();
  });
}
