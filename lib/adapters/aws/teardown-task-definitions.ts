/**
 * Teardown: the task definitions of a deployment are inactive. Their families begin with the stack's name, but so may those of another
 * stack: only what carries the tag with this very name is touched.
 */
import {
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
  ListTaskDefinitionFamiliesCommand,
  ListTaskDefinitionsCommand,
} from '@aws-sdk/client-ecs';
import { z } from 'zod';
import { OWNER_TAG } from '../../core/environment-names.ts';
import { explainAwsError } from './explain-aws-error.ts';

const familiesSchema = z.object({ families: z.array(z.string()).default([]), nextToken: z.string().nullish() });
const revisionsSchema = z.object({ taskDefinitionArns: z.array(z.string()).default([]), nextToken: z.string().nullish() });
const tagsSchema = z.object({ tags: z.array(z.object({ key: z.string().optional(), value: z.string().optional() })).default([]) });

/** Arns of the active revisions that belong to the stack. */
export async function ownTaskDefinitions(client: ECSClient, stackName: string): Promise<string[]> {
  const own: string[] = [];
  try {
    for (const family of await activeFamilies(client, `${stackName}-`)) {
      for (const arn of await activeRevisions(client, family)) {
        const described = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn, include: ['TAGS'] }));
        if (tagsSchema.parse(described).tags.some(({ key, value }) => key === OWNER_TAG && value === stackName)) own.push(arn);
      }
    }
    return own;
  } catch (thrown) {
    throw explainAwsError(thrown, 'list the task definitions');
  }
}

/** Returns how many were deregistered. */
export async function deregisterOwn(client: ECSClient, stackName: string): Promise<number> {
  const own = await ownTaskDefinitions(client, stackName);
  for (const taskDefinition of own) {
    await client.send(new DeregisterTaskDefinitionCommand({ taskDefinition })).catch((thrown: unknown) => {
      throw explainAwsError(thrown, 'deregister a task definition');
    });
  }
  return own.length;
}

async function activeFamilies(client: ECSClient, familyPrefix: string): Promise<string[]> {
  const families: string[] = [];
  let token: string | undefined;
  do {
    const request = { familyPrefix, status: 'ACTIVE', ...(token === undefined ? {} : { nextToken: token }) } as const;
    const answer = familiesSchema.parse(await client.send(new ListTaskDefinitionFamiliesCommand(request)));
    families.push(...answer.families);
    token = answer.nextToken ?? undefined;
  } while (token !== undefined);
  return families;
}

async function activeRevisions(client: ECSClient, family: string): Promise<string[]> {
  const arns: string[] = [];
  let token: string | undefined;
  do {
    const request = { familyPrefix: family, status: 'ACTIVE', ...(token === undefined ? {} : { nextToken: token }) } as const;
    const answer = revisionsSchema.parse(await client.send(new ListTaskDefinitionsCommand(request)));
    arns.push(...answer.taskDefinitionArns);
    token = answer.nextToken ?? undefined;
  } while (token !== undefined);
  return arns;
}
