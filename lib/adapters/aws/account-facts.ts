/** Single facts of an account and Region that `bakeoff doctor` asks for: who calls, whether CDK is bootstrapped, how much may run. */
import { GetServiceQuotaCommand, type ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { z } from 'zod';
import { explainAwsError, nameOf } from './explain-aws-error.ts';

/** What `cdk bootstrap` writes under its default qualifier. */
const BOOTSTRAP_PARAMETER = '/cdk-bootstrap/hnb659fds/version';

const identitySchema = z.object({ Account: z.string().regex(/^\d{12}$/), Arn: z.string() });
const parameterSchema = z.object({ Parameter: z.object({ Value: z.string().regex(/^\d{1,6}$/) }) });
const quotaSchema = z.object({ Quota: z.object({ Value: z.number().nonnegative() }) });

export interface Caller {
  readonly account: string;
  readonly arn: string;
}

export async function callerOf(client: STSClient): Promise<Caller> {
  try {
    const { Account, Arn } = identitySchema.parse(await client.send(new GetCallerIdentityCommand({})));
    return { account: Account, arn: Arn };
  } catch (thrown) {
    throw explainAwsError(thrown, 'ask AWS whose credentials these are');
  }
}

/** Null where the Region was never bootstrapped. */
export async function bootstrapVersion(client: SSMClient): Promise<number | null> {
  try {
    const answer = parameterSchema.parse(await client.send(new GetParameterCommand({ Name: BOOTSTRAP_PARAMETER })));
    return Number(answer.Parameter.Value);
  } catch (thrown) {
    if (nameOf(thrown) === 'ParameterNotFound') return null;
    throw explainAwsError(thrown, `read the parameter ${BOOTSTRAP_PARAMETER}`);
  }
}

/** vCPUs that may run at once under a quota of EC2. */
export async function vcpuQuota(client: ServiceQuotasClient, code: string): Promise<number> {
  try {
    return quotaSchema.parse(await client.send(new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: code }))).Quota.Value;
  } catch (thrown) {
    throw explainAwsError(thrown, `read the EC2 quota ${code}`);
  }
}
