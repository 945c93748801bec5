/**
 * Teardown: the fleet's groups are empty. Managed termination protection keeps instances from ending, and a stack with such instances
 * hangs when it is deleted: the protection is lifted first, then the groups are set to none.
 */
import {
  type AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetInstanceProtectionCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { z } from 'zod';
import { BakeoffError } from '../../core/errors.ts';
import { explainAwsError } from './explain-aws-error.ts';
import { type Pace, waitUntil } from './wait-until.ts';

const groupSchema = z.object({
  AutoScalingGroupName: z.string().min(1),
  MaxSize: z.number(),
  NewInstancesProtectedFromScaleIn: z.boolean().optional(),
  Instances: z.array(z.object({ InstanceId: z.string(), ProtectedFromScaleIn: z.boolean().optional() })).default([]),
});
export type Group = z.infer<typeof groupSchema>;
const answerSchema = z.object({ AutoScalingGroups: z.array(groupSchema).default([]) });

const EMPTY_MS = 900_000;
/** SetInstanceProtection takes at most so many. */
const PROTECTED_AT_ONCE = 50;

/** Those of the names that exist. */
export async function describeGroups(client: AutoScalingClient, names: readonly string[]): Promise<Group[]> {
  if (names.length === 0) return [];
  try {
    const request = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [...names], MaxRecords: 100 });
    return answerSchema.parse(await client.send(request)).AutoScalingGroups;
  } catch (thrown) {
    throw explainAwsError(thrown, 'read the Auto Scaling groups of the fleet');
  }
}

/** Returns how many instances there were. Throws `teardown-stuck`. */
export async function emptyGroups(client: AutoScalingClient, names: readonly string[], pace: Pace): Promise<number> {
  const before = await describeGroups(client, names);
  for (const group of before) await lift(client, group);
  const isEmpty = await waitUntil(
    async () => {
      const groups = await describeGroups(client, names);
      // ECS may have protected an instance between our two calls.
      for (const group of groups) await unprotect(client, group);
      return groups.every(({ Instances }) => Instances.length === 0);
    },
    EMPTY_MS,
    pace,
  );
  if (isEmpty) return before.reduce((sum, { Instances }) => sum + Instances.length, 0);
  throw new BakeoffError({
    code: 'teardown-stuck',
    message: `the fleet still has instances ${EMPTY_MS / 60_000} minutes after its groups were set to none; they cost money`,
    remedy: 'Look at the groups in the EC2 console, end the instances, then call teardown again: it goes on from here.',
    kind: 'environment',
  });
}

async function lift(client: AutoScalingClient, group: Group): Promise<void> {
  try {
    await client.send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName: group.AutoScalingGroupName,
        NewInstancesProtectedFromScaleIn: false,
        MinSize: 0,
        MaxSize: 0,
        DesiredCapacity: 0,
      }),
    );
    await unprotect(client, group);
  } catch (thrown) {
    throw explainAwsError(thrown, `empty the Auto Scaling group ${group.AutoScalingGroupName}`);
  }
}

async function unprotect(client: AutoScalingClient, { AutoScalingGroupName, Instances }: Group): Promise<void> {
  const ids = Instances.filter(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn === true).map(({ InstanceId }) => InstanceId);
  for (let first = 0; first < ids.length; first += PROTECTED_AT_ONCE) {
    const InstanceIds = ids.slice(first, first + PROTECTED_AT_ONCE);
    await client.send(new SetInstanceProtectionCommand({ AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn: false }));
  }
}
