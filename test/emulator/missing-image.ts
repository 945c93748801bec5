/** Makes the image of a package one that nobody can pull, for the time of a test, without asking any registry beyond this machine. */
import { z } from 'zod';
import { CONTAINERS } from '../../lib/core/environment-names.ts';
import { familyOf } from '../../lib/core/task-definition.ts';
import { SERVICE_STACK } from './deploy.ts';
import type { World } from './world.ts';

/** A registry on the port that discards: nothing listens there. */
const MISSING = '127.0.0.1:9/missing:none';

/** As the emulator has it. The SDK would drop the volumes: what CloudFormation made has keys in another case there. */
const definitionSchema = z.looseObject({ containerDefinitions: z.array(z.looseObject({ name: z.string(), image: z.string() })) });
type Definition = z.infer<typeof definitionSchema>;

export async function withMissingImage<T>(world: World, packageId: string, work: () => Promise<T>): Promise<T> {
  const family = familyOf(SERVICE_STACK, packageId);
  const { taskDefinition, tags } = z
    .object({ taskDefinition: definitionSchema, tags: z.array(z.unknown()) })
    .parse(await ecs(world, 'DescribeTaskDefinition', { taskDefinition: family, include: ['TAGS'] }));
  const register = (definition: Definition) => ecs(world, 'RegisterTaskDefinition', { ...definition, tags });
  const changed = taskDefinition.containerDefinitions.map((each) => (each.name === CONTAINERS.model ? { ...each, image: MISSING } : each));
  await register({ ...taskDefinition, containerDefinitions: changed });
  try {
    return await work();
  } finally {
    await register(taskDefinition);
  }
}

async function ecs({ aws }: World, operation: string, body: object): Promise<unknown> {
  const response = await fetch(aws.ministack.url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonEC2ContainerServiceV20141113.${operation}` },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${operation} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
