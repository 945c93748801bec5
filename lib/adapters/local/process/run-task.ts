/**
 * One task from its record to its facts: environment, pinned files, server, driver, clean-up. Called by the local compute.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { messageOf } from '../../../core/errors.ts';
import type { Failure } from '../../../core/failure.ts';
import { type Job, stageNameSchema, type TaskFacts } from '../../../core/job.ts';
import type { TaskRequest } from '../../../core/ports.ts';
import type { LocalComputeOptions } from '../local-compute.ts';
import { cacheLayout } from './cache-layout.ts';
import type { CpuAffinity } from './cpu-affinity.ts';
import { driveTask } from './drive-task.ts';
import type { DriverSet } from './driver-set.ts';
import type { Environment } from './environments.ts';
import { killByToken } from './kill-by-token.ts';
import type { LocalPackage } from './local-package.ts';
import { type PhaseClock, phaseClock, splitPhase } from './phase-clock.ts';
import { type RunningServer, startServer } from './start-server.ts';
import type { ServerExit } from './supervisor-messages.ts';
import { failureOf, failureOfServer, packageOf } from './task-failures.ts';
import type { TaskFiles } from './task-files.ts';
import { verifyPinnedFiles } from './verify-files.ts';

/** What all tasks of a compute share. */
export interface TaskTools {
  readonly options: LocalComputeOptions;
  readonly files: TaskFiles;
  readonly affinity: CpuAffinity;
  readonly drivers: DriverSet;
}

export interface Task {
  readonly taskId: string;
  readonly instance: string;
  readonly request: TaskRequest;
  readonly scratchDir: string;
}

interface TaskEnd {
  readonly driverExitCode: number | null;
  readonly driverPhasesMs: Readonly<Record<string, number>>;
  readonly server: ServerExit;
  readonly error: Failure | null;
}

/** Of a task whose server never started. */
export const NO_SERVER: ServerExit = {
  exitCode: null,
  signal: null,
  reason: null,
  peakRssMiB: null,
  cpuSeconds: null,
  sampleHz: null,
  logTail: null,
};

/** Resolves with the facts whatever happens; afterwards no process and no scratch of the task is left. */
export async function runTask(tools: TaskTools, request: TaskRequest, job: Job): Promise<TaskFacts> {
  const { options, files } = tools;
  const stage = stageNameSchema.parse(request.stage);
  const ids = { taskId: `local-${randomUUID()}`, instance: randomUUID() };
  const startedAtMs = options.clock.nowMs();
  const phases = phaseClock('install');
  let end: TaskEnd;
  try {
    const scratchDir = await files.open({ ...ids, ...request });
    end = await serveAndDrive(tools, { ...ids, request, scratchDir }, job, phases);
  } catch (cause) {
    end = { driverExitCode: null, driverPhasesMs: {}, server: NO_SERVER, error: failureOf(cause) };
  }
  phases.enter('stop');
  await killByToken(ids.instance);
  await files.close(ids.taskId).catch((cause: unknown) => options.onLog(request, `scratch was not removed: ${messageOf(cause)}`));
  const { driverPhasesMs, ...facts } = end;
  const phasesMs = splitPhase(phases.end(), 'driver', driverPhasesMs);
  const endedAtMs = startedAtMs + Object.values(phasesMs).reduce((sum, each) => sum + each, 0);
  return { taskId: ids.taskId, stage, attempt: request.attempt, startedAtMs, endedAtMs, phasesMs, ...facts };
}

/** Throws for what keeps the task from running at all. */
async function serveAndDrive(tools: TaskTools, task: Task, job: Job, phases: PhaseClock): Promise<TaskEnd> {
  const { options } = tools;
  const localPackage = await options.findPackage(packageOf(job, task.request.stage));
  const environment = await options.environments.prepare(localPackage);
  const held = await options.environments.hold(environment);
  try {
    await verifyPinnedFiles(localPackage);
    phases.enter('start');
    const running = await serve(tools, task, localPackage, environment);
    phases.enter('driver');
    const driven = await driveTask(tools, task, running);
    phases.enter('stop');
    const server = await running.stop();
    return { driverExitCode: driven.exitCode, driverPhasesMs: driven.phasesMs, server, error: failureOfServer(server, running.url) };
  } finally {
    held.release();
  }
}

async function serve(
  { options, affinity }: TaskTools,
  task: Task,
  localPackage: LocalPackage,
  environment: Environment,
): Promise<RunningServer> {
  return startServer({
    localPackage,
    environment,
    instance: task.instance,
    outputsDir: join(task.scratchDir, 'outputs'),
    inputsDir: join(task.scratchDir, 'inputs'),
    scratchDir: task.scratchDir,
    sdkFolder: options.sdkFolder,
    compileCacheFolder: cacheLayout(options.cacheDir).compiled,
    affinity,
    ...(options.choosePort === undefined ? {} : { port: await options.choosePort() }),
  });
}
