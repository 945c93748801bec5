/**
 * Stops the tasks of a machine that Spot takes back: draining stops service tasks only, ours would be cut off without a flush. Only
 * lambdas/spot-interruption.ts calls it.
 */
import { ECSClient } from '@aws-sdk/client-ecs';
import { ecsMachines } from '../adapters/aws/ecs-machines.ts';
import { stopInterrupted } from '../workflow/stop-interrupted.ts';
import { SDK_RETRY } from './aws-stores.ts';
import { functionSettings, readFunctionSettings } from './function-settings.ts';

export function awsSpotInterruption(environment: NodeJS.ProcessEnv) {
  const { cluster } = readFunctionSettings(environment, functionSettings.pick({ cluster: true }));
  const machines = ecsMachines({ client: new ECSClient(SDK_RETRY), cluster });
  return (event: unknown) => stopInterrupted(event, machines);
}
