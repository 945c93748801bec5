/**
 * What tells people that something is wrong: alarms that name their entry of docs/runbook.md, and the topic that they go to. The metrics
 * are those that functions publish (lib/core/environment-names.ts) and the depth of the dead letters.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { METRICS, METRICS_NAMESPACE, type MetricName } from '../core/environment-names.ts';

export const RUNBOOK = 'docs/runbook.md';

export interface AlarmsProps {
  readonly deadLetters: IQueue;
  /** Null: the topic has no subscriber of ours. */
  readonly email: string | null;
}

interface AlarmFacts {
  /** Anchor in the runbook, and the construct's id. */
  readonly anchor: string;
  readonly says: string;
  readonly metric: IMetric;
}

export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { enforceSSL: true });
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com'), new ServicePrincipal('budgets.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.topic.stack.account } },
      }),
    );
    if (props.email !== null) {
      new Subscription(this, 'Email', { topic: this.topic, protocol: SubscriptionProtocol.EMAIL, endpoint: props.email });
    }
    for (const facts of alarmFacts(Stack.of(this).stackName, props.deadLetters)) this.add(facts);
  }

  /** Above zero within five minutes; no data is no trouble, since functions publish only when they run. */
  private add({ anchor, says, metric }: AlarmFacts): void {
    const alarm = new Alarm(this, anchor, {
      alarmDescription: `${says} See ${RUNBOOK}#${anchor}`,
      metric,
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
  }
}

function alarmFacts(stack: string, deadLetters: IQueue): AlarmFacts[] {
  return [
    { anchor: 'run-failed', says: 'A run ended as failed.', metric: ofFunctions(stack, METRICS.runsFailed) },
    {
      anchor: 'dead-letters',
      says: 'An event could not be handled and waits in the dead letters.',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: 'Maximum' }),
    },
    { anchor: 'task-cannot-start', says: 'A task could not be started.', metric: ofFunctions(stack, METRICS.taskCannotStart) },
    {
      anchor: 'instance-not-registered',
      says: 'An instance runs and has not joined the cluster within five minutes.',
      metric: ofFunctions(stack, METRICS.instancesNotRegistered),
    },
  ];
}

/** Of one deployment: its functions publish under the name of their stack, since another one may live in the same Region. */
export function ofFunctions(stack: string, metricName: MetricName): Metric {
  return new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service: stack },
    period: Duration.minutes(5),
    statistic: 'Sum',
  });
}
