/**
 * Which GPUs a container is given, by their UUIDs: those with the fewest tasks of this process on them, of enough memory. What there is,
 * `nvidia-smi` tells. Called by the compute.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BakeoffError } from '../../../core/errors.ts';
import type { ContainerAccelerator } from '../../../core/image-entry.ts';

const run = promisify(execFile);

export interface Gpu {
  readonly uuid: string;
  readonly memoryMiB: number;
}

export interface LentGpus {
  readonly uuids: readonly string[];
  readonly release: () => void;
}

export interface GpuPool {
  /** None for a model that asks for none. Throws `gpu-missing`. */
  readonly lend: (accelerator: ContainerAccelerator) => Promise<LentGpus>;
}

const NONE: LentGpus = { uuids: [], release: () => undefined };

export function gpuPool(list: () => Promise<readonly Gpu[]> = listGpus): GpuPool {
  const tasksOn = new Map<string, number>();
  const change = (uuid: string, by: number) => tasksOn.set(uuid, (tasksOn.get(uuid) ?? 0) + by);
  return {
    lend: async ({ kind, count = 1, minMemoryMiB = 0 }) => {
      if (kind === 'none') return NONE;
      const all = await list();
      const fitting = all.filter(({ memoryMiB }) => memoryMiB >= minMemoryMiB);
      if (fitting.length < count) throw gpuMissing(count, minMemoryMiB, all);
      const uuids = [...fitting]
        .sort((a, b) => (tasksOn.get(a.uuid) ?? 0) - (tasksOn.get(b.uuid) ?? 0))
        .slice(0, count)
        .map(({ uuid }) => uuid);
      for (const uuid of uuids) change(uuid, 1);
      return {
        uuids,
        release: () => {
          for (const uuid of uuids) change(uuid, -1);
        },
      };
    },
  };
}

/** Empty where there is no `nvidia-smi`, or no GPU. */
export async function listGpus(): Promise<Gpu[]> {
  try {
    const { stdout } = await run('nvidia-smi', ['--query-gpu=uuid,memory.total', '--format=csv,noheader,nounits'], { timeout: 30_000 });
    return parseGpus(stdout);
  } catch {
    return [];
  }
}

/** Lines of `GPU-…, 81559`: the UUID and the memory in MiB. */
export function parseGpus(text: string): Gpu[] {
  return text.split('\n').flatMap((line) => {
    const [, uuid, memoryMiB] = /^\s*(GPU-[0-9a-f-]+)\s*,\s*(\d+)\s*$/.exec(line) ?? [];
    return uuid === undefined || memoryMiB === undefined ? [] : [{ uuid, memoryMiB: Number(memoryMiB) }];
  });
}

function gpuMissing(count: number, minMemoryMiB: number, all: readonly Gpu[]): BakeoffError {
  const seen = all.length === 0 ? 'nvidia-smi shows none' : `nvidia-smi shows ${all.map(({ memoryMiB }) => `${memoryMiB} MiB`).join(', ')}`;
  return new BakeoffError({
    code: 'gpu-missing',
    message: `the model needs ${count} GPU of at least ${minMemoryMiB} MiB; ${seen}`,
    remedy: 'Run it on a machine with such a GPU, with the NVIDIA container toolkit installed.',
    kind: 'environment',
  });
}
