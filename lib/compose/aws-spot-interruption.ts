/**
 * Stops the tasks of a machine that Spot takes back: draining stops service tasks only, ours would be cut off without a flush. Only
 * lambdas/spot-interruption.ts calls it.
 */
import { ECSClient } from '@aws-sdk/client-ecs';
import { ecsMachines } from '../adapters/aws/ecs-machines.ts';
import { stopInterrupted } from '../workflow/stop-interrupted.ts';
import { FUNCTION_CLIENT } from './aws-client-settings.ts';
import { functionSettings, readFunctionSettings } from './function-settings.ts';

export function awsSpotInterruption(environment: NodeJS.ProcessEnv) {
  const { cluster } = readFunctionSettings(environment, functionSettings.pick({ cluster: true }));
  const machines = ecsMachines({ client: new ECSClient(FUNCTION_CLIENT), cluster });
  return (event: unknown) => stopInterrupted(event, machines);
}
