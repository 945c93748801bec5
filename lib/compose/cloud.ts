/** What an AWS account and a deployment offer to runs, for `bakeoff doctor`: each fact is asked for when a check wants it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { bootstrapVersion, type Caller, callerOf, vcpuQuota } from '../adapters/aws/account-facts.ts';
import { type ClassInUse, deployedFleet } from '../adapters/aws/deployed-fleet.ts';
import { type Deployment, deploymentOf, requireStack } from '../adapters/aws/deployment.ts';
import { type ImagePlatforms, imagePlatforms } from '../adapters/aws/image-platforms.ts';
import { stackResources } from '../adapters/aws/stack-resources.ts';
import { DEFAULT_FLEET, fleetSchema } from '../core/fleet.ts';
import { type AwsAccess, awsClientOptions } from './deployment.ts';

export interface Cloud {
  /** Null: no deployment was asked for. */
  readonly stackName: string | null;
  readonly softwareVersion: string;
  /** Settles Region and credentials; every other fact throws as it does where they are missing. */
  readonly caller: () => Promise<Caller & { readonly region: string }>;
  readonly bootstrapVersion: () => Promise<number | null>;
  readonly vcpuQuota: (code: string) => Promise<number>;
  /** Of the deployment; without one, as cdk.json would deploy it. */
  readonly fleet: () => Promise<readonly ClassInUse[]>;
  readonly deployment: (stackName: string) => Promise<Deployment>;
  readonly imagePlatforms: (stackName: string) => Promise<readonly ImagePlatforms[]>;
}

export interface CloudOptions {
  readonly stackName: string | null;
  readonly access: AwsAccess;
  /** The folder of cdk.json. */
  readonly root: string;
  readonly softwareVersion: string;
}

export function cloudOf({ stackName, access, root, softwareVersion }: CloudOptions): Cloud {
  const options = awsClientOptions({ ...access });
  // Told by whoever asks first, and by nobody else: it is awaited by every fact below.
  options.catch(() => undefined);
  const found = async (name: string) => {
    const { region, ...rest } = await options;
    return requireStack(new CloudFormationClient({ region, ...rest }), name, region);
  };
  return {
    stackName,
    softwareVersion,
    caller: async () => ({ ...(await callerOf(new STSClient(await options))), region: (await options).region }),
    bootstrapVersion: async () => bootstrapVersion(new SSMClient(await options)),
    vcpuQuota: async (code) => vcpuQuota(new ServiceQuotasClient(await options), code),
    fleet: async () => {
      if (stackName === null) return fleetOfSettings(root);
      const stack = await found(stackName);
      const resources = await stackResources(new CloudFormationClient(await options), stack.stackName);
      const clients = { autoScaling: new AutoScalingClient(await options), ec2: new EC2Client(await options) };
      return deployedFleet(clients, resources.get('AWS::AutoScaling::AutoScalingGroup') ?? []);
    },
    deployment: async (name) => deploymentOf(await found(name)),
    imagePlatforms: async (name) => {
      const clients = { ecs: new ECSClient(await options), ecr: new ECRClient(await options) };
      return imagePlatforms(clients, (await found(name)).stackName);
    },
  };
}

/** What `cdk deploy` would make: the fleet in cdk.json, or the default one. A file that cannot be read has none of its own. */
function fleetOfSettings(root: string): readonly ClassInUse[] {
  const path = join(root, 'cdk.json');
  if (!existsSync(path)) return DEFAULT_FLEET;
  const document: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const parsed = fleetSchema.safeParse(valueAt(document, ['context', 'bakeoff', 'fleet']));
  return parsed.success ? parsed.data : DEFAULT_FLEET;
}

function valueAt(document: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return document;
  if (typeof document !== 'object' || document === null) return undefined;
  return valueAt(Object.entries(document).find(([key]) => key === first)?.[1], rest);
}
