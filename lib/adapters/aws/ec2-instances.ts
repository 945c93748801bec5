/** What EC2 knows of a machine: whether it is one of this deployment's, by its tags, and since when it is there. */
import { DescribeInstancesCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { CLASS_TAG, OWNER_TAG } from '../../core/environment-names.ts';

export interface Ec2Instance {
  readonly instanceType: string;
  readonly className: string | null;
  readonly market: 'spot' | 'on-demand';
  readonly launchedAtMs: number;
  readonly state: string;
}

/** Null for a machine that EC2 does not know any more, or that is not of this owner. */
export async function findInstance(client: Pick<EC2Client, 'send'>, owner: string, instanceId: string): Promise<Ec2Instance | null> {
  try {
    const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
    const found = Reservations?.[0]?.Instances?.[0];
    const tagOf = (name: string): string | null => found?.Tags?.find(({ Key }) => Key === name)?.Value ?? null;
    if (found?.InstanceType === undefined || found.LaunchTime === undefined || tagOf(OWNER_TAG) !== owner) return null;
    return {
      instanceType: found.InstanceType,
      className: tagOf(CLASS_TAG),
      market: found.InstanceLifecycle === 'spot' ? 'spot' : 'on-demand',
      launchedAtMs: found.LaunchTime.getTime(),
      state: found.State?.Name ?? 'unknown',
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'InvalidInstanceID.NotFound') return null;
    throw error;
  }
}
