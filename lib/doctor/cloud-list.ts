/** The checks of an AWS account and a deployment, in the order in which they are told. */
import type { Cloud } from '../compose/cloud.ts';
import { BakeoffError } from '../core/errors.ts';
import { awsCredentials } from './aws-credentials.ts';
import { cdkBootstrap } from './cdk-bootstrap.ts';
import type { CloudCheck, Finding } from './finding.ts';
import { imageArchitecture } from './image-architecture.ts';
import { stackVersion } from './stack-version.ts';
import { vcpuQuotaCheck } from './vcpu-quota.ts';

const CHECKS: readonly CloudCheck[] = [cdkBootstrap, vcpuQuotaCheck, imageArchitecture, stackVersion];

/**
 * All findings. What cannot be asked is told as not checked, once. Where no deployment was asked for nothing here is missing: runs on
 * this machine do not need it.
 */
export async function examineCloud(cloud: Cloud): Promise<Finding[]> {
  const access = await find(awsCredentials, cloud);
  const rest =
    access.status === 'ok'
      ? await Promise.all(CHECKS.map((check) => find(check, cloud)))
      : CHECKS.map(({ id }) => ({ id, status: 'skipped', found: 'not checked: see aws-credentials', remedy: null }) as const);
  return [access, ...rest].map((finding) =>
    cloud.stackName === null && finding.status === 'missing' ? { ...finding, status: 'warn' } : finding,
  );
}

/** Without these nothing of a deployment can be used. */
const ESSENTIAL: ReadonlySet<string> = new Set(['aws-credentials', 'stack-version']);

async function find({ id, check }: CloudCheck, cloud: Cloud): Promise<Finding> {
  try {
    return await check(cloud);
  } catch (thrown) {
    if (!(thrown instanceof BakeoffError)) throw thrown;
    const isNeeded = cloud.stackName !== null && ESSENTIAL.has(id);
    const found = `${isNeeded ? '' : 'not checked: '}${thrown.message}`;
    return { id, status: isNeeded ? 'missing' : 'skipped', found, remedy: thrown.remedy };
  }
}
