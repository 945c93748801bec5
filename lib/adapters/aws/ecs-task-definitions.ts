/**
 * The TaskDefinitions port on ECS: which revision of a package's family is active, and registering one anew that has become inactive
 * (a deploy replaced it while a run was in flight). Plan calls it.
 */
import {
  ClientException,
  DescribeTaskDefinitionCommand,
  type DescribeTaskDefinitionCommandOutput,
  type ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { CONTAINERS } from '../../core/environment-names.ts';
import { BakeoffError } from '../../core/errors.ts';
import type { TaskDefinitions } from '../../core/ports.ts';

/** Variable of the model container that names the package which the definition was made for. */
const DIGEST_VARIABLE = 'BAKEOFF_PACKAGE_DIGEST';

export function ecsTaskDefinitions(client: Pick<ECSClient, 'send'>): TaskDefinitions {
  return {
    newest: async (family) => {
      const found = await describe(client, family);
      const arn = found?.taskDefinition?.taskDefinitionArn;
      // A family whose revisions are all inactive still answers with one of them.
      if (arn === undefined || found?.taskDefinition?.status !== 'ACTIVE') return null;
      return { arn, digest: digestOf(found.taskDefinition) };
    },
    isActive: async (arn) => (await describe(client, arn))?.taskDefinition?.status === 'ACTIVE',
    registerAgain: async (arn) => {
      const found = await describe(client, arn);
      if (found?.taskDefinition === undefined) throw revisionGone(arn);
      const { taskDefinition: again } = await client.send(new RegisterTaskDefinitionCommand(contentOf(found.taskDefinition, found.tags)));
      if (again?.taskDefinitionArn === undefined) throw new Error(`ECS gave no ARN for the revision made from ${arn}`);
      return again.taskDefinitionArn;
    },
  };
}

/** Null for a family or a revision that ECS does not know. */
async function describe(client: Pick<ECSClient, 'send'>, taskDefinition: string): Promise<DescribeTaskDefinitionCommandOutput | null> {
  try {
    return await client.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }));
  } catch (error) {
    if (error instanceof ClientException) return null;
    throw error;
  }
}

function digestOf(definition: TaskDefinition): string | null {
  const model = definition.containerDefinitions?.find(({ name }) => name === CONTAINERS.model);
  return model?.environment?.find(({ name }) => name === DIGEST_VARIABLE)?.value ?? null;
}

/** All that was registered, whatever it holds; what a description adds to it is left out. */
function contentOf(definition: TaskDefinition, tags: DescribeTaskDefinitionCommandOutput['tags']): RegisterTaskDefinitionCommandInput {
  const { taskDefinitionArn: _arn, revision: _revision, status: _status, requiresAttributes: _attributes, ...described } = definition;
  const { compatibilities: _compatibilities, registeredAt: _at, deregisteredAt: _gone, registeredBy: _by, ...content } = described;
  // CloudFormation puts tags of its own on what it makes; nobody else may give such.
  const ownTags = (tags ?? []).filter(({ key }) => key?.toLowerCase().startsWith('aws:') !== true);
  const { family, containerDefinitions } = content;
  return { ...content, family, containerDefinitions, ...(ownTags.length === 0 ? {} : { tags: ownTags }) };
}

function revisionGone(arn: string): BakeoffError {
  return new BakeoffError({
    code: 'package-not-deployed',
    message: `the task definition ${arn} that the run was planned with no longer exists`,
    remedy: 'Deploy again with the package, then start a new run.',
    kind: 'environment',
  });
}
