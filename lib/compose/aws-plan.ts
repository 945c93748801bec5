/** The Plan step with its adapters. lambdas/plan.ts is its only caller. */
import { ECSClient } from '@aws-sdk/client-ecs';
import { dynamoModelStore } from '../adapters/aws/dynamo-model-store.ts';
import { dynamoRunIndex } from '../adapters/aws/dynamo-run-index.ts';
import { ecsTaskDefinitions } from '../adapters/aws/ecs-task-definitions.ts';
import { storeSuiteFile } from '../adapters/local/store-suite-file.ts';
import { type PlanAnswer, planStep } from '../workflow/steps/plan-step.ts';
import { runInputSchema } from '../workflow/steps/step-input.ts';
import { awsEvents } from './aws-events.ts';
import { awsRegistry } from './aws-registry.ts';
import { FUNCTION_CLIENT } from './aws-client-settings.ts';
import { awsStores } from './aws-stores.ts';
import { systemClock } from './clock.ts';
import { fleetSetting } from './fleet-setting.ts';
import type { FunctionLog } from './function-log.ts';
import { functionSettings, readFunctionSettings } from './function-settings.ts';

const wanted = functionSettings.pick({ bucket: true, table: true, eventBus: true, stack: true }).extend(fleetSetting);

export function awsPlan(environment: NodeJS.ProcessEnv, bundle: string, log: FunctionLog): (event: unknown) => Promise<PlanAnswer> {
  const { table, eventBus, ...settings } = readFunctionSettings(environment, wanted);
  const { dynamo, objects, runs } = awsStores({ bucket: settings.bucket, table });
  const models = dynamoModelStore({ client: dynamo, table });
  const registry = awsRegistry({ folder: bundle, objects, models });
  const events = awsEvents(eventBus, log);
  const cluster = {
    taskDefinitions: ecsTaskDefinitions(new ECSClient(FUNCTION_CLIENT)),
    index: dynamoRunIndex({ client: dynamo, table }),
    ...{ models, fleet: settings.fleet, stack: settings.stack },
  };
  return async (event) => {
    try {
      return await planStep(runInputSchema.parse(event), {
        ...{ objects, runs, events, clock: systemClock, cluster },
        readRegistry: (spec) => registry.read(spec.suite ?? null),
        storeSuiteFile: (folder, file) => storeSuiteFile(objects, folder, file),
        softwareVersion: await registry.softwareVersion(),
      });
    } finally {
      await registry.release();
    }
  };
}
