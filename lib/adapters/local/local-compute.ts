/**
 * The Compute port on one machine, by processes: prepares a package's environment, starts its server and the driver beside it,
 * waits, cleans up, and tells what it saw. Made by lib/compose; the workflow's Run task calls it.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { BakeoffError, messageOf } from '../../core/errors.ts';
import type { Failure } from '../../core/failure.ts';
import type { Job, PackageRef } from '../../core/job.ts';
import { stageNameSchema } from '../../core/job.ts';
import type { Clock, Compute, TaskRequest } from '../../core/ports.ts';
import { cacheLayout } from './process/cache-layout.ts';
import { cpuAffinity } from './process/cpu-affinity.ts';
import type { Environment, Environments } from './process/environments.ts';
import { INSTANCE_VARIABLE, killByToken, TASK_VARIABLE } from './process/kill-by-token.ts';
import type { LocalPackage } from './process/local-package.ts';
import { phaseClock } from './process/phase-clock.ts';
import { type RunningDriver, runDriver } from './process/run-driver.ts';
import { type RunningServer, startServer } from './process/start-server.ts';
import type { ServerExit } from './process/supervisor-messages.ts';
import { taskFiles } from './process/task-files.ts';
import { verifyPinnedFiles } from './process/verify-files.ts';

/** A driver told that its server is gone has this long to write it down, then SIGTERM, then SIGKILL. */
const DRIVER_REACTS_MS = 30_000;
const DRIVER_STOPS_MS = 80_000;

export interface LocalComputeOptions {
  /** `DIR`: runs, tasks and scratch lie below it. Absolute. */
  readonly dir: string;
  readonly cacheDir: string;
  /** PATH and HOME of the driver, and of the search for taskset. */
  readonly path: string;
  readonly home: string;
  readonly environments: Environments;
  /** Throws for a package that is not registered, or no longer the one that was planned. */
  readonly findPackage: (ref: PackageRef) => LocalPackage | Promise<LocalPackage>;
  /** `models/_server/src`. */
  readonly sdkFolder: string;
  /** `lib/driver/main.ts`. */
  readonly driverProgram: string;
  readonly clock: Clock;
  /** Lines that a driver writes to stderr. */
  readonly onLog: (request: TaskRequest, line: string) => void;
  /** Further variables of the driver. */
  readonly driverEnv?: Readonly<Record<string, string>>;
  /** Instead of a free port, for the tests of a taken one. */
  readonly choosePort?: () => Promise<number>;
}

export interface LocalCompute extends Compute {
  /** Asks all drivers to stop cleanly: they flush and exit, and their tasks end. */
  readonly interrupt: () => void;
  /** At a start: ends what killed owners left alive, and removes its files. Returns how many tasks there were. */
  readonly sweep: () => Promise<number>;
}

/** What a task has while it runs. */
interface Task {
  readonly taskId: string;
  readonly instance: string;
  readonly request: TaskRequest;
  readonly scratchDir: string;
}

const NO_SERVER: ServerExit = {
  exitCode: null,
  signal: null,
  reason: null,
  peakRssMiB: null,
  cpuSeconds: null,
  sampleHz: null,
  logTail: null,
};

export function localCompute(options: LocalComputeOptions): LocalCompute {
  const files = taskFiles(options.dir);
  const affinity = cpuAffinity(options.path);
  const compileCacheFolder = cacheLayout(options.cacheDir).compiled;
  const drivers = new Set<RunningDriver>();
  let interrupted = false;

  const serve = async (task: Task, localPackage: LocalPackage, environment: Environment) =>
    startServer({
      localPackage,
      environment,
      instance: task.instance,
      outputsDir: join(task.scratchDir, 'outputs'),
      inputsDir: join(task.scratchDir, 'inputs'),
      scratchDir: task.scratchDir,
      sdkFolder: options.sdkFolder,
      compileCacheFolder,
      affinity,
      ...(options.choosePort === undefined ? {} : { port: await options.choosePort() }),
    });

  const drive = async (task: Task, server: RunningServer) => {
    const driver = runDriver({
      program: options.driverProgram,
      env: driverEnvironment(options, task, server.url),
      onLog: (line) => options.onLog(task.request, line),
    });
    drivers.add(driver);
    if (interrupted) driver.signal('SIGTERM');
    const callOff = watchServerEnd(driver, server);
    const exitCode = await driver.exited;
    callOff();
    drivers.delete(driver);
    return exitCode;
  };

  const runTask: Compute['runTask'] = async (request, job) => {
    const stage = stageNameSchema.parse(request.stage);
    const task = { taskId: `local-${randomUUID()}`, instance: randomUUID(), request };
    const startedAtMs = options.clock.nowMs();
    const phases = phaseClock('install');
    let driverExitCode: number | null = null;
    let server: ServerExit = NO_SERVER;
    let error: Failure | null = null;
    try {
      const scratchDir = await files.open({ taskId: task.taskId, instance: task.instance, ...request });
      const localPackage = await options.findPackage(packageOf(job, request.stage));
      const environment = await options.environments.prepare(localPackage);
      const held = await options.environments.hold(environment);
      try {
        await verifyPinnedFiles(localPackage);
        phases.enter('start');
        const running = await serve({ ...task, scratchDir }, localPackage, environment);
        phases.enter('drive');
        driverExitCode = await drive({ ...task, scratchDir }, running);
        phases.enter('stop');
        server = await running.stop();
        error = failureOfServer(server, running.url);
      } finally {
        held.release();
      }
    } catch (cause) {
      error = failureOf(cause);
    }
    phases.enter('stop');
    await killByToken(task.instance);
    await files.close(task.taskId).catch((cause: unknown) => options.onLog(request, `scratch was not removed: ${messageOf(cause)}`));
    const phasesMs = phases.end();
    const endedAtMs = startedAtMs + Object.values(phasesMs).reduce((sum, each) => sum + each, 0);
    return { taskId: task.taskId, stage, attempt: request.attempt, startedAtMs, endedAtMs, phasesMs, driverExitCode, server, error };
  };

  return {
    runTask,
    stopTask: async (taskId) => {
      const task = await files.find(taskId);
      if (task === null) return;
      await killByToken(task.instance);
      // A task of this process cleans up after itself, once it sees the end of its driver.
      if (task.owner.pid !== process.pid) await files.close(taskId);
    },
    interrupt: () => {
      interrupted = true;
      for (const driver of drivers) driver.signal('SIGTERM');
    },
    sweep: files.sweep,
  };
}

/** The driver hears of its server's death at once, and is ended if it does not react. Returns how to call that off. */
function watchServerEnd(driver: RunningDriver, server: RunningServer): () => void {
  const timers: NodeJS.Timeout[] = [];
  let over = false;
  server.exited.then((end) => {
    if (over) return;
    driver.tell({ event: 'server-exited', exitCode: end.exitCode, signal: end.signal, reason: end.reason });
    timers.push(setTimeout(() => driver.signal('SIGTERM'), DRIVER_REACTS_MS));
    timers.push(setTimeout(() => driver.signal('SIGKILL'), DRIVER_REACTS_MS + DRIVER_STOPS_MS));
  });
  return () => {
    over = true;
    for (const timer of timers) clearTimeout(timer);
  };
}

function driverEnvironment(options: LocalComputeOptions, task: Task, serverUrl: string): Record<string, string> {
  return {
    PATH: options.path,
    HOME: options.home,
    TMPDIR: join(task.scratchDir, 'tmp'),
    LANG: 'C.UTF-8',
    ...options.driverEnv,
    BAKEOFF_DIR: options.dir,
    BAKEOFF_RUN: task.request.runId,
    BAKEOFF_JOB: task.request.jobId,
    BAKEOFF_STAGE: task.request.stage,
    BAKEOFF_ATTEMPT: String(task.request.attempt),
    [TASK_VARIABLE]: task.taskId,
    BAKEOFF_SERVER_URL: serverUrl,
    [INSTANCE_VARIABLE]: task.instance,
    BAKEOFF_OUTPUTS: join(task.scratchDir, 'outputs'),
    BAKEOFF_INPUTS: join(task.scratchDir, 'inputs'),
  };
}

/** Stage `infer` runs the model, `evaluate:<id>` that evaluator. */
function packageOf(job: Job, stage: string): PackageRef {
  if (stage === 'infer') return job.model;
  const id = stage.replace(/^evaluate:/, '');
  const found = job.evaluators.find((each) => each.package.id === id);
  if (found !== undefined) return found.package;
  throw new BakeoffError({
    code: 'stage-unknown',
    message: `stage ${stage} of job ${job.jobId} names no package; expected infer or evaluate:<one of ${job.evaluators.map((each) => each.package.id).join(', ')}>`,
    remedy: 'Report this: the plan and the job do not agree.',
    kind: 'internal',
  });
}

function failureOf(cause: unknown): Failure {
  const code = cause instanceof BakeoffError ? cause.code : 'task-failed';
  const message = cause instanceof BakeoffError ? `${cause.message} ${cause.remedy}` : messageOf(cause);
  return { class: 'infra', code, message: message.slice(0, 4000) };
}

/** A server that never got to serve is no fault of the model. */
function failureOfServer(server: ServerExit, url: string): Failure | null {
  if (server.reason === 'PortTaken') {
    return {
      class: 'infra',
      code: 'port-taken',
      message: `the server could not listen on ${url}: another process took the port. Run again; another port is drawn.`,
    };
  }
  if (server.reason?.startsWith('spawn-failed') === true) {
    return { class: 'infra', code: 'server-not-started', message: `the server's command could not be started: ${server.reason}` };
  }
  return null;
}
