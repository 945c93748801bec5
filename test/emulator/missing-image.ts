/** Makes the image of a package one that nobody can pull, for the time of a test, without asking any registry beyond this machine. */
import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  RegisterTaskDefinitionCommand,
  type Tag,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { CONTAINERS } from '../../lib/core/environment-names.ts';
import { familyOf } from '../../lib/core/task-definition.ts';
import { SERVICE_STACK } from './deploy.ts';
import type { World } from './world.ts';

/** A registry on the port that discards: nothing listens there. */
const MISSING = '127.0.0.1:9/missing:none';

export async function withMissingImage<T>({ aws }: World, packageId: string, work: () => Promise<T>): Promise<T> {
  const family = familyOf(SERVICE_STACK, packageId);
  const { taskDefinition, tags = [] } = await aws.ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: family, include: ['TAGS'] }),
  );
  if (taskDefinition === undefined) throw new Error(`there is no task definition ${family}`);
  const changed = (taskDefinition.containerDefinitions ?? []).map((each) =>
    each.name === CONTAINERS.model ? { ...each, image: MISSING } : each,
  );
  await register(aws.ecs, { ...taskDefinition, containerDefinitions: changed }, tags);
  try {
    return await work();
  } finally {
    await register(aws.ecs, taskDefinition, tags);
  }
}

/** A new revision of the same content. */
async function register(ecs: ECSClient, definition: TaskDefinition, tags: Tag[]): Promise<void> {
  const { family, taskRoleArn, executionRoleArn, containerDefinitions, volumes } = definition;
  const content = { family, taskRoleArn, executionRoleArn, containerDefinitions, volumes, tags };
  await ecs.send(new RegisterTaskDefinitionCommand({ ...content, networkMode: 'host', requiresCompatibilities: ['EC2'] }));
}
