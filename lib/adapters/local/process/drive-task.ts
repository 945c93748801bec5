/**
 * Runs the driver of a task beside its server: what it is given, what it hears, and that it ends. Called by run-task.ts.
 */
import { join } from 'node:path';
import { cacheLayout } from './cache-layout.ts';
import { INSTANCE_VARIABLE, TASK_VARIABLE } from './kill-by-token.ts';
import { type RunningDriver, runDriver } from './run-driver.ts';
import type { TaskTools, Task } from './run-task.ts';
import type { RunningServer } from './start-server.ts';

/** A driver told that its server is gone has this long to write it down, then SIGTERM, then SIGKILL. */
const DRIVER_REACTS_MS = 30_000;
const DRIVER_STOPS_MS = 80_000;

export interface Driven {
  /** Null when the driver was killed. */
  readonly exitCode: number | null;
  /** How the driver spent its time; empty when it could not tell. */
  readonly phasesMs: Readonly<Record<string, number>>;
}

/** What a task has that a driver is run for, whatever its server runs in. */
export type DriveTools = Pick<TaskTools, 'options' | 'drivers'>;
export type DrivenServer = Pick<RunningServer, 'url' | 'exited'>;
export type StartDriver = (env: Readonly<Record<string, string>>, onLog: (line: string) => void) => Promise<RunningDriver>;

/** Rejects only when `start` does; without it the driver is a process of this machine. */
export async function driveTask(tools: DriveTools, task: Task, server: DrivenServer, start?: StartDriver): Promise<Driven> {
  const env = driverEnvironment(tools, task, server.url);
  const onLog = (line: string): void => tools.options.onLog(task.request, line);
  const driver = start === undefined ? runDriver({ program: tools.options.driverProgram, env, onLog }) : await start(env, onLog);
  const leave = tools.drivers.join(driver);
  const callOff = watchServerEnd(driver, server);
  const exitCode = await driver.exited;
  callOff();
  leave();
  return { exitCode, phasesMs: driver.phasesMs() };
}

/** The driver hears of its server's death at once, and is ended if it does not react. Returns how to call that off. */
function watchServerEnd(driver: RunningDriver, server: DrivenServer): () => void {
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

function driverEnvironment({ options }: DriveTools, task: Task, serverUrl: string): Record<string, string> {
  return {
    PATH: options.path,
    HOME: options.home,
    TMPDIR: join(task.scratchDir, 'tmp'),
    LANG: 'C.UTF-8',
    // Compiled code is kept: a driver then starts in half the time.
    NODE_COMPILE_CACHE: cacheLayout(options.cacheDir).compiled,
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
