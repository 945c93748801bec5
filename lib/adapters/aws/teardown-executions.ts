/** Teardown: no execution of the workflow goes on. Those that were cancelled are given time to write their report, then stopped. */
import { ListExecutionsCommand, type SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { explainAwsError, nameOf } from './explain-aws-error.ts';
import { type Pace, waitUntil } from './wait-until.ts';

const answerSchema = z.object({
  executions: z.array(z.object({ executionArn: z.string().min(1) })).default([]),
  nextToken: z.string().nullish(),
});

/** Arns of the executions that go on; none where the state machine is gone. */
export async function liveExecutions(client: SFNClient, stateMachineArn: string): Promise<string[]> {
  const arns: string[] = [];
  try {
    let token: string | undefined;
    do {
      const request = { stateMachineArn, statusFilter: 'RUNNING', ...(token === undefined ? {} : { nextToken: token }) } as const;
      const answer = answerSchema.parse(await client.send(new ListExecutionsCommand(request)));
      arns.push(...answer.executions.map(({ executionArn }) => executionArn));
      token = answer.nextToken ?? undefined;
    } while (token !== undefined);
    return arns;
  } catch (thrown) {
    if (nameOf(thrown) === 'StateMachineDoesNotExist') return [];
    throw explainAwsError(thrown, 'list the executions of the workflow');
  }
}

/** Returns how many had to be stopped because they did not end by themselves. */
export async function endExecutions(client: SFNClient, stateMachineArn: string, patienceMs: number, pace: Pace): Promise<number> {
  if (await waitUntil(async () => (await liveExecutions(client, stateMachineArn)).length === 0, patienceMs, pace)) return 0;
  const late = await liveExecutions(client, stateMachineArn);
  for (const executionArn of late) {
    const stop = { executionArn, error: 'Bakeoff.Teardown', cause: 'the deployment is being removed' };
    await client.send(new StopExecutionCommand(stop)).catch((thrown: unknown) => {
      throw explainAwsError(thrown, 'stop an execution of the workflow');
    });
  }
  return late.length;
}
