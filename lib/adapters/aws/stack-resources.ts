/** What a stack still has, by type: it answers for a stack that could not be deleted whole, too. Called by teardown and doctor. */
import { type CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { z } from 'zod';
import { explainAwsError } from './explain-aws-error.ts';

const answerSchema = z.object({
  StackResourceSummaries: z
    .array(
      z.object({
        LogicalResourceId: z.string(),
        PhysicalResourceId: z.string().optional(),
        ResourceType: z.string(),
        ResourceStatus: z.string(),
      }),
    )
    .default([]),
  NextToken: z.string().nullish(),
});

/** Type, such as `AWS::ECS::Cluster`, -> physical ids. */
export type StackResources = ReadonlyMap<string, readonly string[]>;

export async function stackResources(client: CloudFormationClient, stackName: string): Promise<StackResources> {
  const found = new Map<string, string[]>();
  try {
    let token: string | undefined;
    do {
      const request = { StackName: stackName, ...(token === undefined ? {} : { NextToken: token }) };
      const answer = answerSchema.parse(await client.send(new ListStackResourcesCommand(request)));
      for (const { PhysicalResourceId, ResourceType, ResourceStatus } of answer.StackResourceSummaries) {
        if (PhysicalResourceId === undefined || PhysicalResourceId === '' || ResourceStatus === 'DELETE_COMPLETE') continue;
        found.set(ResourceType, [...(found.get(ResourceType) ?? []), PhysicalResourceId]);
      }
      token = answer.NextToken ?? undefined;
    } while (token !== undefined);
    return found;
  } catch (thrown) {
    throw explainAwsError(thrown, `list the resources of the stack ${stackName}`);
  }
}
