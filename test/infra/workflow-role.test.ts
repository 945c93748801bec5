/**
 * The state machine's role is written by hand, since the definition is raw. Here the CDK's own constructs generate one for the same
 * states, and every difference between the two is named.
 */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, Ec2TaskDefinition, NetworkMode } from 'aws-cdk-lib/aws-ecs';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, DistributedMap, IntegrationPattern, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { EcsEc2LaunchTarget, EcsRunTask, LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { describe, expect, it } from 'vitest';
import { flags, place } from './synth-fixture.ts';

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** What the CDK writes for a machine of these states. */
function generated(): Statement[] {
  const stack = new Stack(new App({ context: flags() }), 'generated');
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['us-east-1a'], publicSubnetIds: ['subnet-1'] });
  const cluster = Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'cluster', vpc, hasEc2Capacity: true });
  const taskDefinition = new Ec2TaskDefinition(stack, 'Task', { networkMode: NetworkMode.HOST });
  taskDefinition.addContainer('driver', { image: ContainerImage.fromRegistry('driver'), memoryLimitMiB: 64 });
  const step = new LambdaFunction(stack, 'Step', { runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromInline('0') });
  const runTask = new EcsRunTask(stack, 'Run task', {
    integrationPattern: IntegrationPattern.RUN_JOB,
    cluster,
    taskDefinition,
    launchTarget: new EcsEc2LaunchTarget(),
  });
  const jobs = new DistributedMap(stack, 'Jobs', {}).itemProcessor(
    new LambdaInvoke(stack, 'Advance', { lambdaFunction: step }).next(runTask),
  );
  new StateMachine(stack, 'Machine', {
    definitionBody: DefinitionBody.fromChainable(jobs),
    logs: { destination: new LogGroup(stack, 'Logs'), level: LogLevel.ERROR },
    tracingEnabled: true,
  });
  const { Resources } = Template.fromStack(stack).toJSON();
  return statementsOf(Resources, (id) => /^Machine/.test(id));
}

function ours(): Statement[] {
  return statementsOf(place().templates()['bakeoff-service']!.Resources, (id) => /^WorkflowRole/.test(id));
}

// biome-ignore lint/suspicious/noExplicitAny: a template is whatever was synthesised
function statementsOf(resources: Record<string, any>, isOne: (id: string) => boolean): Statement[] {
  return Object.entries(resources)
    .filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && isOne(id))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
}

function actionsOf(statements: readonly Statement[]): string[] {
  return [...new Set(statements.flatMap(({ Action }) => Action))].sort();
}

function withAction(statements: readonly Statement[], action: string): Statement {
  const found = statements.filter(({ Action }) => [Action].flat().includes(action));
  expect(found, action).toHaveLength(1);
  return found[0]!;
}

describe("the state machine's role, beside what the CDK's constructs generate", () => {
  const theirs = generated();
  const mine = ours();

  it('allows the same actions but for the named ones', () => {
    const [theirActions, myActions] = [actionsOf(theirs), actionsOf(mine)];
    expect(theirActions.filter((action) => !myActions.includes(action))).toEqual([
      // Redriving is not how we resume: a resume is a new execution.
      'states:RedriveExecution',
    ]);
    expect(myActions.filter((action) => !theirActions.includes(action))).toEqual([
      // "Run task" propagates the definition's tags, which an account may demand the right for.
      'ecs:TagResource',
    ]);
  });

  it('runs the families of the deployment, in its cluster alone, where the CDK names one definition and no cluster', () => {
    const { Resource, Condition } = withAction(mine, 'ecs:RunTask');
    expect(JSON.stringify(Resource)).toContain(':task-definition/bakeoff-service-*');
    expect(Condition).toEqual({ ArnEquals: { 'ecs:cluster': { 'Fn::GetAtt': ['FleetCluster72BE3312', 'Arn'] } } });
    expect(withAction(theirs, 'ecs:RunTask').Condition).toBeUndefined();
  });

  it('stops and describes tasks of its cluster, where the CDK allows every task', () => {
    expect(withAction(theirs, 'ecs:StopTask').Resource).toBe('*');
    expect(JSON.stringify(withAction(mine, 'ecs:StopTask').Resource)).toContain(':task/');
    expect(withAction(mine, 'ecs:DescribeTasks').Condition).toHaveProperty(['ArnEquals', 'ecs:cluster']);
  });

  it('passes two roles to ECS tasks alone, where the CDK does not say to whom', () => {
    const { Resource, Condition } = withAction(mine, 'iam:PassRole');
    expect(Resource).toHaveLength(2);
    expect(Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } });
    expect(withAction(theirs, 'iam:PassRole').Condition).toBeUndefined();
  });

  it("writes the same rule of the service's own", () => {
    expect(JSON.stringify(withAction(mine, 'events:PutRule').Resource)).toBe(JSON.stringify(withAction(theirs, 'events:PutRule').Resource));
  });

  it('calls its five functions as they are, where the CDK allows their versions too', () => {
    expect(withAction(mine, 'lambda:InvokeFunction').Resource).toHaveLength(5);
    expect(JSON.stringify(withAction(mine, 'lambda:InvokeFunction').Resource)).not.toContain(':*');
    expect(JSON.stringify(withAction(theirs, 'lambda:InvokeFunction').Resource)).toContain(':*');
  });

  it('starts itself, and describes and stops the executions of its map', () => {
    expect(JSON.stringify(withAction(mine, 'states:StartExecution').Resource)).toContain(':stateMachine:bakeoff-service"');
    const executions = JSON.stringify(withAction(mine, 'states:StopExecution').Resource);
    expect(executions).toContain(':execution:bakeoff-service:*');
    expect(executions).toContain(':execution:bakeoff-service/*');
  });
});
