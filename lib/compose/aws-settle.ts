/** The Settle step with its adapters, for the workflow's own call and for the end of its execution. lambdas/settle.ts is its only caller. */
import { ECSClient } from '@aws-sdk/client-ecs';
import { ecsTaskStopper } from '../adapters/aws/ecs-task-stopper.ts';
import { endedExecution } from '../workflow/ended-execution.ts';
import { type SettleAnswer, settleStep } from '../workflow/steps/settle-step.ts';
import { settleInputSchema } from '../workflow/steps/step-input.ts';
import { awsEvents } from './aws-events.ts';
import { FUNCTION_CLIENT } from './aws-client-settings.ts';
import { awsStores } from './aws-stores.ts';
import { systemClock } from './clock.ts';
import type { FunctionLog } from './function-log.ts';
import { functionSettings, readFunctionSettings } from './function-settings.ts';

const wanted = functionSettings.pick({ bucket: true, table: true, cluster: true, eventBus: true });

/** Null for an event that is none of ours. */
export function awsSettle(environment: NodeJS.ProcessEnv, log: FunctionLog): (event: unknown) => Promise<SettleAnswer | null> {
  const settings = readFunctionSettings(environment, wanted);
  const { runs } = awsStores(settings);
  const stopper = ecsTaskStopper({ client: new ECSClient(FUNCTION_CLIENT), cluster: settings.cluster });
  const cluster = { stopper, events: awsEvents(settings.eventBus, log) };
  return async (event) => {
    const called = settleInputSchema.safeParse(event);
    const input = called.success ? called.data : endedExecution(event);
    return input === null ? null : settleStep(input, { runs, clock: systemClock, cluster });
  };
}
