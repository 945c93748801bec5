/**
 * What this machine offers to runs, for `bakeoff doctor` and `bakeoff clean`: names the adapters that know.
 */
import { resolve } from 'node:path';
import { type DockerFacts, dockerFacts } from '../adapters/local/docker/docker-facts.ts';
import { dockerClient, dockerSocket } from '../adapters/local/docker/docker-client.ts';
import { removeLeftovers } from '../adapters/local/docker/leftovers.ts';
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

/** Ends and removes what killed runs left in `DIR`, containers included; returns how many tasks and folders there were. */
export async function sweepTasks(dir: string, dockerHost: string | null): Promise<number> {
  const swept = await taskFiles(dir).sweep();
  // No task without its record: where none was left there is no container, and Docker is not asked.
  if (swept > 0) {
    const left = async (): Promise<number> => removeLeftovers(await dockerClient(dockerSocket(dockerHost)), resolve(dir));
    await left().catch(() => 0);
  }
  return swept;
}

/** Removes from the cache what can be made again and is not in use. */
export function cleanMachineCache(options: CleanOptions): Promise<Cleaned> {
  return cleanCache(options);
}
