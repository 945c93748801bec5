/**
 * Runs the workflow on one machine: the steps with their local ports, under the interpreter. `bakeoff run` is its only caller; it
 * owns a run while it drives it, and gives it up on an interrupt so that a resume can take over.
 */
import { join } from 'node:path';
import { hostFacts } from '../adapters/local/host-facts.ts';
import type { LocalCompute } from '../adapters/local/local-compute.ts';
import { environments } from '../adapters/local/process/environments.ts';
import type { LocalPackage } from '../adapters/local/process/local-package.ts';
import { announceRun, type LiveRun } from '../adapters/local/live-runs.ts';
import { sqliteRunIndex } from '../adapters/local/sqlite-run-index.ts';
import { storeSuiteFile } from '../adapters/local/store-suite-file.ts';
import { interpretWorkflow, isAbort, type TaskHandler } from '../adapters/local/workflow-interpreter.ts';
import { BakeoffError } from '../core/errors.ts';
import type { PackageRef, RunRecord, TaskFacts } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { TaskRequest } from '../core/ports.ts';
import type { RunEnvironment } from '../core/plan.ts';
import type { Registry } from '../core/registry.ts';
import { hostFactsSchema } from '../report/report-model.ts';
import { workflowDefinition } from '../workflow/definition.ts';
import { readScoredJob } from '../workflow/read-evaluations.ts';
import { readJsonObject } from '../workflow/read-json-object.ts';
import { advanceStep } from '../workflow/steps/advance-step.ts';
import { planStep } from '../workflow/steps/plan-step.ts';
import { reportStep } from '../workflow/steps/report-step.ts';
import { scoreStep } from '../workflow/steps/score-step.ts';
import { settleStep } from '../workflow/steps/settle-step.ts';
import { advanceInputSchema, jobInputSchema, type RunInput, runInputSchema, taskRequestSchema } from '../workflow/steps/step-input.ts';
import { noteContention, readStoredRun } from '../workflow/stored-run.ts';
import { systemClock } from './clock.ts';
import { localComputes, type PrepareEvent } from './local-computes.ts';
import { type LocalStores, silentEvents, sweepLocalStores } from './local.ts';
import { watchHandlers } from './watched-handlers.ts';

export interface LocalRunnerOptions {
  /** The run that it will drive. */
  readonly runId: string;
  readonly stores: LocalStores;
  readonly cacheDir: string;
  readonly python: string | null;
  readonly path: string;
  readonly home: string;
  /** The user's environment, whole, for installers only. */
  readonly installerEnv: NodeJS.ProcessEnv;
  /** The folder that holds `models/`, `examples/` and `lib/`. */
  readonly root: string;
  readonly registry: Registry;
  readonly softwareVersion: string;
  /** Of the packages of this run; images run in containers whatever it says. */
  readonly environment: RunEnvironment;
  readonly dockerHost: string | null;
  readonly baseImage: string | null;
  readonly onNote: (line: string) => void;
  readonly onLog: (request: TaskRequest, line: string) => void;
}

export type LocalRunEnd = { readonly kind: 'settled'; readonly run: RunRecord } | { readonly kind: 'interrupted' };

export interface LocalRunner {
  /** Makes the environments of these packages, two at a time, and brings images, before anything is measured. */
  readonly prepare: (packages: readonly PackageRef[], onEvent: (event: PrepareEvent) => void) => Promise<void>;
  /** Drives a run that this process owns to its end. */
  readonly drive: (run: RunRecord) => Promise<LocalRunEnd>;
  /** Stops cleanly: drivers flush and exit, `drive` answers `interrupted`, the run can be resumed. */
  readonly interrupt: () => void;
}

export function localRunner(options: LocalRunnerOptions): LocalRunner {
  const { stores, registry } = options;
  const made = environments({ cacheDir: options.cacheDir, python: options.python, installerEnv: options.installerEnv });
  const findPackage = (ref: PackageRef): LocalPackage => packageOf(registry, ref);
  const { environment, dockerHost, baseImage, root, installerEnv, onNote } = options;
  const compute = localComputes({
    ...{ environment, dockerHost, baseImage, root, installerEnv, onNote },
    dir: stores.folder,
    cacheDir: options.cacheDir,
    path: options.path,
    home: options.home,
    environments: made,
    findPackage,
    sdkFolder: join(options.root, 'models/_server/src'),
    driverProgram: join(options.root, 'lib/driver/main.ts'),
    clock: systemClock,
    onLog: options.onLog,
  });
  let interrupted = false;
  // Announced before anything is installed: that disturbs another run's latencies too.
  let announced: Promise<LiveRun> | null = null;
  const announce = (): Promise<LiveRun> => {
    announced ??= announceRun(options.runId);
    return announced;
  };
  let stopDriving = (): void => {};

  return {
    prepare: async (packages, onEvent) => {
      await announce();
      await compute.prepare(packages, onEvent);
    },
    drive: async (run) => {
      await sweepLocalStores(stores);
      await compute.sweep();
      // Evaluating may be another machine's work; what was measured was measured on the first.
      const isMeasured = run.scope !== 'evaluate';
      const host = JSON.stringify(hostFacts(await made.pythonVersion()));
      await stores.objects.put(keys.host(run.runId), host, { ifAbsent: !isMeasured });
      if (interrupted) return giveUp(stores, run.runId);
      const live = await announce();
      const watched = watchHandlers(handlersOf(options, compute, isMeasured ? live : null));
      const execution = interpretWorkflow(definition(), watched.handlers, { run: run.runId, start: run.start });
      stopDriving = () => {
        watched.close();
        execution.abort();
      };
      const failure = await execution.result.then(
        () => null,
        (error: unknown) => error,
      );
      await watched.settled();
      // A run that settled has said so in its report: what began after that disturbed nothing.
      if (failure !== null && isMeasured) await noteContention(stores.objects, run.runId, await live.others());
      if (failure !== null && isAbort(failure)) return giveUp(stores, run.runId);
      if (failure !== null) throw rootError(watched.thrown, failure);
      return { kind: 'settled', run: await knownRun(stores, run.runId) };
    },
    interrupt: () => {
      interrupted = true;
      made.interrupt();
      compute.interrupt();
      stopDriving();
    },
  };
}

/** Run task's parameters are the local part of the definition. `step` is there because the interpreter looks for the time-out in them. */
function definition(): object {
  const arn = (step: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${step}`;
  return workflowDefinition({
    functions: { plan: arn('plan'), advance: arn('advance'), score: arn('score'), report: arn('report'), settle: arn('settle') },
    runTaskParameters: { 'task.$': '$.step.task', step: { 'timeoutSeconds.$': '$.step.timeoutSeconds' } },
  });
}

/** `live`: null where nothing is measured that another run could disturb. */
function handlersOf(options: LocalRunnerOptions, compute: LocalCompute, live: LiveRun | null): Record<string, TaskHandler> {
  const { objects, runs } = options.stores;
  const runTask = async (given: unknown): Promise<{ kind: 'task'; facts: TaskFacts }> => {
    const request = taskRequestSchema.parse(taskOf(given));
    const job = await readScoredJob(objects, request.runId, request.jobId);
    return { kind: 'task', facts: await compute.runTask(request, job) };
  };
  return {
    Plan: (given) =>
      planStep(runInputSchema.parse(given), {
        objects,
        runs,
        clock: systemClock,
        events: silentEvents,
        softwareVersion: options.softwareVersion,
        environment: options.environment,
        readRegistry: async () => options.registry,
        storeSuiteFile: (folder, file) => storeSuiteFile(objects, folder, file),
      }),
    Advance: (given) => advanceStep(advanceInputSchema.parse(given), { objects, runs, compute }),
    'Run task': runTask,
    Score: (given) => scoreStep(jobInputSchema.parse(given), { objects, runs }),
    Report: async (given) => {
      const input = runInputSchema.parse(given);
      const host = await readJsonObject(objects, keys.host(input.run), hostFactsSchema);
      const others = live === null ? [] : await live.others();
      if (await noteContention(objects, input.run, others)) await scoreAll(input, options.stores);
      const index = sqliteRunIndex(join(options.stores.folder, 'records.sqlite'));
      try {
        const publication = { index, events: silentEvents };
        return await reportStep(input, { objects, runs, clock: systemClock, host, environment: 'process', publication });
      } finally {
        index.close();
      }
    },
    'Settle run': (given) => settleStep({ ...runInputSchema.parse(given), error: errorOf(given) }, { runs, clock: systemClock }),
  };
}

/** Scores every job again: they were scored before it was known that another run went on beside them. */
async function scoreAll(input: RunInput, { objects, runs }: LocalStores): Promise<void> {
  const { jobs } = await readStoredRun(objects, input.run);
  for (const { ordinal } of jobs) await scoreStep({ ...input, ordinal }, { objects, runs });
}

/** What ended the workflow: the first error that says what to do about it, else the first of all. */
function rootError(thrown: readonly unknown[], failure: unknown): unknown {
  return thrown.find((error) => error instanceof BakeoffError) ?? thrown[0] ?? failure;
}

function taskOf(given: unknown): unknown {
  return typeof given === 'object' && given !== null && 'task' in given ? given.task : null;
}

function errorOf(given: unknown): unknown {
  return typeof given === 'object' && given !== null && 'error' in given ? given.error : null;
}

/** Throws `package-missing` or `package-changed`: a run never mixes two versions of a package. */
function packageOf(registry: Registry, ref: PackageRef): LocalPackage {
  const found = registry.models.get(ref.id) ?? registry.evaluators.get(ref.id);
  if (found === undefined) {
    const message = `the package ${ref.id} that the run was planned with is not on this machine`;
    throw new BakeoffError({ code: 'package-missing', message, remedy: 'Restore the package, or start a new run.', kind: 'environment' });
  }
  if (found.digest !== ref.digest) {
    const message = `the package ${ref.id} has digest ${found.digest.slice(0, 12)}; the run was planned with ${ref.digest.slice(0, 12)}`;
    throw new BakeoffError({ code: 'package-changed', message, remedy: 'Restore the package, or start a new run.', kind: 'environment' });
  }
  return found;
}

/** After an interrupt: nobody owns the run any more, unless its report was written all the same. */
async function giveUp(stores: LocalStores, runId: string): Promise<LocalRunEnd> {
  const run = await knownRun(stores, runId);
  if (run.finishedAtMs !== null) return { kind: 'settled', run };
  if (run.owner !== null) await stores.runs.replaceRun({ ...run, version: run.version + 1, owner: null, updatedAtMs: systemClock.nowMs() });
  return { kind: 'interrupted' };
}

async function knownRun(stores: LocalStores, runId: string): Promise<RunRecord> {
  const run = await stores.runs.getRun(runId);
  if (run === null) throw runGone(runId);
  return run;
}

function runGone(runId: string): BakeoffError {
  return new BakeoffError({
    code: 'run-missing',
    message: `the record of run ${runId} is gone`,
    remedy: 'Start the run anew.',
    kind: 'internal',
  });
}
