/** Notes when machines of the fleet come and go. lambdas/instance-lifecycle.ts is its only caller. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { dynamoInstanceStore } from '../adapters/aws/dynamo-instance-store.ts';
import { findInstance } from '../adapters/aws/ec2-instances.ts';
import { noteInstance } from '../workflow/note-instance.ts';
import { FUNCTION_CLIENT } from './aws-client-settings.ts';
import { functionSettings, readFunctionSettings } from './function-settings.ts';

export function awsInstanceLifecycle(environment: NodeJS.ProcessEnv) {
  const { table, stack } = readFunctionSettings(environment, functionSettings.pick({ table: true, stack: true }));
  const instances = dynamoInstanceStore({ client: new DynamoDBClient(FUNCTION_CLIENT), table });
  const ec2 = new EC2Client(FUNCTION_CLIENT);
  return (event: unknown) => noteInstance(event, { instances, findInstance: (id) => findInstance(ec2, stack, id) });
}
