/**
 * What the containers of a task may do, as settings of the container API: the model's is hardened and has a network of its own with
 * nothing but loopback in it; the driver's joins that network. Pure. Called by the files that start them.
 */
import type { ContainerCreateOptions, DeviceRequest } from 'dockerode';
import { USERS } from '../../../core/environment-names.ts';
import { THREAD_VARIABLES } from '../../../core/thread-variables.ts';
import { INSTANCE_VARIABLE } from '../process/kill-by-token.ts';

/** On everything that runs make in Docker. `dir`: the folder of runs; `owner`: the process whose death ends it. */
export const LABELS = { task: 'dev.bakeoff.task', dir: 'dev.bakeoff.dir', owner: 'dev.bakeoff.owner', role: 'dev.bakeoff.role' } as const;

export interface ContainerIdentity {
  readonly taskId: string;
  readonly dir: string;
  readonly owner: string;
}

export interface ModelContainerInput extends ContainerIdentity {
  /** `sha256:…`: the image itself, so that no tag can move in between. */
  readonly imageId: string;
  /** Instead of the image's own; null keeps that. */
  readonly command: readonly string[] | null;
  /** Further variables; ours win. */
  readonly environment: Readonly<Record<string, string>>;
  readonly port: number;
  readonly instance: string;
  readonly outputsDir: string;
  readonly inputsDir: string;
  readonly cpu: number;
  readonly memoryMiB: number;
  /** UUIDs; empty: none is visible. */
  readonly gpus: readonly string[];
}

const PIDS = 1024;
const MIB = 2 ** 20;
/** A server has 20 s from SIGTERM, as on AWS. */
export const STOP_SECONDS = 20;
/** The log that Docker keeps, of which the end is recorded. */
const LOG = { Type: 'json-file', Config: { 'max-size': '8m', 'max-file': '1' } };

/** A model or an evaluator: no network, nothing writable but its outputs and `/tmp`, no rights. */
export function modelContainer(input: ModelContainerInput): ContainerCreateOptions {
  const cpus = String(input.cpu);
  const own = {
    PORT: String(input.port),
    HOST: '127.0.0.1',
    [INSTANCE_VARIABLE]: input.instance,
    BAKEOFF_OUTPUTS: input.outputsDir,
    BAKEOFF_INPUTS: input.inputsDir,
    BAKEOFF_CPUS: cpus,
    ...Object.fromEntries(THREAD_VARIABLES.map((name) => [name, cpus])),
    HOME: '/tmp',
    TMPDIR: '/tmp',
    // Without a request for devices the runtime of GPU machines would otherwise show an image that asks for all of them all.
    ...(input.gpus.length === 0 ? { NVIDIA_VISIBLE_DEVICES: 'void' } : {}),
  };
  return {
    name: `${input.taskId}-model`,
    Image: input.imageId,
    Labels: labelsOf(input, 'model'),
    User: `${USERS.modelUid}:${USERS.sharedGid}`,
    Env: Object.entries({ ...input.environment, ...own }).map(([name, value]) => `${name}=${value}`),
    ...(input.command === null ? {} : { Cmd: [...input.command] }),
    StopTimeout: STOP_SECONDS,
    HostConfig: {
      ...hardened(),
      // Signals reach a server that a shell has started, and orphans are waited for.
      Init: true,
      NetworkMode: 'none',
      Memory: input.memoryMiB * MIB,
      // Equal to the memory: no swap, which would hide a lack of memory in latencies.
      MemorySwap: input.memoryMiB * MIB,
      NanoCpus: input.cpu * 1e9,
      Tmpfs: { '/tmp': `rw,nosuid,nodev,mode=1777,size=${tmpMiB(input.memoryMiB)}m` },
      Mounts: [
        { Type: 'bind', Source: input.outputsDir, Target: input.outputsDir, ReadOnly: false },
        { Type: 'bind', Source: input.inputsDir, Target: input.inputsDir, ReadOnly: true },
      ],
      ...(input.gpus.length === 0 ? {} : { DeviceRequests: [gpuRequest(input.gpus)] }),
    },
  };
}

/** `/tmp` lies in memory and counts as such: at most half of it. */
function tmpMiB(memoryMiB: number): number {
  return Math.max(16, Math.floor(memoryMiB / 2));
}

function gpuRequest(ids: readonly string[]): DeviceRequest {
  return { Driver: 'nvidia', DeviceIDs: [...ids], Capabilities: [['gpu']] };
}

export interface DriverContainerInput extends ContainerIdentity {
  /** Whose network it joins. */
  readonly modelContainer: string;
  readonly image: string;
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  /** Of the caller: what it writes must be the caller's. */
  readonly uid: number;
  readonly gid: number;
  /** Absolute; each has the same path inside. */
  readonly readOnly: readonly string[];
  readonly writable: readonly string[];
}

/**
 * The driver in the model's network. Its group is the one that it shares with the model, so that either can use what the other writes; the
 * host's processes are visible to it, because aside files and records carry process ids.
 */
export function driverContainer(input: DriverContainerInput): ContainerCreateOptions {
  const bind = (path: string, ReadOnly: boolean) => ({ Type: 'bind' as const, Source: path, Target: path, ReadOnly });
  return {
    name: `${input.taskId}-driver`,
    Image: input.image,
    Labels: labelsOf(input, 'driver'),
    User: `${input.uid}:${USERS.sharedGid}`,
    Env: Object.entries(input.env).map(([name, value]) => `${name}=${value}`),
    Cmd: ['/node', input.program],
    OpenStdin: true,
    // Its standard input ends with our connection: a driver whose starter has died stops by itself.
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    HostConfig: {
      ...hardened(),
      GroupAdd: [String(input.gid)],
      NetworkMode: `container:${input.modelContainer}`,
      PidMode: 'host',
      Tmpfs: { '/tmp': 'rw,nosuid,nodev,mode=1777,size=64m' },
      Mounts: [...input.readOnly.map((path) => bind(path, true)), ...input.writable.map((path) => bind(path, false))],
    },
  };
}

function hardened(): NonNullable<ContainerCreateOptions['HostConfig']> {
  return {
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    PidsLimit: PIDS,
    IpcMode: 'private',
    RestartPolicy: { Name: 'no' },
    LogConfig: LOG,
  };
}

function labelsOf({ taskId, dir, owner }: ContainerIdentity, role: 'model' | 'driver'): Record<string, string> {
  return { [LABELS.task]: taskId, [LABELS.dir]: dir, [LABELS.owner]: owner, [LABELS.role]: role };
}
