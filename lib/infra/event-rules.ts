/**
 * The rules that call functions: an uploaded spec, a run cut off, a Spot warning, an instance that comes or goes. What a rule cannot
 * deliver ends in the dead letters. lib/infra/service-stack.ts makes them.
 */
import { Duration } from 'aws-cdk-lib';
import { type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Functions } from './functions.ts';
import type { ResultsBucket } from './results-bucket.ts';
import type { ServiceFunction } from './service-function.ts';
import type { Workflow } from './workflow.ts';

export interface EventRulesProps {
  readonly functions: Functions;
  readonly deadLetters: IQueue;
  readonly bucket: ResultsBucket;
  readonly workflow: Workflow;
  /** Started for every instance that starts to run. */
  readonly registrationWatch: IStateMachine;
}

/** S3 keys of specs. */
export const SPEC_KEYS = ['specs/*.yaml', 'specs/*.yml', 'specs/*.json'] as const;

export class EventRules extends Construct {
  private readonly deadLetters: IQueue;

  constructor(scope: Construct, id: string, props: EventRulesProps) {
    super(scope, id);
    this.deadLetters = props.deadLetters;
    const { functions, bucket, workflow } = props;
    this.call('SpecUploaded', functions.launcher, {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [bucket.name] }, object: { key: SPEC_KEYS.map((wildcard) => ({ wildcard })) } },
    });
    this.call('RunCutOff', functions.settle, {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      // Jobs are executions of `<machine>/Jobs`, another ARN.
      detail: { stateMachineArn: [workflow.arn], status: ['ABORTED', 'FAILED', 'TIMED_OUT'] },
    });
    // Neither event names a group or a cluster: the functions leave alone what is not ours.
    this.call('SpotWarning', functions['spot-interruption'], {
      source: ['aws.ec2'],
      detailType: ['EC2 Spot Instance Interruption Warning'],
    });
    this.call('InstanceChanged', functions['instance-lifecycle'], instanceEvents(['running', 'shutting-down', 'terminated']));
    const running = new Rule(this, 'InstanceRunning', { eventPattern: instanceEvents(['running']) });
    running.addTarget(new SfnStateMachine(props.registrationWatch, { deadLetterQueue: props.deadLetters }));
  }

  private call(id: string, fn: ServiceFunction, eventPattern: EventPattern): void {
    const rule = new Rule(this, id, { eventPattern });
    rule.addTarget(new LambdaFunction(fn.lambda, { deadLetterQueue: this.deadLetters, retryAttempts: 24, maxEventAge: Duration.hours(6) }));
  }
}

function instanceEvents(states: readonly string[]): EventPattern {
  return { source: ['aws.ec2'], detailType: ['EC2 Instance State-change Notification'], detail: { state: [...states] } };
}
