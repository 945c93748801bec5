/**
 * The ECS task definition of a package: the driver beside the model on one machine, kept apart by user. Pure: infra gives the result to
 * CloudFormation at synth, Plan and POST /v1/models to RegisterTaskDefinition at run time, so that both make the same task. Knows no SDK.
 */
import { canonicalJson, sha256Hex } from './canonical-json.ts';
import { BakeoffError } from './errors.ts';
import { CONTAINERS, ENVIRONMENT, MOUNTS, USERS } from './environment-names.ts';
import { gpuCountOf, type Requirements } from './place-package.ts';
import { assertTaskLimits } from './task-definition-limits.ts';
import type { ContainerDefinition, TaskDefinitionInput } from './task-definition-input.ts';
import { THREAD_VARIABLES } from './thread-variables.ts';
import { DRIVER_SHARE } from './usable-capacity.ts';

export interface TaskShape {
  /** See familyOf. */
  readonly family: string;
  readonly packageId: string;
  /** Identity of the package or image: Plan finds the revision by it. */
  readonly digest: string;
  readonly image: string;
  readonly driverImage: string;
  readonly requirements: Requirements;
  /** Replaces the image's command. */
  readonly command?: readonly string[] | undefined;
  readonly taskRoleArn: string;
  readonly executionRoleArn: string;
  readonly logGroup: string;
  readonly region: string;
  readonly volume: { readonly kind: 'docker' } | { readonly kind: 'host'; readonly outputsPath: string; readonly inputsPath: string };
  /** Bucket and table at least. */
  readonly driverEnvironment: Readonly<Record<string, string>>;
  /** The manifest asks for network: HTTPS out, for weights. */
  readonly allowsNetwork: boolean;
  /** GPUs of the largest class of the fleet; left out where there is no fleet. */
  readonly maxGpus?: number | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Seconds from SIGTERM to SIGKILL. ECS stops the model after the driver, which depends on it: both must fit into a Spot notice of 120 s. */
export const STOP_SECONDS = { driver: 80, model: 20 } as const;

/** Variable of the model container that says what the task definition was made for. */
const PACKAGE_DIGEST_VARIABLE = 'BAKEOFF_PACKAGE_DIGEST';

const DRIVER_TEMP_MIB = 256;
/** Docker refuses less. */
const LEAST_RESERVED_MIB = 6;

/**
 * A port that nobody listens on. ECS places no second task on a machine whose port is taken, frees it when the task has stopped, and counts
 * ports when it scales a class; it does not say that it counts the constraint `distinctInstance`.
 */
export const MACHINE_PORT = 19_999;

/**
 * The definition as RegisterTaskDefinition takes it. Throws `task-unfit` where a limit of ECS or of the fleet is exceeded: the message
 * names the field, the value seen and the limit.
 */
export function taskDefinition(shape: TaskShape): TaskDefinitionInput {
  const definition: TaskDefinitionInput = {
    family: shape.family,
    taskRoleArn: shape.taskRoleArn,
    executionRoleArn: shape.executionRoleArn,
    networkMode: 'host',
    requiresCompatibilities: ['EC2'],
    containerDefinitions: [driverContainer(shape), modelContainer(shape)],
    volumes: volumesOf(shape),
    ...(shape.tags === undefined ? {} : { tags: Object.entries(shape.tags).map(([key, value]) => ({ key, value })) }),
  };
  assertTaskLimits(definition, shape.maxGpus ?? null);
  assertDriverVariables(shape.driverEnvironment);
  return definition;
}

/** Equal for equal definitions, whatever the order of their keys: the same content is registered once. */
export function taskDefinitionSha256(definition: TaskDefinitionInput): string {
  return sha256Hex(canonicalJson(definition));
}

/**
 * `<stack>-<packageId>`. Families have no dots: an id with dots gets hyphens and eight digits of its hash, so that no two ids share a family.
 */
export function familyOf(stack: string, packageId: string): string {
  if (!packageId.includes('.')) return `${stack}-${packageId}`;
  return `${stack}-${packageId.replaceAll('.', '-')}-${sha256Hex(packageId).slice(0, 8)}`;
}

function driverContainer(shape: TaskShape): ContainerDefinition {
  const seesGpu = gpuCountOf(shape.requirements.accelerator) > 0;
  // In the definition, not in an override: only then does the agent give a container without a GPU of its own the NVIDIA runtime.
  const gpuEnvironment = { NVIDIA_VISIBLE_DEVICES: 'all', NVIDIA_DRIVER_CAPABILITIES: 'utility' };
  return {
    ...hardened(shape, CONTAINERS.driver, DRIVER_TEMP_MIB),
    image: shape.driverImage,
    essential: true,
    user: `${USERS.driverUid}:${USERS.sharedGid}`,
    cpu: DRIVER_SHARE.cpuUnits,
    ...memoryOf(DRIVER_SHARE.memoryMiB, DRIVER_TEMP_MIB),
    dependsOn: [{ containerName: CONTAINERS.model, condition: 'START' }],
    stopTimeout: STOP_SECONDS.driver,
    // The agent tells a task its region on Fargate only.
    environment: environmentList({ AWS_REGION: shape.region, ...shape.driverEnvironment, ...(seesGpu ? gpuEnvironment : {}) }),
    mountPoints: mountPoints({ inputsReadOnly: false }),
    // An emulator has one machine for all tasks.
    ...(shape.volume.kind === 'host' ? {} : { portMappings: [{ containerPort: MACHINE_PORT, hostPort: MACHINE_PORT, protocol: 'tcp' }] }),
  };
}

function modelContainer(shape: TaskShape): ContainerDefinition {
  const { cpu, memoryMiB, accelerator } = shape.requirements;
  const gpus = gpuCountOf(accelerator);
  const tempMiB = Math.max(16, Math.min(4096, Math.floor(memoryMiB / 4)));
  return {
    ...hardened(shape, CONTAINERS.model, tempMiB),
    image: shape.image,
    ...(shape.command === undefined ? {} : { command: [...shape.command] }),
    // The driver's end ends the task; the model's is the driver's to judge.
    essential: false,
    // The rules of the host know both users: all but loopback is closed to the one, all but HTTPS and names to the other.
    user: `${shape.allowsNetwork ? USERS.networkModelUid : USERS.modelUid}:${USERS.sharedGid}`,
    cpu: cpu * 1024,
    ...memoryOf(memoryMiB, tempMiB),
    ...(gpus === 0 ? {} : { resourceRequirements: [{ type: 'GPU', value: String(gpus) }] }),
    stopTimeout: STOP_SECONDS.model,
    environment: environmentList(modelEnvironment(shape)),
    mountPoints: mountPoints({ inputsReadOnly: true }),
  };
}

/** What a server of this version sees on one machine too; port and instance come with the task. */
function modelEnvironment({ digest, requirements: { cpu } }: TaskShape): Record<string, string> {
  return {
    HOST: '127.0.0.1',
    [PACKAGE_DIGEST_VARIABLE]: digest,
    BAKEOFF_OUTPUTS: MOUNTS.outputs,
    BAKEOFF_INPUTS: MOUNTS.inputs,
    BAKEOFF_CPUS: String(cpu),
    ...Object.fromEntries(THREAD_VARIABLES.map((name) => [name, String(cpu)])),
    HOME: '/tmp',
    TMPDIR: '/tmp',
  };
}

/**
 * The limit covers what lies in /tmp too, but placement adds the sizes of tmpfs to a container's memory (amazon-ecs-agent,
 * proposals/shmsize-tmpfs.md): reserved is the rest, so that a task takes of its machine what its containers may use, and no more.
 */
function memoryOf(limitMiB: number, tempMiB: number): Pick<ContainerDefinition, 'memory' | 'memoryReservation'> {
  return { memory: limitMiB, memoryReservation: Math.max(LEAST_RESERVED_MIB, limitMiB - tempMiB) };
}

type Hardened = Pick<
  ContainerDefinition,
  'name' | 'readonlyRootFilesystem' | 'privileged' | 'linuxParameters' | 'dockerSecurityOptions' | 'logConfiguration'
>;

/** What both containers have: no way up, nothing to write on but /tmp and the task's volumes, logs that never block the program. */
function hardened({ logGroup, region, packageId }: TaskShape, name: string, tempMiB: number): Hardened {
  return {
    name,
    readonlyRootFilesystem: true,
    privileged: false,
    linuxParameters: {
      initProcessEnabled: true,
      capabilities: { drop: ['ALL'] },
      // Docker mounts it for everybody (1777) by itself, and refuses to execute there unless told: compilers of kernels do.
      tmpfs: [{ containerPath: '/tmp', size: tempMiB, mountOptions: ['rw', 'exec', 'nosuid', 'nodev'] }],
    },
    dockerSecurityOptions: ['no-new-privileges'],
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': logGroup,
        'awslogs-region': region,
        'awslogs-stream-prefix': packageId,
        mode: 'non-blocking',
        'max-buffer-size': '25m',
      },
    },
  };
}

function mountPoints({ inputsReadOnly }: { readonly inputsReadOnly: boolean }): ContainerDefinition['mountPoints'] {
  return [
    { sourceVolume: 'outputs', containerPath: MOUNTS.outputs, readOnly: false },
    { sourceVolume: 'inputs', containerPath: MOUNTS.inputs, readOnly: inputsReadOnly },
  ];
}

function volumesOf({ volume }: TaskShape): TaskDefinitionInput['volumes'] {
  if (volume.kind === 'host') {
    return [
      { name: 'outputs', host: { sourcePath: volume.outputsPath } },
      { name: 'inputs', host: { sourcePath: volume.inputsPath } },
    ];
  }
  return ['outputs', 'inputs'].map((name) => ({ name, dockerVolumeConfiguration: { scope: 'task', driver: 'local' } }));
}

/** Sorted by name, so that equal environments make equal definitions. */
function environmentList(variables: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(variables)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Without these a driver can neither read nor write. */
function assertDriverVariables(variables: Readonly<Record<string, string>>): void {
  for (const name of [ENVIRONMENT.bucket, ENVIRONMENT.table]) {
    if ((variables[name] ?? '') !== '') continue;
    throw new BakeoffError({
      code: 'task-unfit',
      message: `the driver's environment lacks ${name}`,
      remedy: `Give ${name} in driverEnvironment.`,
      kind: 'internal',
    });
  }
}
