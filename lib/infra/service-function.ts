/**
 * One Lambda function as every function of the service is: Node 24 on arm64 from a bundle made beforehand, a log group with retention,
 * tracing, a time-out and a memory size. Other constructs hand themselves to it by `set` and `allow`.
 */
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IGrantable, type IPrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { METRICS_NAMESPACE, METRICS_SERVICE } from '../core/environment-names.ts';

export interface ServiceFunctionProps {
  /** Name of the function: the folder of its bundle, and how logs and docs call it. */
  readonly name: string;
  readonly description: string;
  /** Folder with one folder per function. */
  readonly functionsFolder: string;
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  readonly logRetentionDays: RetentionDays;
  /** Only where events call it: where to put an event that failed for good, and how long it stays worth trying. */
  readonly asynchronous?: { readonly deadLetters: IQueue; readonly maxAgeMinutes: number };
}

export class ServiceFunction extends Construct implements IGrantable {
  readonly lambda: LambdaFunction;
  readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', { retention: props.logRetentionDays, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com'), description: props.description });
    role.addToPolicy(new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }));
    this.grantPrincipal = role;
    this.lambda = new LambdaFunction(this, 'Function', {
      description: props.description,
      role,
      code: Code.fromAsset(join(props.functionsFolder, props.name)),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMiB,
      timeout: Duration.seconds(props.timeoutSeconds),
      tracing: Tracing.ACTIVE,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      environment: {
        POWERTOOLS_SERVICE_NAME: METRICS_SERVICE,
        POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE,
      },
      ...(props.asynchronous === undefined ? {} : asynchronousOptions(props.asynchronous)),
    });
  }

  set(name: string, value: string): void {
    this.lambda.addEnvironment(name, value);
  }

  allow(actions: readonly string[], resources: readonly string[], conditions: Readonly<Record<string, unknown>> = {}): void {
    this.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources], conditions }));
  }
}

function asynchronousOptions({ deadLetters, maxAgeMinutes }: NonNullable<ServiceFunctionProps['asynchronous']>) {
  return { retryAttempts: 2, maxEventAge: Duration.minutes(maxAgeMinutes), onFailure: new SqsDestination(deadLetters) } as const;
}
