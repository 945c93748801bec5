/**
 * The state machine of lib/workflow/definition.ts with its role and its log. lib/infra/service-stack.ts makes one; functions that start
 * or look at executions are given it.
 */
import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../core/environment-names.ts';
import { type StepFunctions, workflowDefinition } from '../workflow/definition.ts';
import { runTaskParameters } from '../workflow/run-task-parameters.ts';
import type { Capacity } from './capacity.ts';
import type { ServiceFunction } from './service-function.ts';
import { workflowRole } from './workflow-role.ts';

export interface WorkflowProps {
  readonly steps: Readonly<Record<keyof StepFunctions, ServiceFunction>>;
  readonly capacity: Capacity;
  readonly taskRoleArns: readonly string[];
  readonly logRetentionDays: RetentionDays;
}

export class Workflow extends Construct {
  /** Made from the name, so that the role may name the machine before there is one. */
  readonly arn: string;
  readonly name: string;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    const stack = Stack.of(this);
    this.name = stack.stackName;
    this.arn = stack.formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: this.name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const { steps, capacity } = props;
    const functions = {
      plan: steps.plan.lambda.functionArn,
      advance: steps.advance.lambda.functionArn,
      score: steps.score.lambda.functionArn,
      report: steps.report.lambda.functionArn,
      settle: steps.settle.lambda.functionArn,
    };
    const role = workflowRole(this, 'Role', {
      stateMachineName: this.name,
      clusterArn: capacity.clusterArn,
      clusterName: capacity.clusterName,
      familyPrefix: stack.stackName,
      taskRoleArns: props.taskRoleArns,
      functionArns: Object.values(functions),
    });
    // Log groups of vended logs share one policy of bounded size unless their names start so.
    const logs = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/vendedlogs/states/${this.name}`,
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const runTask = runTaskParameters({ cluster: capacity.clusterArn, capacity: capacity.hasProviders ? 'providers' : 'plain' });
    const machine = new CfnStateMachine(this, 'Machine', {
      stateMachineName: this.name,
      stateMachineType: 'STANDARD',
      roleArn: role.roleArn,
      definitionString: stack.toJsonString(workflowDefinition({ functions, runTaskParameters: runTask })),
      // Errors alone: the history of a standard execution is kept for 90 days anyway, and a log of every event would cost $0.50 per GB for
      // a second copy of it. No data: inputs and outputs are in the bucket.
      loggingConfiguration: {
        level: 'ERROR',
        includeExecutionData: false,
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logs.logGroupArn } }],
      },
      tracingConfiguration: { enabled: true },
    });
    // Creating a machine with a log or a ".sync" state fails while its role cannot do them yet.
    machine.node.addDependency(role);
    for (const resource of capacity.dependencies) machine.node.addDependency(resource);
  }

  /** Sets the variable, and lets the function start executions and ask how they go. */
  giveTo(fn: ServiceFunction): void {
    fn.set(ENVIRONMENT.stateMachine, this.arn);
    fn.allow(['states:StartExecution'], [this.arn]);
    const executions = Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${this.name}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    fn.allow(['states:DescribeExecution'], [executions]);
  }
}
