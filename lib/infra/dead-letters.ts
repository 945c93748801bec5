/**
 * The one queue of events that could not be handled: rules put there what they could not deliver, functions what failed for good. A
 * message names its rule or function, and one alarm watches it. lib/infra/service-stack.ts makes one.
 */
import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** Kept for two weeks, the most that SQS allows: a weekend and a holiday pass before it matters. */
export function deadLetters(scope: Construct, id: string): Queue {
  return new Queue(scope, id, { retentionPeriod: Duration.days(14), enforceSSL: true, encryption: QueueEncryption.SQS_MANAGED });
}
