/**
 * The Compute port of one machine: containers for what is to run in them, processes for the rest. local-runner.ts is its only caller.
 */
import { type DockerCompute, dockerCompute } from '../adapters/local/docker-compute.ts';
import { type LocalCompute, type LocalComputeOptions, localCompute } from '../adapters/local/local-compute.ts';
import type { InstallEvent } from '../adapters/local/process/environments.ts';
import { messageOf } from '../core/errors.ts';
import type { PackageRef } from '../core/job.ts';
import type { RunEnvironment } from '../core/plan.ts';
import { placeOfStage } from '../core/run-place.ts';

export interface LocalComputesOptions extends LocalComputeOptions {
  readonly environment: RunEnvironment;
  readonly dockerHost: string | null;
  readonly baseImage: string | null;
  readonly root: string;
  readonly installerEnv: NodeJS.ProcessEnv;
  readonly onNote: (line: string) => void;
}

export type ImageEvent = { readonly event: 'pulling' } | { readonly event: 'pulled'; readonly pullMs: number };
export type PrepareEvent = InstallEvent | (ImageEvent & { readonly id: string });

export interface LocalComputes extends LocalCompute {
  /** Makes ready what packages and images run in, before anything is measured. */
  readonly prepare: (packages: readonly PackageRef[], onEvent: (event: PrepareEvent) => void) => Promise<void>;
}

export function localComputes(options: LocalComputesOptions): LocalComputes {
  const { environment, environments, findPackage } = options;
  let tell: (event: PrepareEvent) => void = () => {};
  const processes = localCompute(options);
  const containers: () => DockerCompute = once(() =>
    dockerCompute({
      ...options,
      onImage: ({ event, id, ms }) => tell(event === 'pulling' ? { event, id } : { event, id, pullMs: ms }),
    }),
  );
  let usesDocker = environment === 'docker';
  return {
    runTask: (request, job) => {
      if (placeOfStage(job, request.stage) === 'process') return processes.runTask(request, job);
      usesDocker = true;
      return containers().runTask(request, job);
    },
    // Both look the task up in the same records; containers first, because the processes' part forgets the record.
    stopTask: async (taskId) => {
      if (usesDocker) await containers().stopTask(taskId);
      await processes.stopTask(taskId);
    },
    interrupt: () => {
      processes.interrupt();
      if (usesDocker) containers().interrupt();
    },
    sweep: async () => {
      const swept = await processes.sweep();
      // Where a task was left by a killed run there may be a container; where none was and none is wanted, Docker is not asked.
      if (swept === 0 && !usesDocker) return swept;
      const left = containers().sweep();
      return swept + (await (usesDocker ? left : left.catch((cause) => unswept(cause, options.onNote))));
    },
    prepare: async (packages, onEvent) => {
      tell = onEvent;
      const isImage = (ref: PackageRef) => ref.image !== undefined;
      const inContainers = packages.filter((ref) => environment === 'docker' || isImage(ref));
      usesDocker ||= inContainers.length > 0;
      const others = packages.filter((ref) => !inContainers.includes(ref));
      if (others.length > 0) await environments.prepareAll(await Promise.all(others.map(findPackage)), onEvent);
      const faults: unknown[] = [];
      for (const ref of inContainers) {
        const { image } = ref;
        const wanted = image === undefined ? { kind: 'package' as const, ref } : { kind: 'image' as const, reference: image.reference };
        await containers()
          .prepare(wanted)
          .catch((fault: unknown) => faults.push(fault));
      }
      // One image that cannot be had keeps the others from nothing.
      if (faults.length > 0) throw faults[0];
    },
  };
}

function unswept(cause: unknown, onNote: (line: string) => void): number {
  onNote(`containers that a killed run may have left were not looked for: ${messageOf(cause)}`);
  return 0;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
