/**
 * The Compute port on one machine, by processes: each task is a server in its package's environment and a driver beside it.
 * Made by lib/compose; the workflow's Run task calls it.
 */
import type { PackageRef } from '../../core/job.ts';
import type { Clock, Compute, TaskRequest } from '../../core/ports.ts';
import { cpuAffinity } from './process/cpu-affinity.ts';
import { driverSet } from './process/driver-set.ts';
import type { Environments } from './process/environments.ts';
import { killByToken } from './process/kill-by-token.ts';
import type { LocalPackage } from './process/local-package.ts';
import { runTask } from './process/run-task.ts';
import { taskFiles } from './process/task-files.ts';

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

/** One per process: it knows the drivers that it has started. */
export function localCompute(options: LocalComputeOptions): LocalCompute {
  const files = taskFiles(options.dir);
  const drivers = driverSet();
  const tools = { options, files, drivers, affinity: cpuAffinity(options.path) };
  return {
    runTask: (request, job) => runTask(tools, request, job),
    stopTask: async (taskId) => {
      const task = await files.find(taskId);
      if (task === null) return;
      await killByToken(task.instance);
      // A task of this process cleans up after itself, once it sees the end of its driver.
      if (task.owner.pid !== process.pid) await files.close(taskId);
    },
    interrupt: drivers.interrupt,
    sweep: files.sweep,
  };
}
