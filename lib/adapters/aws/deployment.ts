/**
 * Finds a deployment by the name of its stack and reads what the stack says of itself: state, outputs, version. Called by
 * lib/compose/deployment.ts; what the verbs may do with a stack in which state is decided here.
 */
import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { z } from 'zod';
import { OWNER_TAG, STACK_OUTPUTS } from '../../core/environment-names.ts';
import { BakeoffError, messageOf } from '../../core/errors.ts';
import { explainAwsError, nameOf } from './explain-aws-error.ts';

const stackSchema = z.object({
  StackName: z.string().min(1),
  StackId: z.string().min(1),
  StackStatus: z.string().min(1),
  StackStatusReason: z.string().optional(),
  Description: z.string().optional(),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
  Outputs: z.array(z.object({ OutputKey: z.string(), OutputValue: z.string() })).default([]),
});
const answerSchema = z.object({ Stacks: z.array(stackSchema).min(1) });

const outputsSchema = z.object({
  [STACK_OUTPUTS.apiUrl]: z.url({ protocol: /^https?$/ }),
  [STACK_OUTPUTS.bucket]: z.string().min(1),
  [STACK_OUTPUTS.table]: z.string().min(1),
  [STACK_OUTPUTS.cluster]: z.string().min(1),
  [STACK_OUTPUTS.stateMachine]: z.string().min(1),
  [STACK_OUTPUTS.version]: z.string().min(1),
});

/** A stack in whatever state; outputs as far as they are there. */
export interface FoundStack {
  readonly stackName: string;
  readonly stackId: string;
  readonly status: string;
  readonly reason: string | null;
  readonly outputs: ReadonlyMap<string, string>;
  /** Something says that it is Bakeoff's: its tag, its version, or its description. */
  readonly isOurs: boolean;
}

export interface Deployment {
  readonly stackName: string;
  readonly status: string;
  readonly apiUrl: string;
  readonly bucket: string;
  readonly table: string;
  readonly cluster: string;
  readonly stateMachineArn: string;
  readonly version: string;
}

/** Null when there is no stack of this name, or only a deleted one. */
export async function findStack(client: CloudFormationClient, stackName: string): Promise<FoundStack | null> {
  try {
    const answer = answerSchema.safeParse(await client.send(new DescribeStacksCommand({ StackName: stackName })));
    if (!answer.success) throw unreadableStack(stackName, answer.error.message);
    const [stack] = answer.data.Stacks;
    if (stack === undefined || stack.StackStatus === 'DELETE_COMPLETE') return null;
    const outputs = new Map(stack.Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
    const { StackName, StackId, StackStatus, StackStatusReason, Tags, Description } = stack;
    const isOurs =
      Tags.some(({ Key }) => Key === OWNER_TAG) || outputs.has(STACK_OUTPUTS.version) || (Description ?? '').startsWith('Bakeoff:');
    return { stackName: StackName, stackId: StackId, status: StackStatus, reason: StackStatusReason ?? null, outputs, isOurs };
  } catch (thrown) {
    // CloudFormation has no error of its own for a stack that is not there.
    if (nameOf(thrown) === 'ValidationError' && /does not exist/i.test(messageOf(thrown))) return null;
    throw explainAwsError(thrown, `read the stack ${stackName} from CloudFormation`);
  }
}

/** The service stack by its name, or by the prefix that its name begins with. Throws `stack-missing`. */
export async function requireStack(client: CloudFormationClient, name: string, region: string): Promise<FoundStack> {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(name)) {
    throw new BakeoffError({
      code: 'bad-usage',
      message: `${JSON.stringify(name.slice(0, 140))} is no name of a stack; expected a letter, then letters, digits and hyphens`,
      remedy: 'Give the name of the service stack with --stack or BAKEOFF_STACK, such as bakeoff-service.',
    });
  }
  const found = (await findStack(client, name)) ?? (name.endsWith('-service') ? null : await findStack(client, `${name}-service`));
  if (found !== null) return found;
  const also = name.endsWith('-service') ? '' : ` (nor ${name}-service)`;
  throw new BakeoffError({
    code: 'stack-missing',
    message: `there is no stack ${name}${also} in ${region}`,
    remedy: 'Deploy first ("npx cdk deploy --all"), or name the stack and its region with --stack and --region.',
    kind: 'environment',
  });
}

/** Throws `stack-not-ready`, `stack-failed` or `stack-not-bakeoff` unless the stack can be worked with. */
export function deploymentOf(stack: FoundStack): Deployment {
  refuseState(stack);
  const outputs = outputsSchema.safeParse(Object.fromEntries(stack.outputs));
  if (!outputs.success) {
    const names = [...new Set(outputs.error.issues.map(({ path }) => String(path[0])))].join(', ');
    throw new BakeoffError({
      code: 'stack-not-bakeoff',
      message: `the stack ${stack.stackName} has no usable output ${names}: it is no service stack of Bakeoff, or an older one`,
      remedy: 'Name the service stack (such as bakeoff-service), or deploy this version ("npx cdk deploy --all").',
      kind: 'environment',
    });
  }
  const { ApiUrl, BucketName, TableName, ClusterName, StateMachineArn, BakeoffVersion } = outputs.data;
  return {
    stackName: stack.stackName,
    status: stack.status,
    apiUrl: ApiUrl,
    bucket: BucketName,
    table: TableName,
    cluster: ClusterName,
    stateMachineArn: StateMachineArn,
    version: BakeoffVersion,
  };
}

/** A roll-back to the version before, and an update that goes on, leave a deployment that works. */
const USABLE = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_IN_PROGRESS',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'IMPORT_COMPLETE',
]);

function refuseState({ stackName, status, reason }: FoundStack): void {
  if (USABLE.has(status)) return;
  if (status === 'CREATE_IN_PROGRESS' || status === 'REVIEW_IN_PROGRESS') {
    throw new BakeoffError({
      code: 'stack-not-ready',
      message: `the stack ${stackName} is ${status}: it is not deployed yet`,
      remedy: 'Wait until "npx cdk deploy" has ended, then try again.',
      kind: 'environment',
    });
  }
  const isGoing = status.startsWith('DELETE_');
  throw new BakeoffError({
    code: isGoing ? 'stack-being-deleted' : 'stack-failed',
    message: `the stack ${stackName} is ${status}${reason === null ? '' : `: ${reason.slice(0, 500)}`}`,
    remedy: isGoing
      ? `Go on with "bakeoff teardown --stack ${stackName} --yes", or wait until it is gone and deploy again.`
      : `Read its events ("aws cloudformation describe-stack-events --stack-name ${stackName}"), then deploy again, or remove it with "bakeoff teardown".`,
    kind: 'environment',
  });
}

function unreadableStack(stackName: string, cause: string): BakeoffError {
  return new BakeoffError({
    code: 'aws-answer-unreadable',
    message: `CloudFormation's answer about ${stackName} is not what was expected: ${cause.slice(0, 300)}`,
    remedy: 'See that AWS_ENDPOINT_URL is right, or unset it.',
    kind: 'environment',
  });
}
