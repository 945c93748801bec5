/**
 * The Executions port on Step Functions. An execution's name is taken for 90 days, which is what makes a second start harmless.
 */
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Executions } from '../../core/ports.ts';

export interface StepFunctionsOptions {
  readonly client: Pick<SFNClient, 'send'>;
  readonly stateMachineArn: string;
}

/**
 * The ARN of an execution follows from its state machine's and its name. The same name with the same input answers 200 while the
 * execution goes on: that counts as `started`, and harms nobody.
 */
export function stepFunctionsExecutions({ client, stateMachineArn }: StepFunctionsOptions): Executions {
  const arnOf = (name: string): string => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  return {
    start: async (name, input) => {
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
        return 'started';
      } catch (error) {
        if (error instanceof ExecutionAlreadyExists) return 'exists';
        throw error;
      }
    },
    isLive: async (name) => {
      try {
        const { status } = await client.send(new DescribeExecutionCommand({ executionArn: arnOf(name) }));
        return status === 'RUNNING' || status === 'PENDING_REDRIVE';
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return false;
        throw error;
      }
    },
  };
}
