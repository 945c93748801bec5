/**
 * What the state machine may do. CDK writes such a role only for states made of its own constructs; our definition is raw, so the role is
 * ours, and a test compares it with what those constructs would have generated. lib/infra/workflow.ts makes one.
 */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

export interface WorkflowRoleProps {
  readonly stateMachineName: string;
  readonly clusterArn: string;
  readonly clusterName: string;
  /** Every family of ours starts with it and a hyphen. */
  readonly familyPrefix: string;
  readonly taskRoleArns: readonly string[];
  readonly functionArns: readonly string[];
}

/** Rule of the service's own that tells it when a task of ".sync" has ended. */
const ECS_EVENTS_RULE = 'StepFunctionsGetEventsForECSTaskRule';

export function workflowRole(scope: Construct, id: string, props: WorkflowRoleProps): Role {
  const { account, partition, region } = Stack.of(scope);
  const description = 'Workflow of Bakeoff: runs tasks, calls steps, starts its own map executions';
  // Confused deputy: only state machines of this account and Region, as the Step Functions guide advises.
  const assumedBy = new ServicePrincipal('states.amazonaws.com', {
    conditions: {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': `arn:${partition}:states:${region}:${account}:stateMachine:${props.stateMachineName}*` },
    },
  });
  const role = new Role(scope, id, { assumedBy, description });
  for (const statement of statements(Stack.of(scope), props)) role.addToPolicy(statement);
  return role;
}

function statements(stack: Stack, props: WorkflowRoleProps): PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [...props.functionArns] }),
    ...taskStatements(stack, props),
    ...mapStatements(stack, props.stateMachineName),
    // Log delivery and tracing know no resources (Step Functions guide, "Logging using CloudWatch Logs" and "Trace with X-Ray").
    new PolicyStatement({
      actions: [
        ...['logs:CreateLogDelivery', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery', 'logs:DeleteLogDelivery', 'logs:ListLogDeliveries'],
        ...['logs:PutResourcePolicy', 'logs:DescribeResourcePolicies', 'logs:DescribeLogGroups'],
        ...['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
      ],
      resources: ['*'],
    }),
  ];
}

function taskStatements(stack: Stack, props: WorkflowRoleProps): PolicyStatement[] {
  const inCluster = { ArnEquals: { 'ecs:cluster': props.clusterArn } };
  const definitions = stack.formatArn({ service: 'ecs', resource: 'task-definition', resourceName: `${props.familyPrefix}-*` });
  const tasks = stack.formatArn({ service: 'ecs', resource: 'task', resourceName: `${props.clusterName}/*` });
  const rule = stack.formatArn({ service: 'events', resource: 'rule', resourceName: ECS_EVENTS_RULE });
  return [
    new PolicyStatement({ actions: ['ecs:RunTask'], resources: [definitions], conditions: inCluster }),
    new PolicyStatement({ actions: ['ecs:StopTask', 'ecs:DescribeTasks'], resources: [tasks], conditions: inCluster }),
    // "Run task" propagates the definition's tags to the task.
    new PolicyStatement({
      actions: ['ecs:TagResource'],
      resources: [tasks],
      conditions: { StringEquals: { 'ecs:CreateAction': 'RunTask' } },
    }),
    new PolicyStatement({ actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], resources: [rule] }),
    new PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [...props.taskRoleArns],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    }),
  ];
}

/** The distributed map starts each job as an execution of the same machine, `<name>/Jobs:<uuid>`. */
function mapStatements(stack: Stack, name: string): PolicyStatement[] {
  const arn = (resource: string, suffix: string) =>
    stack.formatArn({ service: 'states', resource, resourceName: `${name}${suffix}`, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  return [
    new PolicyStatement({ actions: ['states:StartExecution'], resources: [arn('stateMachine', '')] }),
    new PolicyStatement({
      actions: ['states:DescribeExecution', 'states:StopExecution'],
      resources: [arn('execution', ':*'), arn('execution', '/*')],
    }),
  ];
}
