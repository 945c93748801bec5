/**
 * Asks, five minutes after an instance has started to run, whether it has joined the cluster: an instance whose start-up failed costs
 * money and does nothing, and nothing else tells. The function publishes the metric that an alarm watches. A state machine waits, because
 * a queue would be polled day and night.
 */
import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnStateMachine, StateMachine, type IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';

export interface RegistrationWatchProps {
  readonly check: ServiceFunction;
}

const WAIT = Duration.minutes(5);

export class RegistrationWatch extends Construct {
  /** Takes the event of an instance that runs, as EventBridge sends it. */
  readonly machine: IStateMachine;

  constructor(scope: Construct, id: string, { check }: RegistrationWatchProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const { account, partition, region } = stack;
    const name = `${stack.stackName}-registration`;
    const arn = stack.formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const role = new Role(this, 'Role', {
      description: 'Waits for instances of Bakeoff to join their cluster',
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:${partition}:states:${region}:${account}:stateMachine:${name}` },
        },
      }),
    });
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [check.lambda.functionArn] }));
    const machine = new CfnStateMachine(this, 'Machine', {
      stateMachineName: name,
      stateMachineType: 'STANDARD',
      roleArn: role.roleArn,
      definitionString: stack.toJsonString(registrationWatchDefinition(check.lambda.functionArn)),
    });
    machine.node.addDependency(role);
    this.machine = StateMachine.fromStateMachineArn(this, 'Reference', arn);
  }
}

/** Wait, then ask; three transitions an instance, $0.000075. */
export function registrationWatchDefinition(functionArn: string): object {
  return {
    Comment: 'Bakeoff: has a new instance joined the cluster?',
    StartAt: 'Wait',
    States: {
      Wait: { Type: 'Wait', Seconds: WAIT.toSeconds(), Next: 'Check' },
      Check: {
        Type: 'Task',
        Resource: functionArn,
        TimeoutSeconds: 60,
        Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 10, MaxAttempts: 5, BackoffRate: 2 }],
        End: true,
      },
    },
  };
}
