/** The dashboard that a deployment may ask for ($3 a month beyond the first three of an account): runs, cost, functions, capacity. */
import { Stack } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, Metric, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { METRICS } from '../core/environment-names.ts';
import { ofFunctions } from './alarms.ts';
import type { Functions } from './functions.ts';
import type { Workflow } from './workflow.ts';

export interface DashboardProps {
  readonly workflow: Workflow;
  readonly functions: Functions;
  readonly deadLetters: IQueue;
  readonly groupNames: readonly string[];
}

export function dashboard(scope: Construct, id: string, props: DashboardProps): Dashboard {
  const executions = (metricName: string) =>
    new Metric({ namespace: 'AWS/States', metricName, dimensionsMap: { StateMachineArn: props.workflow.arn }, statistic: 'Sum' });
  const instances = (AutoScalingGroupName: string) =>
    new Metric({ namespace: 'AWS/AutoScaling', metricName: 'GroupInServiceInstances', dimensionsMap: { AutoScalingGroupName } });
  const stack = Stack.of(scope).stackName;
  const lambdas = Object.values(props.functions).map(({ lambda }) => lambda);
  const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 12 });
  return new Dashboard(scope, id, {
    widgets: [
      [
        graph('Runs', ['ExecutionsStarted', 'ExecutionsSucceeded', 'ExecutionsFailed', 'ExecutionsAborted'].map(executions)),
        graph('Trouble', [
          ofFunctions(stack, METRICS.runsFailed),
          ofFunctions(stack, METRICS.taskCannotStart),
          ofFunctions(stack, METRICS.instancesNotRegistered),
          props.deadLetters.metricApproximateNumberOfMessagesVisible(),
        ]),
      ],
      [
        graph('Cost of runs, USD', [ofFunctions(stack, METRICS.runCostUsd)]),
        graph('Instances in service', props.groupNames.map(instances)),
      ],
      [
        graph(
          'Errors of functions',
          lambdas.map((fn) => fn.metricErrors()),
        ),
        graph(
          'Duration of functions',
          lambdas.map((fn) => fn.metricDuration()),
        ),
      ],
    ],
  });
}
