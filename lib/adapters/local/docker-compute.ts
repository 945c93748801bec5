/**
 * The Compute port on one machine, by containers: each task is a model's container without a network and a driver's container that shares
 * its loopback. Made by lib/compose; the workflow's Run task calls it for what is to run in containers.
 */
import { mkdir } from 'node:fs/promises';
import type { PackageRef } from '../../core/job.ts';
import { resolveReference } from './docker/local-images.ts';
import { type DockerClient, dockerClient, dockerSocket } from './docker/docker-client.ts';
import { driverRuntime } from './docker/driver-runtime.ts';
import { type GpuPool, gpuPool } from './docker/gpus.ts';
import { ownLabel, removeLeftovers, removeTask } from './docker/leftovers.ts';
import { ensureImage, type ImageTools, type LocalImage } from './docker/local-images.ts';
import { packageImage } from './docker/package-image.ts';
import { type ContainerTools, runContainerTask } from './docker/run-container-task.ts';
import { startReaper } from './docker/start-reaper.ts';
import type { LocalCompute, LocalComputeOptions } from './local-compute.ts';
import { cacheLayout } from './process/cache-layout.ts';
import { driverSet } from './process/driver-set.ts';
import type { LocalPackage } from './process/local-package.ts';
import { taskFiles } from './process/task-files.ts';

export interface DockerComputeOptions extends LocalComputeOptions {
  /** DOCKER_HOST, or null for the socket where Docker usually listens. */
  readonly dockerHost: string | null;
  /** Folder of the program and its modules: the driver's container reads it. */
  readonly root: string;
  /** BAKEOFF_BASE_IMAGE, or null. */
  readonly baseImage: string | null;
  readonly installerEnv: NodeJS.ProcessEnv;
  readonly onImage?: ImageTools['onEvent'];
  /** Instead of what `nvidia-smi` shows, for tests. */
  readonly gpus?: GpuPool;
}

export interface DockerCompute extends LocalCompute {
  /** Brings an image, or builds that of a package; once per process. */
  readonly prepare: (wanted: WantedImage) => Promise<LocalImage>;
  /** A reference with its digest. */
  readonly resolve: (reference: string) => Promise<string>;
}

export type WantedImage = { readonly kind: 'image'; readonly reference: string } | { readonly kind: 'package'; readonly ref: PackageRef };

/** One per process. Docker is first spoken to when something is asked of it. */
export function dockerCompute(options: DockerComputeOptions): DockerCompute {
  const files = taskFiles(options.dir);
  const drivers = driverSet();
  const owner = ownLabel();
  const socketPath = dockerSocket(options.dockerHost);
  const { compiled } = cacheLayout(options.cacheDir);
  const client = once(() => dockerClient(socketPath));
  const tools = async (): Promise<ImageTools> => ({
    docker: await client(),
    socketPath,
    ...(options.onImage === undefined ? {} : { onEvent: options.onImage }),
  });
  const images = new Map<string, Promise<LocalImage>>();
  const bring = async (wanted: WantedImage): Promise<LocalImage> => {
    if (wanted.kind === 'image') return ensureImage(await tools(), wanted.reference);
    const own: LocalPackage = await options.findPackage(wanted.ref);
    const { runtime } = own.manifest;
    if ('image' in runtime) return ensureImage(await tools(), runtime.image);
    return packageImage(await tools(), own, options);
  };
  const prepare: DockerCompute['prepare'] = (wanted) => {
    const key = wanted.kind === 'image' ? wanted.reference : `${wanted.ref.id} ${wanted.ref.digest}`;
    const known = images.get(key) ?? bring(wanted);
    images.set(key, known);
    // A failure is not remembered: the next task may find the daemon back.
    known.catch(() => images.delete(key));
    return known;
  };
  const runtime = once(async () => driverRuntime(await client()));
  const reap = once(async () => {
    await mkdir(compiled, { recursive: true });
    return startReaper(socketPath, owner, compiled);
  });
  const gpus = options.gpus ?? gpuPool();
  const withDocker = async <T>(ask: (docker: DockerClient) => Promise<T>): Promise<T> => ask(await client());
  const containerTools: ContainerTools = { options, files, drivers, owner, socketPath, client, prepare, runtime, reap, gpus };
  return {
    runTask: (request, job) => runContainerTask(containerTools, request, job),
    stopTask: async (taskId) => {
      const task = await files.find(taskId);
      if (task === null) return;
      await withDocker((docker) => removeTask(docker, taskId));
      if (task.owner.pid !== process.pid) await files.close(taskId);
    },
    interrupt: drivers.interrupt,
    sweep: () => withDocker((docker) => removeLeftovers(docker, options.dir)),
    prepare,
    resolve: async (reference) => resolveReference(await tools(), reference),
  };
}

/** Asked once; a failure is asked again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}
