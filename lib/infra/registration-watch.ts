/**
 * Asks, five minutes after an instance has started to run, whether it has joined the cluster: an instance whose start-up failed costs
 * money and does nothing, and nothing else tells. The function publishes the metric that an alarm watches.
 */
import { Duration } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';

export interface RegistrationWatchProps {
  readonly check: ServiceFunction;
  readonly deadLetters: IQueue;
}

export class RegistrationWatch extends Construct {
  readonly newInstances: Queue;

  constructor(scope: Construct, id: string, { check, deadLetters }: RegistrationWatchProps) {
    super(scope, id);
    this.newInstances = new Queue(this, 'NewInstances', {
      deliveryDelay: Duration.minutes(5),
      // Six times the function's time-out, as the Lambda guide advises.
      visibilityTimeout: Duration.minutes(6),
      retentionPeriod: Duration.hours(6),
      enforceSSL: true,
      encryption: QueueEncryption.SQS_MANAGED,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 3 },
    });
    check.lambda.addEventSource(new SqsEventSource(this.newInstances, { batchSize: 1 }));
  }
}
