/** Teardown: a stack is deleted, and it is waited for; where CloudFormation cannot, it is said which resource holds it and why. */
import { type CloudFormationClient, DeleteStackCommand, DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { z } from 'zod';
import { BakeoffError } from '../../core/errors.ts';
import { findStack } from './deployment.ts';
import { explainAwsError } from './explain-aws-error.ts';
import { type Pace, waitUntil } from './wait-until.ts';

const eventsSchema = z.object({
  StackEvents: z
    .array(
      z.object({
        LogicalResourceId: z.string().optional(),
        ResourceStatus: z.string().optional(),
        ResourceStatusReason: z.string().optional(),
      }),
    )
    .default([]),
});

const DELETE_MS = 3_600_000;
const MOST_REASONS = 3;

/** True when there was one. Throws `teardown-stuck`. */
export async function deleteStack(client: CloudFormationClient, stackName: string, pace: Pace): Promise<boolean> {
  const before = await findStack(client, stackName);
  if (before === null) return false;
  if (before.status !== 'DELETE_IN_PROGRESS') {
    await client.send(new DeleteStackCommand({ StackName: stackName })).catch((thrown: unknown) => {
      throw explainAwsError(thrown, `delete the stack ${stackName}`);
    });
  }
  const isGone = await waitUntil(
    async () => {
      const now = await findStack(client, stackName);
      if (now?.status === 'DELETE_FAILED') throw stuck(stackName, await reasons(client, stackName));
      return now === null;
    },
    DELETE_MS,
    pace,
  );
  if (!isGone) throw stuck(stackName, 'CloudFormation has not ended within an hour');
  return true;
}

/** What of the newest events failed, newest first. */
async function reasons(client: CloudFormationClient, stackName: string): Promise<string> {
  const { StackEvents } = eventsSchema.parse(await client.send(new DescribeStackEventsCommand({ StackName: stackName })));
  const failed = StackEvents.filter(({ ResourceStatus }) => ResourceStatus === 'DELETE_FAILED').slice(0, MOST_REASONS);
  return failed
    .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason ?? 'no reason given'}`)
    .join('; ');
}

function stuck(stackName: string, why: string): BakeoffError {
  return new BakeoffError({
    code: 'teardown-stuck',
    message: `the stack ${stackName} cannot be deleted: ${why.slice(0, 1500)}`,
    remedy: 'Remove what is named, then call teardown again: it goes on from here.',
    kind: 'environment',
  });
}
