/** The Advance step with its adapters. lambdas/advance.ts is its only caller. */
import { ECSClient } from '@aws-sdk/client-ecs';
import { ecsMachines } from '../adapters/aws/ecs-machines.ts';
import { readTaskEnd } from '../adapters/aws/ecs-task-facts.ts';
import { ecsTaskStopper } from '../adapters/aws/ecs-task-stopper.ts';
import { type AdvanceAnswer, advanceStep } from '../workflow/steps/advance-step.ts';
import { advanceInputSchema } from '../workflow/steps/step-input.ts';
import { FUNCTION_CLIENT } from './aws-client-settings.ts';
import { awsStores } from './aws-stores.ts';
import { functionSettings, readFunctionSettings } from './function-settings.ts';

const wanted = functionSettings.pick({ bucket: true, table: true, cluster: true });

/** `onCannotStart` is told of every task that the deployment could not start, by the failure's code. */
export function awsAdvance(
  environment: NodeJS.ProcessEnv,
  onCannotStart: (code: string) => void,
): (event: unknown) => Promise<AdvanceAnswer> {
  const { cluster, ...places } = readFunctionSettings(environment, wanted);
  const { objects, runs } = awsStores(places);
  const ecs = { client: new ECSClient(FUNCTION_CLIENT), cluster };
  const stopper = ecsTaskStopper(ecs);
  const { instanceIdOf } = ecsMachines(ecs);
  return (event) =>
    advanceStep(advanceInputSchema.parse(event), {
      ...{ objects, runs, compute: stopper },
      cluster: { stopper, budget: runs, readTaskEnd, instanceIdOf, onCannotStart },
    });
}
