/**
 * `bakeoff evaluate RUN --scorers A,B`: a new pass over the saved outputs of a run that is over, by scorers that it was not scored by, or by other
 * versions of those it was. Nothing is sent to a model. Interrupted or killed, the same command goes on with it.
 */
import { systemClock } from '../compose/clock.ts';
import type { LocalStores } from '../compose/local.ts';
import { readLocalRegistry } from '../compose/local-registry.ts';
import { localRunner } from '../compose/local-runner.ts';
import { ownerIsAlive, thisOwner } from '../compose/run-owner.ts';
import { BakeoffError } from '../core/errors.ts';
import type { JobRecord, RunRecord } from '../core/job.ts';
import type { EvaluationWish } from '../core/plan-evaluation.ts';
import type { Registry } from '../core/registry.ts';
import { environment } from '../settings.ts';
import { checkEvaluation, claimForEvaluation, recordEvaluation } from '../workflow/ask-evaluation.ts';
import { readStoredRun } from '../workflow/stored-run.ts';
import { stackOf, textOption } from './deployment-choice.ts';
import { driveToEnd } from './drive-to-end.ts';
import { findRun, openRuns } from './find-run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { printRun, readReport, runDocument } from './print-run.ts';
import { runExitCode } from './run-exit-code.ts';
import { SOFTWARE_VERSION } from './software-version.ts';

type Options = CommonOptions & Record<string, unknown>;

export async function evaluateVerb(args: readonly string[], options: Options, io: VerbIo): Promise<ExitCode> {
  const wish = wishOf(options);
  const stack = stackOf(options, io);
  if (stack === null) return evaluateHere(args[0] ?? '', wish, options, io);
  return (await import('./evaluate-deployed.ts')).evaluateDeployed(args[0] ?? '', wish, stack, options, io);
}

/** Throws `scorers-not-named`. */
function wishOf(options: Options): EvaluationWish {
  const names = (textOption(options, 'scorers') ?? '').split(/[\s,]+/).filter((name) => name !== '');
  if (names.length > 0) return { scorers: names, again: options.again === true };
  throw new BakeoffError({
    code: 'scorers-not-named',
    message: 'evaluate was not told by what to score',
    remedy: 'Give --scorers with names between commas, such as --scorers shapes,video.',
  });
}

async function evaluateHere(name: string, wish: EvaluationWish, options: Options, io: VerbIo): Promise<ExitCode> {
  const stores = openRuns(options.dir);
  try {
    const registry = await readLocalRegistry({ root: io.root, extraModelFolders: io.settings.extraModelFolders });
    const run = await begin(await findRun(stores, name), wish, stores, registry, io);
    const { jobs } = await readStoredRun(stores.objects, run.runId);
    const runner = localRunner({
      ...{ runId: run.runId, stores, registry, root: io.root, softwareVersion: SOFTWARE_VERSION, installerEnv: environment() },
      ...{ cacheDir: io.settings.cacheDir, python: io.settings.python, path: io.settings.path, home: io.settings.home },
      // Evaluators run where the run's packages ran.
      environment: jobs.some((job) => job.environment === 'docker') ? 'docker' : 'auto',
      ...{ dockerHost: io.settings.dockerHost, baseImage: io.settings.baseImage },
      onNote: (line) => io.stderr.write(`${line}\n`),
      onLog: (request, line) => {
        if (io.settings.debug) io.stderr.write(`${request.jobId} ${line}\n`);
      },
    });
    const end = await driveToEnd(run, jobs, runner, stores, io);
    if (end.kind === 'interrupted') return await sayInterrupted(run.runId, wish, stores, options, io);
    return await finish(end.run, stores, options, io);
  } finally {
    stores.close();
  }
}

/** The run as this process owns it, and the pass on record. */
async function begin(run: RunRecord, wish: EvaluationWish, stores: LocalStores, registry: Registry, io: VerbIo): Promise<RunRecord> {
  const { objects, runs } = stores;
  const ports = { objects, runs, registry, softwareVersion: SOFTWARE_VERSION };
  refuseLive(run);
  const planned = await checkEvaluation(run, wish, ports);
  const next = { state: 'running', owner: thisOwner(), updatedAtMs: systemClock.nowMs() } as const;
  const mayTake = (found: RunRecord): void => {
    refuseLive(found);
    if (found.version !== run.version) throw isLive(run.runId, 'another process');
  };
  const claimed = await claimForEvaluation(run.runId, mayTake, next, runs);
  const n = await recordEvaluation(run.runId, planned, ports, systemClock.nowMs());
  io.stderr.write(
    n === null ? `going on with an earlier evaluation of run ${run.runId}\n` : `evaluating the outputs of run ${run.runId}, pass ${n}\n`,
  );
  return claimed;
}

function refuseLive({ runId, owner }: RunRecord): void {
  if (owner !== null && owner !== thisOwner() && ownerIsAlive(owner)) throw isLive(runId, `process ${owner.split('/')[0]}`);
}

function isLive(runId: string, by: string): BakeoffError {
  return new BakeoffError({
    code: 'run-is-live',
    message: `run ${runId} is being driven by ${by}`,
    remedy: 'Wait for it, or stop that process first.',
  });
}

async function finish(run: RunRecord, stores: LocalStores, options: Options, io: VerbIo): Promise<ExitCode> {
  const report = await readReport(stores, run.runId);
  if (options.json) writeJson(io, await runDocument(run, report, stores));
  else await printRun(run, report, stores, io);
  // What the run lacked before, it lacks still: this verb answers for its evaluations.
  const isWhole = run.state === 'incomplete' && (await stores.runs.listJobs(run.runId)).every(isEvaluated);
  return runExitCode(isWhole ? 'succeeded' : run.state, report?.gates);
}

/** A job that never sent anything has nothing to evaluate. */
function isEvaluated({ stages }: JobRecord): boolean {
  const [infer, ...others] = stages;
  if (infer?.attempt === 0) return true;
  return others.every(
    ({ status, outcome }) => status === 'finished' && (outcome?.stopped ?? null) === null && (outcome?.failed ?? 0) === 0,
  );
}

async function sayInterrupted(runId: string, wish: EvaluationWish, stores: LocalStores, options: Options, io: VerbIo): Promise<ExitCode> {
  const run = await stores.runs.getRun(runId);
  if (options.json && run !== null) writeJson(io, await runDocument({ ...run, owner: null }, null, stores));
  const words = ['bakeoff', 'evaluate', runId, '--scorers', wish.scorers.join(',')];
  if (typeof options.givenDir === 'string') words.push('--dir', `'${options.givenDir.replaceAll("'", "'\\''")}'`);
  io.stderr.write(`the evaluation of run ${runId} is interrupted; go on with:\n  ${words.join(' ')}\n`);
  return 130;
}
