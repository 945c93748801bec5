/**
 * One task in containers, from its record to its facts: image, model's container, driver's container, clean-up. Called by the docker compute.
 */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { USERS } from '../../../core/environment-names.ts';
import { BakeoffError, messageOf } from '../../../core/errors.ts';
import type { Failure } from '../../../core/failure.ts';
import { DEFAULT_PORT, type JobImage } from '../../../core/image-entry.ts';
import { type Job, stageNameSchema, type TaskFacts } from '../../../core/job.ts';
import type { TaskRequest } from '../../../core/ports.ts';
import type { DockerComputeOptions, WantedImage } from '../docker-compute.ts';
import { cacheLayout } from '../process/cache-layout.ts';
import { driveTask } from '../process/drive-task.ts';
import type { DriverSet } from '../process/driver-set.ts';
import { type PhaseClock, phaseClock, splitPhase } from '../process/phase-clock.ts';
import { NO_SERVER, type Task } from '../process/run-task.ts';
import type { ServerExit } from '../process/supervisor-messages.ts';
import { failureOf, packageOf } from '../process/task-failures.ts';
import type { TaskFiles } from '../process/task-files.ts';
import { startContainerDriver } from './container-driver.ts';
import { daemonFault, type DockerClient } from './docker-client.ts';
import type { GpuPool } from './gpus.ts';
import { removeTask } from './leftovers.ts';
import type { LocalImage } from './local-images.ts';
import { type RunningContainer, startModelContainer } from './model-container.ts';
import { packageTag } from './package-image.ts';

/** What all tasks of a compute share. */
export interface ContainerTools {
  readonly options: DockerComputeOptions;
  readonly files: TaskFiles;
  readonly drivers: DriverSet;
  readonly owner: string;
  readonly socketPath: string;
  readonly client: () => Promise<DockerClient>;
  readonly prepare: (wanted: WantedImage) => Promise<LocalImage>;
  /** The image that drivers run in. */
  readonly runtime: () => Promise<string>;
  /** Starts what removes our containers when we die. */
  readonly reap: () => Promise<unknown>;
  readonly gpus: GpuPool;
}

interface TaskEnd {
  readonly driverExitCode: number | null;
  readonly driverPhasesMs: Readonly<Record<string, number>>;
  readonly server: ServerExit;
  readonly error: Failure | null;
  readonly container?: TaskFacts['container'];
}

/** What a stage runs: the image, and what it may have. */
interface Wanted {
  readonly image: WantedImage;
  readonly name: string;
  readonly settings: Omit<JobImage, 'reference'>;
}

/** Resolves with the facts whatever happens; afterwards no container and no scratch of the task is left, if Docker still answers. */
export async function runContainerTask(tools: ContainerTools, request: TaskRequest, job: Job): Promise<TaskFacts> {
  const { options, files } = tools;
  const stage = stageNameSchema.parse(request.stage);
  const ids = { taskId: `local-${randomUUID()}`, instance: randomUUID() };
  const startedAtMs = options.clock.nowMs();
  const phases = phaseClock('pull');
  let end: TaskEnd;
  try {
    const scratchDir = await files.open({ ...ids, ...request });
    end = await serveAndDrive(tools, { ...ids, request, scratchDir }, job, phases);
  } catch (cause) {
    const known = daemonFault(cause, tools.socketPath) ?? cause;
    end = { driverExitCode: null, driverPhasesMs: {}, server: NO_SERVER, error: failureOf(known) };
  }
  phases.enter('stop');
  const left = (what: string) => (cause: unknown) => options.onLog(request, `${what}: ${messageOf(cause)}`);
  // What a dead daemon keeps, the next start finds by its labels.
  await tools
    .client()
    .then((docker) => removeTask(docker, ids.taskId))
    .catch(left('containers were not removed'));
  await files.close(ids.taskId).catch(left('scratch was not removed'));
  const { driverPhasesMs, container, ...facts } = end;
  const phasesMs = splitPhase(phases.end(), 'driver', driverPhasesMs);
  const endedAtMs = startedAtMs + Object.values(phasesMs).reduce((sum, each) => sum + each, 0);
  const ran = container === undefined ? {} : { container };
  return { taskId: ids.taskId, stage, attempt: request.attempt, startedAtMs, endedAtMs, phasesMs, ...facts, ...ran };
}

/** Throws for what keeps the task from running at all. */
async function serveAndDrive(tools: ContainerTools, task: Task, job: Job, phases: PhaseClock): Promise<TaskEnd> {
  const wanted = await wantedBy(tools, job, task.request.stage);
  const docker = await tools.client();
  const image = await tools.prepare(wanted.image);
  const runtime = await tools.runtime();
  const gpus = await tools.gpus.lend(wanted.settings.accelerator);
  try {
    await tools.reap();
    phases.enter('start');
    const startMs = performance.now();
    const server = await serve(tools, task, wanted, image, gpus.uuids);
    const facts = { digest: image.digest, broughtMs: image.broughtMs, startMs: performance.now() - startMs, gpus: [...gpus.uuids] };
    phases.enter('driver');
    const container = { image: wanted.name, ...facts };
    const driven = await driveTask(tools, task, server, (env, onLog) =>
      startContainerDriver(docker, driverInput(tools, task, server, runtime, env), onLog),
    ).catch(async (cause: unknown) => {
      // A network is gone with its container: nothing can join a server that has ended.
      if (await hasEnded(docker, server)) return null;
      throw cause;
    });
    phases.enter('stop');
    const end = await server.stop();
    if (driven === null) return { driverExitCode: null, driverPhasesMs: {}, server: end, error: endedAtOnce(end), container };
    const { exitCode: driverExitCode, phasesMs: driverPhasesMs } = driven;
    return { driverExitCode, driverPhasesMs, server: end, error: failureOfContainer(end), container };
  } finally {
    gpus.release();
  }
}

/** Throws `stage-unknown`, and what `findPackage` throws. */
async function wantedBy({ options }: ContainerTools, job: Job, stage: string): Promise<Wanted> {
  if (stage === 'infer' && job.model.image !== undefined) {
    const { reference, ...settings } = job.model.image;
    return { image: { kind: 'image', reference }, name: reference, settings };
  }
  const ref = packageOf(job, stage);
  const own = await options.findPackage(ref);
  const { runtime, requirements } = own.manifest;
  const { cpu, memoryMiB, accelerator } = requirements;
  const isImage = 'image' in runtime;
  const { command, port, environment } = isImage ? runtime : { command: [], port: DEFAULT_PORT, environment: {} };
  const settings = { command, port, environment, cpu, memoryMiB, accelerator };
  return { image: { kind: 'package', ref }, name: isImage ? runtime.image : packageTag(own), settings };
}

async function serve(
  tools: ContainerTools,
  task: Task,
  { settings }: Wanted,
  image: LocalImage,
  gpus: readonly string[],
): Promise<RunningContainer> {
  const docker = await tools.client();
  const { outputsDir, inputsDir } = foldersOf(task);
  for (const folder of [outputsDir, inputsDir, join(task.scratchDir, 'tmp')]) await mkdir(folder, { recursive: true });
  const { NCPU: cores } = await hostOf(docker);
  return startModelContainer(docker, {
    taskId: task.taskId,
    dir: tools.options.dir,
    owner: tools.owner,
    imageId: image.id,
    command: settings.command.length === 0 ? null : settings.command,
    environment: settings.environment,
    port: settings.port,
    instance: task.instance,
    outputsDir,
    inputsDir,
    // Docker refuses more cores than there are.
    cpu: Math.min(settings.cpu, cores),
    memoryMiB: settings.memoryMiB,
    gpus,
  });
}

async function hostOf(docker: DockerClient): Promise<{ readonly NCPU: number }> {
  const info: unknown = await docker.info();
  const cores = typeof info === 'object' && info !== null && 'NCPU' in info ? Number(info.NCPU) : Number.NaN;
  return { NCPU: Number.isInteger(cores) && cores > 0 ? cores : 1 };
}

function driverInput(
  { options, owner }: ContainerTools,
  task: Task,
  server: RunningContainer,
  image: string,
  env: Readonly<Record<string, string>>,
): Parameters<typeof startContainerDriver>[1] {
  const { compiled } = cacheLayout(options.cacheDir);
  return {
    taskId: task.taskId,
    dir: options.dir,
    owner,
    modelContainer: server.id,
    image,
    program: options.driverProgram,
    env: { ...env, HOME: '/tmp', BAKEOFF_CONTAINED: '1' },
    uid: process.getuid?.() ?? USERS.driverUid,
    gid: process.getgid?.() ?? USERS.sharedGid,
    readOnly: [options.root],
    writable: [options.dir, compiled],
  };
}

function foldersOf({ scratchDir }: Task): { readonly outputsDir: string; readonly inputsDir: string } {
  return { outputsDir: join(scratchDir, 'outputs'), inputsDir: join(scratchDir, 'inputs') };
}

async function hasEnded(docker: DockerClient, { id }: RunningContainer): Promise<boolean> {
  const { State } = await docker.getContainer(id).inspect();
  return !State.Running;
}

/** What a driver's record would have led to. Null for a lack of memory, which the facts tell by themselves. */
function endedAtOnce({ exitCode, reason, logTail }: ServerExit): Failure | null {
  if (reason === 'OutOfMemoryError') return null;
  const how = reason ?? `exit code ${exitCode ?? 'unknown'}`;
  const words = logTail === null ? '' : `: ${logTail.slice(-2000)}`;
  return { class: 'model_error', code: 'server-died', message: `the server ended with ${how} before its driver could join it${words}` };
}

/** A daemon that went away took the end of the server with it: no fault of the model. */
function failureOfContainer({ reason }: ServerExit): Failure | null {
  if (reason?.startsWith('docker-gone') !== true) return null;
  return failureOf(
    new BakeoffError({
      code: 'docker-gone',
      message: `Docker stopped answering while the task ran (${reason})`,
      remedy: 'Start Docker again and resume the run.',
      kind: 'environment',
    }),
  );
}
