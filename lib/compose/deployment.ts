/**
 * The composition root of the CLI against a deployment: the AWS clients, made once per call from the usual credential chain, and
 * what stands on them. Loaded only by verbs that were given a stack, since the SDK takes long to load.
 */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { type ApiClient, apiClient } from '../adapters/aws/api-client.ts';
import { type Deployment, deploymentOf, requireStack } from '../adapters/aws/deployment.ts';
import { explainAwsError } from '../adapters/aws/explain-aws-error.ts';
import { type Uploaded, uploadSuite } from '../adapters/aws/upload-suite.ts';
import type { RegisteredSuite } from '../core/registry.ts';
import { sleep } from './clock.ts';
import { CLI_CLIENT, type ClientSettings } from './aws-client-settings.ts';

export interface AwsAccess {
  /** Null: as the environment or the profile says. */
  readonly region: string | null;
  readonly profile: string | null;
  /** Sent instead of a signature, where the API wants one. */
  readonly token: string | null;
}

/** What every client of this call is made with. */
export interface AwsClientOptions extends ClientSettings {
  readonly region: string;
  readonly credentials: ReturnType<typeof fromNodeProviderChain>;
}

export interface OpenDeployment {
  readonly deployment: Deployment;
  readonly region: string;
  readonly api: ApiClient;
  readonly clientOptions: AwsClientOptions;
}

/** Throws what is wrong with the region, the credentials or the stack, each with its remedy. */
export async function openDeployment(stackName: string, access: AwsAccess): Promise<OpenDeployment> {
  const clientOptions = await awsClientOptions(access);
  const cloudFormation = new CloudFormationClient(clientOptions);
  try {
    const deployment = deploymentOf(await requireStack(cloudFormation, stackName, clientOptions.region));
    return { deployment, region: clientOptions.region, api: apiOf(deployment, access, clientOptions), clientOptions };
  } finally {
    cloudFormation.destroy();
  }
}

/** The region is settled here, once; credentials are looked for when the first call needs them. Throws `aws-region-missing`. */
export async function awsClientOptions({ region, profile }: AwsAccess): Promise<AwsClientOptions> {
  const chosen = { ...(region === null ? {} : { region }), ...(profile === null ? {} : { profile }) };
  const client = new CloudFormationClient(chosen);
  try {
    const settled = await client.config.region();
    const chain = { ...(profile === null ? {} : { profile }), clientConfig: { region: settled } };
    return { region: settled, credentials: fromNodeProviderChain(chain), ...CLI_CLIENT };
  } catch (thrown) {
    throw explainAwsError(thrown, 'settle the AWS region');
  } finally {
    client.destroy();
  }
}

/** Brings a suite of this machine into the deployment's bucket; what is there already stays. */
export async function uploadLocalSuite(suite: RegisteredSuite, { deployment, clientOptions }: OpenDeployment): Promise<Uploaded> {
  const client = new S3Client(clientOptions);
  try {
    return await uploadSuite({ client, bucket: deployment.bucket, suite });
  } finally {
    client.destroy();
  }
}

function apiOf({ apiUrl }: Deployment, { token }: AwsAccess, { region, credentials }: AwsClientOptions): ApiClient {
  const sign = async () => {
    try {
      return await credentials();
    } catch (thrown) {
      throw explainAwsError(thrown, 'sign a request to the API');
    }
  };
  return apiClient({
    baseUrl: apiUrl,
    region,
    access: token === null ? { kind: 'sign', credentials: sign } : { kind: 'bearer', token },
    sleep,
  });
}
