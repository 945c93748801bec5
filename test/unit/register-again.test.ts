/** A revision that a deploy has made inactive comes back with all that the builder gave it. */
import type { ECSClient } from '@aws-sdk/client-ecs';
import { expect, it } from 'vitest';
import { ecsTaskDefinitions } from '../../lib/adapters/aws/ecs-task-definitions.ts';
import { taskDefinition } from '../../lib/core/task-definition.ts';

it('is registered as it was, field by field, with its tags and nothing that a description adds', async () => {
  const registered = taskDefinition({
    ...{ family: 'bakeoff-service-pocket-t2v', packageId: 'pocket-t2v', digest: 'd'.repeat(64), allowsNetwork: true },
    ...{ image: 'models@sha256:aa', driverImage: 'driver@sha256:bb', command: ['python', '-m', 'server'] },
    ...{ taskRoleArn: 'arn:aws:iam::111122223333:role/task', executionRoleArn: 'arn:aws:iam::111122223333:role/pull' },
    requirements: { accelerator: { kind: 'cuda', count: 1, minMemoryMiB: 8000 }, cpu: 2, memoryMiB: 2048, diskMiB: 500, maxConcurrency: 1 },
    ...{
      logGroup: '/bakeoff/tasks',
      region: 'us-east-1',
      volume: { kind: 'docker' } as const,
      driverEnvironment: { BAKEOFF_TABLE: 't', BAKEOFF_BUCKET: 'b' },
    },
  });
  const more = { runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' }, ephemeralStorage: { sizeInGiB: 30 } };
  const added = {
    ...{ taskDefinitionArn: 'arn:td/f:3', revision: 3, status: 'INACTIVE', requiresAttributes: [{ name: 'x' }], compatibilities: ['EC2'] },
    ...{ registeredAt: new Date(0), deregisteredAt: new Date(0), registeredBy: 'me' },
  };
  const tags = [
    { key: 'bakeoff:stack', value: 'bakeoff-service' },
    { key: 'team', value: 'bench' },
  ];
  const sent: object[] = [];
  const send = async (command: { readonly input: object }): Promise<unknown> => {
    sent.push(command.input);
    if (sent.length === 1) return { taskDefinition: { ...registered, ...more, ...added }, tags };
    return { taskDefinition: { taskDefinitionArn: 'arn:td/f:4' } };
  };

  const arn = await ecsTaskDefinitions({ send } as unknown as ECSClient).registerAgain('arn:td/f:3');

  expect(arn).toBe('arn:td/f:4');
  expect(sent[0]).toEqual({ taskDefinition: 'arn:td/f:3', include: ['TAGS'] });
  expect(sent[1]).toEqual({ ...registered, ...more, tags });
});
