/** The task of a package: two containers kept apart, within the limits of ECS, equal for equal input. */
import { describe, expect, it } from 'vitest';
import { BakeoffError } from '../../lib/core/errors.ts';
import type { Requirements } from '../../lib/core/place-package.ts';
import {
  familyOf,
  MACHINE_PORT,
  STOP_SECONDS,
  type TaskShape,
  taskDefinition,
  taskDefinitionSha256,
} from '../../lib/core/task-definition.ts';
import type { ContainerDefinition } from '../../lib/core/task-definition-input.ts';
import { assertTaskLimits } from '../../lib/core/task-definition-limits.ts';
import { DRIVER_SHARE } from '../../lib/core/usable-capacity.ts';

const cpuNeeds: Requirements = { accelerator: { kind: 'none' }, cpu: 2, memoryMiB: 2048, diskMiB: 500, maxConcurrency: 1 };
const gpuNeeds: Requirements = { ...cpuNeeds, accelerator: { kind: 'cuda', count: 4, minMemoryMiB: 20_000 } };

function shape(changes: Partial<TaskShape> = {}): TaskShape {
  return {
    ...{ family: 'bakeoff-service-pocket-t2v', packageId: 'pocket-t2v', digest: 'd'.repeat(64), allowsNetwork: false },
    ...{ image: '111122223333.dkr.ecr.us-east-1.amazonaws.com/models@sha256:aa', driverImage: 'driver@sha256:bb' },
    ...{ taskRoleArn: 'arn:aws:iam::111122223333:role/task', executionRoleArn: 'arn:aws:iam::111122223333:role/pull' },
    ...{ requirements: cpuNeeds, logGroup: '/bakeoff/tasks', region: 'us-east-1', volume: { kind: 'docker' } },
    driverEnvironment: { BAKEOFF_TABLE: 'table', BAKEOFF_BUCKET: 'bucket' },
    ...changes,
  };
}

function containersOf(changes: Partial<TaskShape> = {}): { driver: ContainerDefinition; model: ContainerDefinition } {
  const [driver, model] = taskDefinition(shape(changes)).containerDefinitions;
  return { driver: driver!, model: model! };
}

const variablesOf = ({ environment }: ContainerDefinition) => Object.fromEntries(environment.map(({ name, value }) => [name, value]));

describe('a task definition', () => {
  it('shares the host network of an EC2 machine between an essential driver and a model that is not', () => {
    const { driver, model } = containersOf();
    expect(taskDefinition(shape())).toMatchObject({
      networkMode: 'host',
      requiresCompatibilities: ['EC2'],
      family: 'bakeoff-service-pocket-t2v',
    });
    expect([driver.name, driver.essential, model.name, model.essential]).toEqual(['driver', true, 'model', false]);
    expect(driver.dependsOn).toEqual([{ containerName: 'model', condition: 'START' }]);
  });

  it('keeps both apart by user, with one group for the volumes', () => {
    const { driver, model } = containersOf();
    expect([driver.user, model.user]).toEqual(['10002:10000', '10001:10000']);
  });

  it('gives a model that asks for network the user that the host lets out', () => {
    expect(containersOf({ allowsNetwork: true }).model.user).toBe('10003:10000');
  });

  it.each(['driver', 'model'] as const)('gives the %s no way up and nothing to write on but /tmp and its volumes', (name) => {
    expect(containersOf()[name]).toMatchObject({
      readonlyRootFilesystem: true,
      privileged: false,
      dockerSecurityOptions: ['no-new-privileges'],
      linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] }, tmpfs: [{ containerPath: '/tmp' }] },
      logConfiguration: { logDriver: 'awslogs', options: { mode: 'non-blocking', 'awslogs-group': '/bakeoff/tasks' } },
    });
  });

  it('lets both write outputs, and the driver alone inputs', () => {
    const points = Object.values(containersOf()).map(({ mountPoints }) =>
      mountPoints.map((point) => [point.containerPath, point.readOnly]),
    );
    expect(points).toEqual([
      [
        ['/outputs', false],
        ['/inputs', false],
      ],
      [
        ['/outputs', false],
        ['/inputs', true],
      ],
    ]);
    expect(taskDefinition(shape()).volumes).toEqual(
      ['outputs', 'inputs'].map((name) => ({ name, dockerVolumeConfiguration: { scope: 'task', driver: 'local' } })),
    );
    expect(taskDefinition(shape({ volume: { kind: 'host', outputsPath: '/a', inputsPath: '/b' } })).volumes).toEqual([
      { name: 'outputs', host: { sourcePath: '/a' } },
      { name: 'inputs', host: { sourcePath: '/b' } },
    ]);
  });

  it('stops both within a Spot notice', () => {
    const { driver, model } = containersOf();
    expect([driver.stopTimeout, model.stopTimeout]).toEqual([STOP_SECONDS.driver, STOP_SECONDS.model]);
    expect([STOP_SECONDS.driver, STOP_SECONDS.model]).toEqual([80, 20]);
  });

  it('has the sizes of the manifest for the model, and for the driver the share that placement takes off', () => {
    const { driver, model } = containersOf();
    expect([model.cpu, model.memory]).toEqual([2048, 2048]);
    expect([driver.cpu, driver.memory]).toEqual([DRIVER_SHARE.cpuUnits, DRIVER_SHARE.memoryMiB]);
    expect(model.resourceRequirements).toBeUndefined();
  });

  it('takes of its machine what its containers may use: tmpfs, which placement adds, is part of the limit', () => {
    for (const memoryMiB of [32, 2048, 64_000]) {
      const containers = Object.values(containersOf({ requirements: { ...cpuNeeds, memoryMiB } }));
      for (const { memory, memoryReservation, linuxParameters } of containers) {
        expect(memoryReservation + linuxParameters.tmpfs.reduce((sum, { size }) => sum + size, 0)).toBe(memory);
      }
    }
  });

  it('takes a port that is the same for all, so that a machine has one task at a time', () => {
    const { driver, model } = containersOf();
    expect(driver.portMappings).toEqual([{ containerPort: MACHINE_PORT, hostPort: MACHINE_PORT, protocol: 'tcp' }]);
    expect(model.portMappings).toBeUndefined();
    expect(containersOf({ requirements: gpuNeeds }).driver.portMappings).toEqual(driver.portMappings);
    expect(containersOf({ volume: { kind: 'host', outputsPath: '/a', inputsPath: '/b' } }).driver.portMappings).toBeUndefined();
  });

  it('can execute in /tmp, which Docker refuses unless told', () => {
    expect(containersOf().model.linuxParameters.tmpfs).toEqual([
      { containerPath: '/tmp', size: 512, mountOptions: ['rw', 'exec', 'nosuid', 'nodev'] },
    ]);
  });

  it('reserves GPUs for the model, and lets the driver watch them', () => {
    const { driver, model } = containersOf({ requirements: gpuNeeds });
    expect(model.resourceRequirements).toEqual([{ type: 'GPU', value: '4' }]);
    expect(driver.resourceRequirements).toBeUndefined();
    expect(variablesOf(driver)).toMatchObject({ NVIDIA_VISIBLE_DEVICES: 'all', NVIDIA_DRIVER_CAPABILITIES: 'utility' });
    expect(variablesOf(containersOf().driver)).toEqual({ AWS_REGION: 'us-east-1', BAKEOFF_TABLE: 'table', BAKEOFF_BUCKET: 'bucket' });
  });

  it('tells the model what it was made for, that it is on loopback, and how many cores it declared', () => {
    expect(variablesOf(containersOf().model)).toMatchObject({
      ...{ HOST: '127.0.0.1', BAKEOFF_PACKAGE_DIGEST: 'd'.repeat(64), BAKEOFF_CPUS: '2', OMP_NUM_THREADS: '2' },
    });
    expect(Object.keys(variablesOf(containersOf().model)).filter((name) => /BUCKET|TABLE|AWS/.test(name))).toEqual([]);
  });

  it('runs the command that is given, else that of the image', () => {
    expect(containersOf({ command: ['serve', '--fast'] }).model.command).toEqual(['serve', '--fast']);
    expect(containersOf().model.command).toBeUndefined();
  });
});

describe('the hash of a task definition', () => {
  const hashOf = (changes: Partial<TaskShape> = {}) => taskDefinitionSha256(taskDefinition(shape(changes)));

  it('does not depend on the order of variables', () => {
    expect(hashOf({ driverEnvironment: { BAKEOFF_BUCKET: 'bucket', BAKEOFF_TABLE: 'table' } })).toBe(hashOf());
  });

  it.each([
    [{ image: 'other@sha256:cc' }],
    [{ digest: 'e'.repeat(64) }],
    [{ requirements: { ...cpuNeeds, memoryMiB: 2049 } }],
    [{ command: [] }],
    [{ driverEnvironment: { BAKEOFF_TABLE: 'table', BAKEOFF_BUCKET: 'other' } }],
  ])('changes with %j', (changes) => {
    expect(hashOf(changes)).not.toBe(hashOf());
  });
});

describe('a family', () => {
  it('is one that ECS takes, for every id a package can have, and differs where ids differ', () => {
    const ids = ['pocket-t2v', 'qwen2.5-vl-3b', 'qwen2-5-vl-3b', 'A.b', 'A-b', '0'.repeat(64)];
    const families = ids.map((id) => familyOf('bakeoff-service', id));
    expect(new Set(families).size).toBe(ids.length);
    for (const family of families) expect(taskDefinition(shape({ family })).family).toBe(family);
    expect(families[0]).toBe('bakeoff-service-pocket-t2v');
  });
});

describe('a limit of ECS', () => {
  it.each<[string, Partial<TaskShape>]>([
    ['family', { family: 'a.b' }],
    ['family', { family: 'x'.repeat(256) }],
    ['model.cpu', { requirements: { ...cpuNeeds, cpu: 193 } }],
    ['model.memory', { requirements: { ...cpuNeeds, memoryMiB: 5 } }],
    ['model.GPU', { requirements: gpuNeeds, maxGpus: 1 }],
    ['model.image', { image: '' }],
    ['BAKEOFF_TABLE', { driverEnvironment: { BAKEOFF_BUCKET: 'bucket' } }],
    ['size', { command: Array.from({ length: 1000 }, () => 'x'.repeat(70)) }],
    ['tags', { tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`tag-${index}`, 'x'])) }],
  ])('is told as %s before AWS is asked', (field, changes) => {
    const build = () => taskDefinition(shape(changes));
    expect(build).toThrow(BakeoffError);
    expect(build).toThrow(field);
  });

  it('lets GPUs up to those of the largest class pass', () => {
    expect(() => taskDefinition(shape({ requirements: gpuNeeds, maxGpus: 4 }))).not.toThrow();
  });

  it('holds for the stop time-outs together and the number of containers', () => {
    const definition = taskDefinition(shape());
    const [first] = definition.containerDefinitions;
    const with11 = { ...definition, containerDefinitions: Array.from({ length: 11 }, () => ({ ...first!, stopTimeout: 1 })) };
    expect(() => assertTaskLimits(with11, null)).toThrow('containerDefinitions');
    const slow = { ...definition, containerDefinitions: definition.containerDefinitions.map((one) => ({ ...one, stopTimeout: 61 })) };
    expect(() => assertTaskLimits(slow, null)).toThrow('stopTimeout of all containers is 122');
  });
});
