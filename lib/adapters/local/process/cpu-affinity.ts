/**
 * Keeps a server on as many cores as it declares, by `taskset` where there is one (Linux). Of the cores that this process may
 * use, those with the fewest servers on them are taken.
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface PinnedCores {
  /** What to put before the command; empty when nothing is pinned. */
  readonly prefix: readonly string[];
  readonly release: () => void;
}

export interface CpuAffinity {
  readonly pin: (cpus: number) => PinnedCores;
}

const UNPINNED: PinnedCores = { prefix: [], release: () => undefined };

/** `path` is the PATH to look for taskset in. */
export function cpuAffinity(path: string): CpuAffinity {
  const taskset = findOnPath('taskset', path);
  const cores = taskset === null ? [] : allowedCores();
  const load = new Map(cores.map((core) => [core, 0]));
  const change = (core: number, by: number) => load.set(core, (load.get(core) ?? 0) + by);

  return {
    pin: (cpus) => {
      if (taskset === null || cpus >= cores.length) return UNPINNED;
      const taken = [...load]
        .sort((a, b) => a[1] - b[1] || a[0] - b[0])
        .slice(0, cpus)
        .map(([core]) => core);
      const changeAll = (by: number) => {
        for (const core of taken) change(core, by);
      };
      changeAll(1);
      return { prefix: [taskset, '-c', taken.join(',')], release: () => changeAll(-1) };
    },
  };
}

/** An executable of this name in a PATH-like list of folders, or null. */
export function findOnPath(name: string, path: string): string | null {
  for (const folder of path.split(delimiter).filter((part) => part !== '')) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Not here: the next folder.
    }
  }
  return null;
}

/** `Cpus_allowed_list` (proc(5)), e.g. `0-3,6`; empty where it is not told. */
function allowedCores(): number[] {
  try {
    const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
    return list.split(',').flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
  } catch {
    return [];
  }
}
