/**
 * What this machine offers to runs, for `bakeoff doctor` and `bakeoff clean`: names the adapters that know.
 */
import { type DockerFacts, dockerFacts } from '../adapters/local/docker/docker-facts.ts';
import { type CleanOptions, type Cleaned, cleanCache } from '../adapters/local/process/clean-cache.ts';
import { findOnPath } from '../adapters/local/process/cpu-affinity.ts';
import { chooseFreePort } from '../adapters/local/process/free-port.ts';
import { pinnedUvVersion } from '../adapters/local/process/installer.ts';
import { findPython, type Python } from '../adapters/local/process/python.ts';
import { taskFiles } from '../adapters/local/process/task-files.ts';
import type { Settings } from '../settings.ts';

export interface Machine {
  /** Absolute: the folder of runs, and that of environments. */
  readonly dir: string;
  readonly cacheDir: string;
  readonly nodeVersion: string;
  /** Throws `python-missing`. */
  readonly findPython: () => Promise<Python>;
  readonly uvVersion: string;
  /** Path of a program on the PATH, or null. */
  readonly findProgram: (name: string) => string | null;
  /** Throws `docker-unreachable`, `docker-host`. */
  readonly dockerFacts: () => Promise<DockerFacts>;
  /** Throws `port-taken`. */
  readonly chooseFreePort: () => Promise<number>;
}

export function thisMachine(settings: Settings, dir: string): Machine {
  const { path, home, python } = settings;
  return {
    dir,
    cacheDir: settings.cacheDir,
    nodeVersion: process.versions.node,
    findPython: () => findPython({ path, home, python }),
    uvVersion: pinnedUvVersion(),
    findProgram: (name) => findOnPath(name, path),
    dockerFacts: () => dockerFacts(settings.dockerHost),
    chooseFreePort,
  };
}

/** Ends and removes what killed runs left in `DIR`; returns how many tasks and folders there were. */
export function sweepTasks(dir: string): Promise<number> {
  return taskFiles(dir).sweep();
}

/** Removes from the cache what can be made again and is not in use. */
export function cleanMachineCache(options: CleanOptions): Promise<Cleaned> {
  return cleanCache(options);
}
