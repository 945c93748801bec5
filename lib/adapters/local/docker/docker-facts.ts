/** What Docker on this machine is, for `bakeoff doctor`. */
import { z } from 'zod';
import { BakeoffError } from '../../../core/errors.ts';
import { daemonFault, daemonWords, dockerClient, dockerSocket } from './docker-client.ts';
import { listGpus } from './gpus.ts';

export interface DockerFacts {
  readonly version: string;
  readonly architecture: string;
  /** GPUs that `nvidia-smi` shows, and whether Docker could hand them on. */
  readonly gpus: number;
  readonly hasNvidiaRuntime: boolean;
  /** Its users are mapped: files would not belong to whom they must. */
  readonly isRootless: boolean;
}

const infoSchema = z.object({
  ServerVersion: z.string(),
  Runtimes: z.record(z.string(), z.unknown()).default({}),
  SecurityOptions: z.array(z.string()).nullish(),
});

/** Throws `docker-unreachable`, `docker-host`. */
export async function dockerFacts(dockerHost: string | null): Promise<DockerFacts> {
  const socketPath = dockerSocket(dockerHost);
  const docker = await dockerClient(socketPath);
  try {
    const { Arch: architecture } = await docker.version();
    const info = infoSchema.parse(await docker.info());
    return {
      version: info.ServerVersion,
      architecture,
      gpus: (await listGpus()).length,
      hasNvidiaRuntime: Object.hasOwn(info.Runtimes, 'nvidia'),
      isRootless: (info.SecurityOptions ?? []).some((option) => option.includes('rootless')),
    };
  } catch (cause) {
    throw daemonFault(cause, socketPath) ?? unusable(cause);
  }
}

function unusable(cause: unknown): BakeoffError {
  return new BakeoffError({
    code: 'docker-unreachable',
    message: `Docker answers with an error: ${daemonWords(cause)}`,
    remedy: "Look at what Docker's own log says.",
    kind: 'environment',
    cause,
  });
}
