/**
 * Takes a deployment down: the composition of its steps with the AWS clients they need. Each step is harmless when done twice, so a
 * second call goes on where the first one ended. Called by `bakeoff teardown`, which asks for confirmation first.
 */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECSClient } from '@aws-sdk/client-ecs';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { type FoundStack, findStack } from '../adapters/aws/deployment.ts';
import { type StackResources, stackResources } from '../adapters/aws/stack-resources.ts';
import { type BucketSize, bucketSize, deleteBucket, deleteTable, tableBytes } from '../adapters/aws/teardown-data.ts';
import { endExecutions, liveExecutions } from '../adapters/aws/teardown-executions.ts';
import { describeGroups, emptyGroups } from '../adapters/aws/teardown-groups.ts';
import { deleteStack } from '../adapters/aws/teardown-stack.ts';
import { deregisterOwn, ownTaskDefinitions } from '../adapters/aws/teardown-task-definitions.ts';
import { deregisterMachines, liveTasks, stopTasks } from '../adapters/aws/teardown-tasks.ts';
import type { Pace } from '../adapters/aws/wait-until.ts';
import { countNoun } from '../core/count-noun.ts';
import { BakeoffError } from '../core/errors.ts';
import { sleep, systemClock } from './clock.ts';
import type { AwsClientOptions } from './deployment.ts';

/** What there is of a deployment, in whatever state it is. */
export interface TeardownFacts {
  /** Whether or not it is still there. */
  readonly serviceName: string;
  readonly service: FoundStack | null;
  /** Stacks of further packages, in the order in which they are deleted. */
  readonly packageStacks: readonly string[];
  readonly stateMachines: readonly string[];
  readonly clusters: readonly string[];
  readonly groups: readonly string[];
  readonly executions: number;
  readonly tasks: number;
  readonly instances: number;
  readonly taskDefinitions: number;
  /** Null where the name of the service stack does not tell that of the data stack, or there is none. */
  readonly data: DataFacts | null;
}

export interface DataFacts {
  readonly stackName: string;
  readonly bucket: { readonly name: string; readonly size: BucketSize } | null;
  readonly table: { readonly name: string; readonly bytes: number } | null;
}

export interface TeardownHooks {
  /** One line when a step begins or has ended. */
  readonly tell: (line: string) => void;
  /** Asks the API to cancel what goes on; does nothing where there is no API any more. */
  readonly cancelRuns: () => Promise<number>;
}

export interface Teardown {
  /** Throws `stack-not-bakeoff` for a stack of somebody else. */
  readonly look: (name: string) => Promise<TeardownFacts>;
  /** Throws `teardown-stuck` with what is in the way. */
  readonly run: (facts: TeardownFacts, withData: boolean, hooks: TeardownHooks) => Promise<void>;
}

/** So long may cancelled runs take to score and report before they are cut off. */
const REPORT_MS = 900_000;
const EVERY_MS = 5_000;

type Clients = ReturnType<typeof clientsOf>;

export function teardownOf(options: AwsClientOptions, everyMs: number = EVERY_MS): Teardown {
  const clients = clientsOf(options);
  const pace: Pace = { everyMs, sleep, ...systemClock };
  return {
    look: (name) => look(name, clients),
    run: async (facts, withData, hooks) => {
      await takeServiceDown(facts, clients, pace, hooks);
      if (withData && facts.data !== null) await takeDataDown(facts.data, clients, pace, hooks);
    },
  };
}

function clientsOf(options: AwsClientOptions) {
  return {
    cloudFormation: new CloudFormationClient(options),
    stepFunctions: new SFNClient(options),
    ecs: new ECSClient(options),
    autoScaling: new AutoScalingClient(options),
    s3: new S3Client(options),
    dynamo: new DynamoDBClient(options),
  };
}

async function look(name: string, clients: Clients): Promise<TeardownFacts> {
  const { serviceName, service } = await findService(name, clients);
  const resources: StackResources = service === null ? new Map() : await stackResources(clients.cloudFormation, serviceName);
  const stateMachines = resources.get('AWS::StepFunctions::StateMachine') ?? [];
  const clusters = resources.get('AWS::ECS::Cluster') ?? [];
  const groups = resources.get('AWS::AutoScaling::AutoScalingGroup') ?? [];
  const executions = await Promise.all(stateMachines.map((arn) => liveExecutions(clients.stepFunctions, arn)));
  const tasks = await Promise.all(clusters.map((cluster) => liveTasks(clients.ecs, cluster)));
  const described = await describeGroups(clients.autoScaling, groups);
  return {
    ...{ serviceName, service, stateMachines, clusters, groups },
    packageStacks: await packageStacksOf(serviceName, clients),
    executions: executions.flat().length,
    tasks: tasks.flat().length,
    instances: described.flatMap(({ Instances }) => Instances).length,
    taskDefinitions: (await ownTaskDefinitions(clients.ecs, serviceName)).length,
    data: await lookAtData(serviceName, clients),
  };
}

/** The stack of this name, or the one whose prefix it is; where both are gone, the name that it had. */
async function findService(name: string, { cloudFormation }: Clients) {
  const [exact, prefixed] = [name, name.endsWith('-service') ? name : `${name}-service`];
  for (const serviceName of [exact, prefixed]) {
    const service = await findStack(cloudFormation, serviceName);
    if (service === null) continue;
    if (service.isOurs) return { serviceName, service };
    throw new BakeoffError({
      code: 'stack-not-bakeoff',
      message: `the stack ${serviceName} is not one of Bakeoff: it has neither our tag nor our outputs; nothing was touched`,
      remedy: 'Name the service stack, such as bakeoff-service.',
      kind: 'usage',
    });
  }
  return { serviceName: prefixed, service: null };
}

/** `<prefix>-packages-<n>`, highest first: a teardown that was interrupted leaves no gap. */
async function packageStacksOf(serviceName: string, { cloudFormation }: Clients): Promise<string[]> {
  const names: string[] = [];
  for (let n = 1; serviceName.endsWith('-service'); n += 1) {
    const name = serviceName.replace(/-service$/, `-packages-${n}`);
    if ((await findStack(cloudFormation, name)) === null) break;
    names.unshift(name);
  }
  return names;
}

async function lookAtData(serviceName: string, { cloudFormation, s3, dynamo }: Clients): Promise<DataFacts | null> {
  if (!serviceName.endsWith('-service')) return null;
  const stackName = serviceName.replace(/-service$/, '-data');
  const stack = await findStack(cloudFormation, stackName);
  if (stack === null || !stack.isOurs) return null;
  const resources = await stackResources(cloudFormation, stackName);
  const [bucket] = resources.get('AWS::S3::Bucket') ?? [];
  const [table] = [...(resources.get('AWS::DynamoDB::Table') ?? []), ...(resources.get('AWS::DynamoDB::GlobalTable') ?? [])];
  const size = bucket === undefined ? null : await bucketSize(s3, bucket);
  const bytes = table === undefined ? null : await tableBytes(dynamo, table);
  return {
    stackName,
    bucket: bucket === undefined || size === null ? null : { name: bucket, size },
    table: table === undefined || bytes === null ? null : { name: table, bytes },
  };
}

async function takeServiceDown(facts: TeardownFacts, clients: Clients, pace: Pace, { tell, cancelRuns }: TeardownHooks): Promise<void> {
  const { serviceName, stateMachines, clusters, groups } = facts;
  const cancelled = await cancelRuns();
  if (cancelled > 0) tell(`cancelled ${countNoun(cancelled, 'run')}; waiting for what they answered to be reported`);
  for (const arn of stateMachines) {
    const stopped = await endExecutions(clients.stepFunctions, arn, REPORT_MS, pace);
    if (stopped > 0) tell(`stopped ${countNoun(stopped, 'execution')} that did not end`);
  }
  for (const cluster of clusters) {
    const stopped = await stopTasks(clients.ecs, cluster, pace);
    tell(stopped === 0 ? 'no task is alive' : `stopped ${countNoun(stopped, 'task')}`);
  }
  if (groups.length > 0)
    tell(`emptied ${countNoun(groups.length, 'group')} of ${countNoun(await emptyGroups(clients.autoScaling, groups, pace), 'instance')}`);
  for (const cluster of clusters) await deregisterMachines(clients.ecs, cluster);
  tell(`deregistered ${countNoun(await deregisterOwn(clients.ecs, serviceName), 'task definition')}`);
  for (const stackName of [...facts.packageStacks, serviceName]) {
    tell(`deleting the stack ${stackName}`);
    tell(
      (await deleteStack(clients.cloudFormation, stackName, pace)) ? `deleted the stack ${stackName}` : `the stack ${stackName} was gone`,
    );
  }
}

/** What the stack retains first: once it is gone, nobody knows their names. */
async function takeDataDown({ stackName, bucket, table }: DataFacts, clients: Clients, pace: Pace, { tell }: TeardownHooks): Promise<void> {
  if (bucket !== null && (await deleteBucket(clients.s3, bucket.name))) tell(`deleted the bucket ${bucket.name} and all in it`);
  if (table !== null && (await deleteTable(clients.dynamo, table.name))) tell(`deleted the table ${table.name}`);
  if (await deleteStack(clients.cloudFormation, stackName, pace)) tell(`deleted the stack ${stackName}`);
}
