/** `bakeoff run SPEC`: a spec to its report, with live progress. Resumable after any ending. */
import { systemClock } from '../compose/clock.ts';
import { type LocalStores, openLocalStores } from '../compose/local.ts';
import { localRunner } from '../compose/local-runner.ts';
import { resolveImages } from '../compose/resolve-images.ts';
import { ownerIsAlive, thisOwner } from '../compose/run-owner.ts';
import { BakeoffError } from '../core/errors.ts';
import { jobSchema, type RunRecord } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import { type PlannedRun, planRun, type RunEnvironment } from '../core/plan.ts';
import { limitItems, type Spec } from '../core/spec.ts';
import { environment } from '../settings.ts';
import { isSettledRun } from '../workflow/change-run.ts';
import { readJsonObject } from '../workflow/read-json-object.ts';
import { driveToEnd } from './drive-to-end.ts';
import { environmentChoice } from './environment-choice.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { loadSpec } from './load-spec.ts';
import { printProblems } from './print-error.ts';
import { printRun, readReport, runDocument } from './print-run.ts';
import { runExitCode } from './run-exit-code.ts';
import { SOFTWARE_VERSION } from './software-version.ts';

type RunOptions = CommonOptions & Record<string, unknown>;

export async function runVerb(args: readonly string[], options: RunOptions, io: VerbIo): Promise<ExitCode> {
  const [specPath = ''] = args;
  const loaded = await loadSpec(specPath, io);
  if (!loaded.ok) return printProblems(loaded.problems, specPath, io, options);
  const limited = limitItems(loaded.spec, typeof options.limit === 'number' ? options.limit : undefined);
  const wanted = environmentChoice(options.env, limited);
  const spec = await resolveImages(limited, io.settings.dockerHost);
  for (const note of loaded.notes) io.stderr.write(`${note}\n`);
  const planFor = (runId: string): PlannedRun =>
    planRun({ spec, registry: loaded.registry, runId, softwareVersion: SOFTWARE_VERSION, environment: wanted });
  const stores = openLocalStores(options.dir);
  try {
    const run = await beginRun(stores, planFor, options.resume === true, io);
    if (run.kind === 'nothing-to-do') return await finish(run.run, stores, options, io);
    const runner = localRunner({
      runId: run.run.runId,
      stores,
      registry: loaded.registry,
      root: io.root,
      cacheDir: io.settings.cacheDir,
      python: io.settings.python,
      path: io.settings.path,
      home: io.settings.home,
      installerEnv: environment(),
      softwareVersion: SOFTWARE_VERSION,
      environment: await environmentOf(run.run, wanted, stores, io),
      dockerHost: io.settings.dockerHost,
      baseImage: io.settings.baseImage,
      onNote: (line) => io.stderr.write(`${line}\n`),
      onLog: (request, line) => {
        if (io.settings.debug) io.stderr.write(`${request.jobId} ${line}\n`);
      },
    });
    const end = await driveToEnd(run.run, planFor(run.run.runId).jobs, runner, stores, io);
    if (end.kind === 'interrupted') return await sayInterrupted(run.run.runId, specPath, stores, options, io);
    return await finish(end.run, stores, options, io);
  } finally {
    stores.close();
  }
}

type Begun = { readonly kind: 'begun' | 'nothing-to-do'; readonly run: RunRecord };

async function beginRun(stores: LocalStores, planFor: (runId: string) => PlannedRun, resume: boolean, io: VerbIo): Promise<Begun> {
  const preview = planFor('preview');
  const specSha256 = preview.plan.specSha256;
  if (!resume) return { kind: 'begun', run: await createRun(stores, preview.spec, specSha256) };
  const same = (await stores.runs.listRuns(10_000)).filter((run) => run.specSha256 === specSha256);
  for (const run of same) {
    if (await isUnfinished(stores, run)) return { kind: 'begun', run: await takeOver(stores, run) };
  }
  const [newest] = same;
  if (newest !== undefined) {
    io.stderr.write(`run ${newest.runId} of this spec is finished; there is nothing to resume\n`);
    return { kind: 'nothing-to-do', run: newest };
  }
  io.stderr.write('no run of this spec is in the folder; a new one starts\n');
  return { kind: 'begun', run: await createRun(stores, preview.spec, specSha256) };
}

/** Not settled, failed as a whole, or with a stage that failed: that one is tried again. Failed samples are final. */
async function isUnfinished(stores: LocalStores, run: RunRecord): Promise<boolean> {
  if (run.state === 'accepted' || run.state === 'running' || run.state === 'failed') return true;
  if (run.state !== 'incomplete') return false;
  const jobs = await stores.runs.listJobs(run.runId);
  return jobs.some((job) => job.failure?.code === 'unsettled' || job.stages.some((stage) => stage.status !== 'finished'));
}

async function takeOver(stores: LocalStores, run: RunRecord): Promise<RunRecord> {
  if (run.owner !== null && ownerIsAlive(run.owner)) {
    throw new BakeoffError({
      code: 'run-is-live',
      message: `run ${run.runId} is being driven by process ${run.owner.split('/')[0]}`,
      remedy: 'Wait for it, or stop that process first.',
    });
  }
  // A run that was never planned has nothing to skip: its first start is still ahead.
  const planned = (await stores.objects.get(keys.plan(run.runId))) !== null;
  const start = planned ? run.start + 1 : run.start;
  const nowMs = systemClock.nowMs();
  const taken: RunRecord = {
    ...run,
    start,
    version: run.version + 1,
    state: 'running',
    // An evaluation that never came to its end goes on as one.
    scope: isSettledRun(run) ? 'all' : (run.scope ?? 'all'),
    owner: thisOwner(),
    updatedAtMs: nowMs,
    finishedAtMs: null,
    failure: null,
  };
  if (await stores.runs.replaceRun(taken)) return taken;
  throw new BakeoffError({
    code: 'run-is-live',
    message: `another process took run ${run.runId} over at the same moment`,
    remedy: 'Wait for it, or stop that process first.',
  });
}

async function createRun(stores: LocalStores, spec: Spec, specSha256: string): Promise<RunRecord> {
  for (;;) {
    const nowMs = systemClock.nowMs();
    const runId = `${spec.name}-${timestamp(nowMs)}`;
    const run: RunRecord = {
      schema: 1,
      runId,
      name: spec.name,
      version: 1,
      start: 1,
      state: 'running',
      specSha256,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
      finishedAtMs: null,
      cancelRequested: false,
      owner: thisOwner(),
      failure: null,
    };
    // The spec first: a record without its spec could not be resumed.
    if (await stores.objects.put(keys.spec(runId), `${JSON.stringify(spec, null, 2)}\n`, { ifAbsent: true })) {
      if (await stores.runs.createRun(run)) return run;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000 - (nowMs % 1000)));
  }
}

/** `20261120-121733`, UTC: with a name of 48 it just fits an id's 64 characters. */
function timestamp(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
}

async function finish(run: RunRecord, stores: LocalStores, options: CommonOptions, io: VerbIo): Promise<ExitCode> {
  const report = await readReport(stores, run.runId);
  if (options.json) writeJson(io, await runDocument(run, report, stores));
  else await printRun(run, report, stores, io);
  return runExitCode(run.state, report?.gates);
}

async function sayInterrupted(runId: string, specPath: string, stores: LocalStores, options: RunOptions, io: VerbIo): Promise<ExitCode> {
  const run = await stores.runs.getRun(runId);
  if (options.json && run !== null) writeJson(io, await runDocument({ ...run, owner: null }, null, stores));
  io.stderr.write(`run ${runId} is interrupted; go on with:\n  ${resumeCommand(specPath, options)}\n`);
  return 130;
}

/** What the user typed, with what decides which run is found: the folder, and the limit, which makes it another spec. */
function resumeCommand(specPath: string, { givenDir, limit, env }: RunOptions): string {
  const words = ['bakeoff', 'run', specPath];
  if (env === 'docker') words.push('--env', 'docker');
  if (typeof givenDir === 'string') words.push('--dir', givenDir);
  if (typeof limit === 'number') words.push('--limit', String(limit));
  return [...words, '--resume'].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}

/** What the packages of the run run in. A run that was begun goes on as it was begun: one job's samples are never of two environments. */
async function environmentOf(run: RunRecord, wanted: RunEnvironment, stores: LocalStores, io: VerbIo): Promise<RunEnvironment> {
  const [first] = await stores.runs.listJobs(run.runId);
  if (first === undefined) return wanted;
  const job = await readJsonObject(stores.objects, keys.job(run.runId, first.jobId), jobSchema);
  const begun = job.environment ?? 'process';
  if ((wanted === 'docker') !== (begun === 'docker'))
    io.stderr.write(`run ${run.runId} was begun with its packages in the environment ${begun}; it goes on so\n`);
  return begun === 'docker' ? 'docker' : 'auto';
}
