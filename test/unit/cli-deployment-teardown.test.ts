/** Taking a deployment down: the steps against MiniStack, with tasks, a group, task definitions and stacks as a deployment has them. */
import { AutoScalingClient, DescribeAutoScalingGroupsCommand, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  ECSClient,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs';
import { HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListExecutionsCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { emptyGroups } from '../../lib/adapters/aws/teardown-groups.ts';
import { isServiceGone, teardownSteps, whatStays } from '../../lib/cli/teardown-plan.ts';
import { type TeardownFacts, teardownOf } from '../../lib/compose/teardown.ts';
import { OWNER_TAG, STACK_OUTPUTS } from '../../lib/core/environment-names.ts';
import { type MiniStack, startMiniStack } from '../emulator/ministack.ts';
import { callCli } from '../fixtures/deployment-fixture.ts';

let emulator: MiniStack;
let prefix = '';
let made = 0;
beforeAll(async () => {
  // Without a Docker daemon a task of the emulator is RUNNING until it is stopped, whatever its image.
  emulator = await startMiniStack({ env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
  for (const [name, value] of Object.entries(emulator.env)) vi.stubEnv(name, value);
});
afterAll(async () => emulator.stop());
beforeEach(async () => {
  made += 1;
  prefix = `demo${made}`;
});

const cloudFormation = () => new CloudFormationClient(emulator.clientConfig);
const ecs = () => new ECSClient(emulator.clientConfig);

async function createStack(StackName: string, Resources: Record<string, unknown>): Promise<void> {
  const Tags = [{ Key: OWNER_TAG, Value: `${prefix}-service` }];
  await cloudFormation().send(new CreateStackCommand({ StackName, Tags, TemplateBody: JSON.stringify({ Resources }) }));
  for (;;) {
    const [stack] = (await cloudFormation().send(new DescribeStacksCommand({ StackName }))).Stacks ?? [];
    if (stack?.StackStatus === 'CREATE_COMPLETE') return;
    if (stack?.StackStatus !== 'CREATE_IN_PROGRESS') throw new Error(`${StackName} is ${stack?.StackStatus}: ${stack?.StackStatusReason}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A state machine that waits for ever, a cluster with a task, a group that wants an instance, task definitions of ours and of others. */
async function deploy(): Promise<void> {
  const service = `${prefix}-service`;
  const definition = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 3600, End: true } } };
  const launchTemplate = { LaunchTemplateData: { InstanceType: 'g6.xlarge', ImageId: 'ami-12345678' } };
  await createStack(`${prefix}-data`, {
    Bucket: {
      Type: 'AWS::S3::Bucket',
      DeletionPolicy: 'Retain',
      Properties: { BucketName: `${prefix}-bucket`, VersioningConfiguration: { Status: 'Enabled' } },
    },
    Table: {
      Type: 'AWS::DynamoDB::Table',
      DeletionPolicy: 'Retain',
      Properties: {
        TableName: `${prefix}-table`,
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        AttributeDefinitions: [{ AttributeName: 'PK', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }],
      },
    },
  });
  await createStack(service, {
    Cluster: { Type: 'AWS::ECS::Cluster', Properties: { ClusterName: `${prefix}-cluster` } },
    Machine: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        StateMachineName: `${prefix}-workflow`,
        RoleArn: 'arn:aws:iam::000000000000:role/any',
        DefinitionString: JSON.stringify(definition),
      },
    },
    Template: { Type: 'AWS::EC2::LaunchTemplate', Properties: launchTemplate },
    Group: {
      Type: 'AWS::AutoScaling::AutoScalingGroup',
      Properties: {
        AutoScalingGroupName: `${prefix}-group`,
        MinSize: '0',
        MaxSize: '4',
        DesiredCapacity: '1',
        // Protection of single instances is unknown to the emulator; see below for it.
        NewInstancesProtectedFromScaleIn: false,
        AvailabilityZones: ['us-east-1a'],
        LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' },
      },
    },
  });
  await createStack(`${prefix}-packages-1`, { Group: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: `${prefix}-packages` } } });
  await register(`${service}-ridge`, service);
  // Begins like ours and is somebody else's: a second deployment whose prefix is longer.
  await register(`${service}-two-ridge`, `${service}-two`);
  await ecs().send(new RunTaskCommand({ cluster: `${prefix}-cluster`, taskDefinition: `${service}-ridge`, launchType: 'EC2' }));
  const stateMachineArn = `arn:aws:states:us-east-1:000000000000:stateMachine:${prefix}-workflow`;
  await new SFNClient(emulator.clientConfig).send(new StartExecutionCommand({ stateMachineArn, name: 'run-1-1', input: '{}' }));
  // The emulator makes instances on this call only.
  const desired = { AutoScalingGroupName: `${prefix}-group`, DesiredCapacity: 1 };
  await new AutoScalingClient(emulator.clientConfig).send(new SetDesiredCapacityCommand(desired));
  const s3 = new S3Client(emulator.clientConfig);
  for (const Body of ['first', 'second'])
    await s3.send(new PutObjectCommand({ Bucket: `${prefix}-bucket`, Key: 'runs/run-1/spec.json', Body }));
}

async function register(family: string, owner: string): Promise<void> {
  const containerDefinitions = [{ name: 'driver', image: 'bakeoff-no-such-image:none', memory: 64 }];
  await ecs().send(new RegisterTaskDefinitionCommand({ family, containerDefinitions, tags: [{ key: OWNER_TAG, value: owner }] }));
}

const clientOptions = async () => {
  const { awsClientOptions } = await import('../../lib/compose/deployment.ts');
  return awsClientOptions({ region: null, profile: null, token: null });
};

async function stacks(): Promise<string[]> {
  const answer = await cloudFormation().send(new DescribeStacksCommand({}));
  return (answer.Stacks ?? [])
    .filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE')
    .flatMap(({ StackName }) => (StackName?.startsWith(`${prefix}-`) ? [StackName] : []));
}

describe('a teardown', () => {
  it('says what it would do and does nothing without --yes', async () => {
    await deploy();

    const { exitCode, stdout, stderr } = await callCli(['teardown', '--stack', prefix]);

    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`teardown of ${prefix}-service in us-east-1:\n  - cancel 1 run`);
    expect(stderr).toContain('- stop 1 task\n');
    expect(stderr).toContain(`- delete the stack ${prefix}-packages-1\n  - delete the stack ${prefix}-service\n`);
    expect(stderr).toMatch(/what stays:\n {2}- the bucket demo1-bucket: 11 bytes in 2 versions of objects, under \$0\.0001 a\n? *month/);
    expect(stderr).toContain('error[teardown-not-confirmed]');
    expect(stderr.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const told = JSON.parse((await callCli(['teardown', '--stack', prefix, '--json'])).stdout);
    expect(told).toMatchObject({ error: { code: 'teardown-not-confirmed' }, stack: `${prefix}-service` });
    expect(told.steps).toContain(`delete the stack ${prefix}-service`);
    expect(told.stays.join()).toContain(`the bucket ${prefix}-bucket`);
    expect(await stacks()).toHaveLength(3);
    expect((await ecs().send(new ListTasksCommand({ cluster: `${prefix}-cluster` }))).taskArns).toHaveLength(1);
  });

  it('takes the service down and keeps the data, in steps that a second call goes on with', async () => {
    await deploy();
    const options = await clientOptions();
    const teardown = teardownOf(options, 20);
    const facts = await teardown.look(prefix);
    expect(facts).toMatchObject({ executions: 1, tasks: 1, instances: 1, taskDefinitions: 1, groups: [`${prefix}-group`] });
    const told: string[] = [];
    // The first call is broken off after its first step, as by a Ctrl-C.
    const breakOff = {
      tell: () => {
        throw new Error('killed');
      },
      cancelRuns: async () => 1,
    };
    await expect(teardown.run(facts, false, breakOff)).rejects.toThrow('killed');

    const stopAll = async () => {
      // Stands for the API's cancel: the workflow ends by itself.
      const { StopExecutionCommand } = await import('@aws-sdk/client-sfn');
      const client = new SFNClient(emulator.clientConfig);
      const stateMachineArn = facts.stateMachines[0];
      const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }));
      for (const { executionArn } of executions) await client.send(new StopExecutionCommand({ executionArn }));
      return executions.length;
    };
    const again = await teardown.look(prefix);
    await teardown.run(again, false, { tell: (line) => void told.push(line), cancelRuns: stopAll });

    expect(told).toContain('stopped 1 task');
    expect(told).toContain('emptied 1 group of 1 instance');
    expect(told).toContain('deregistered 1 task definition');
    expect(await stacks()).toEqual([`${prefix}-data`]);
    const groups = await new AutoScalingClient(emulator.clientConfig).send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [`${prefix}-group`] }),
    );
    expect(groups.AutoScalingGroups).toEqual([]);
    const kept = await ecs().send(new ListTaskDefinitionsCommand({ familyPrefix: `${prefix}-service-two-ridge`, status: 'ACTIVE' }));
    expect(kept.taskDefinitionArns).toHaveLength(1);
    await new S3Client(emulator.clientConfig).send(new HeadBucketCommand({ Bucket: `${prefix}-bucket` }));

    // A third call finds nothing left to do.
    const third = await callCli(['teardown', '--stack', prefix, '--yes']);
    expect([third.exitCode, third.stdout]).toEqual([0, `nothing is left of ${prefix}-service\n`]);
    expect(third.stderr).toContain(`what stays:\n  - the bucket ${prefix}-bucket`);

    const withData = await callCli(['teardown', '--stack', prefix, '--data', '--yes', '--json']);
    expect(withData.exitCode).toBe(0);
    expect(JSON.parse(withData.stdout)).toMatchObject({
      stack: `${prefix}-service`,
      done: [expect.stringContaining('delete the bucket'), expect.stringContaining('delete the table'), `delete the stack ${prefix}-data`],
    });
    expect(await stacks()).toEqual([]);
    await expect(new S3Client(emulator.clientConfig).send(new HeadBucketCommand({ Bucket: `${prefix}-bucket` }))).rejects.toThrow();
    await expect(
      new DynamoDBClient(emulator.clientConfig).send(new DescribeTableCommand({ TableName: `${prefix}-table` })),
    ).rejects.toThrow();
  });

  it('touches no stack that is not ours', async () => {
    await cloudFormation().send(
      new CreateStackCommand({
        StackName: `${prefix}-production`,
        TemplateBody: JSON.stringify({ Resources: { Bucket: { Type: 'AWS::S3::Bucket' } } }),
      }),
    );

    const { exitCode, stderr } = await callCli(['teardown', '--stack', `${prefix}-production`, '--data', '--yes']);

    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('error[stack-not-bakeoff]')]);
    expect(await stacks()).toEqual([`${prefix}-production`]);
  });
});

describe('instances that are protected from scale-in', () => {
  it('are unprotected, also those that ECS protects meanwhile, before it is waited for their end', async () => {
    const sent: string[] = [];
    const instance = (id: string, isProtected: boolean) => ({ InstanceId: id, ProtectedFromScaleIn: isProtected });
    // What DescribeAutoScalingGroups answers from call to call, as AWS words it.
    const looks = [
      [instance('i-1', true), instance('i-2', false)],
      [instance('i-1', false), instance('i-2', true)],
      [instance('i-2', false)],
      [],
    ];
    const client = new AutoScalingClient(emulator.clientConfig);
    client.middlewareStack.add(
      (_next, context) => async (args) => {
        const name = (context.commandName ?? '').replace('Command', '');
        const input = args.input as { InstanceIds?: string[]; MaxSize?: number };
        sent.push(`${name} ${input.InstanceIds?.join() ?? input.MaxSize ?? ''}`.trim());
        const Instances = name === 'DescribeAutoScalingGroups' ? looks.shift() : [];
        const output = {
          AutoScalingGroups: [{ AutoScalingGroupName: 'g', MaxSize: 4, NewInstancesProtectedFromScaleIn: true, Instances }],
          $metadata: {},
        };
        return { output, response: {} };
      },
      { step: 'initialize' },
    );

    const emptied = await emptyGroups(client, ['g'], { everyMs: 1, sleep: async () => {}, nowMs: () => 0 });

    expect(emptied).toBe(2);
    expect(sent).toEqual([
      ...['DescribeAutoScalingGroups', 'UpdateAutoScalingGroup 0', 'SetInstanceProtection i-1'],
      ...['DescribeAutoScalingGroups', 'SetInstanceProtection i-2', 'DescribeAutoScalingGroups', 'DescribeAutoScalingGroups'],
    ]);
  });
});

describe('the plan of a teardown', () => {
  const facts = (given: Partial<TeardownFacts> = {}): TeardownFacts => ({
    ...{ serviceName: 'b-service', service: null, packageStacks: [], stateMachines: [], clusters: [], groups: [] },
    ...{ executions: 0, tasks: 0, instances: 0, taskDefinitions: 0, data: null },
    ...given,
  });

  it('has nothing to do where nothing is left', () => {
    expect(teardownSteps(facts(), true)).toEqual([]);
    expect(isServiceGone(facts())).toBe(true);
    expect(isServiceGone(facts({ taskDefinitions: 1 }))).toBe(false);
  });

  it('prices what stays, and says where the prices are from when the Region is another', () => {
    const size = { bytes: 100e9, versions: 3, isWhole: false };
    const data = { stackName: 'b-data', bucket: { name: 'b', size }, table: { name: 't', bytes: 2e9 } };

    const [bucket, table] = whatStays(facts({ data }), false, 'eu-west-1');

    expect(bucket).toMatch(
      /at least 100\.0 GB in 3 versions of objects, at least \$2\.30 a month \(price sheet of us-east-1, .*; eu-west-1 may differ\)/,
    );
    expect(table).toContain('2.0 GB, $0.50 a month');
    expect(whatStays(facts({ data }), true, 'eu-west-1').join()).not.toContain('bucket b');
  });

  it('names the data that it does not delete because no data stack made it', () => {
    const outputs = new Map([
      [STACK_OUTPUTS.bucket, 'adopted'],
      [STACK_OUTPUTS.table, 't'],
    ]);
    const service = { stackName: 'b-service', stackId: 'id', status: 'CREATE_COMPLETE', reason: null, outputs, isOurs: true };
    const data = { stackName: 'b-data', bucket: null, table: { name: 't', bytes: 0 } };

    const [adopted, ...rest] = whatStays(facts({ service, data }), true, 'us-east-1');

    expect(adopted).toBe('the bucket adopted: no data stack of this deployment is known to have made it, so it stays with --data, too');
    expect(rest).toHaveLength(1);
    expect(whatStays(facts({ service }), false, 'us-east-1')).toContain(
      'the table t: no data stack of this deployment is known to have made it, so it stays with --data, too',
    );
  });
});
