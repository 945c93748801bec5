/** Asks whether machines that began to run five minutes ago have joined the cluster. lambdas/registration-check.ts is its only caller. */
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { findInstance } from '../adapters/aws/ec2-instances.ts';
import { ecsMachines } from '../adapters/aws/ecs-machines.ts';
import { checkRegistrations } from '../workflow/check-registrations.ts';
import { FUNCTION_CLIENT } from './aws-client-settings.ts';
import { functionSettings, readFunctionSettings } from './function-settings.ts';

export function awsRegistrationCheck(environment: NodeJS.ProcessEnv) {
  const { cluster, stack } = readFunctionSettings(environment, functionSettings.pick({ cluster: true, stack: true }));
  const ec2 = new EC2Client(FUNCTION_CLIENT);
  const { findByInstanceId } = ecsMachines({ client: new ECSClient(FUNCTION_CLIENT), cluster });
  return (event: unknown) => checkRegistrations(event, { findByInstanceId, findInstance: (id) => findInstance(ec2, stack, id) });
}
