/** The launcher with its adapters: reads the spec that was uploaded, and launches its run. lambdas/launcher.ts is its only caller. */
import { SFNClient } from '@aws-sdk/client-sfn';
import { dynamoModelStore } from '../adapters/aws/dynamo-model-store.ts';
import { readSpecObject } from '../adapters/aws/read-spec-object.ts';
import { stepFunctionsExecutions } from '../adapters/aws/step-functions-executions.ts';
import { suiteNameOf } from '../core/parse-spec.ts';
import { specObjectOf } from '../core/spec-object.ts';
import { type Launched, launchRun } from '../workflow/launch-run.ts';
import { runIdOfObject } from '../workflow/run-id.ts';
import { awsEvents } from './aws-events.ts';
import { awsRegistry } from './aws-registry.ts';
import { FUNCTION_CLIENT } from './aws-client-settings.ts';
import { awsStores } from './aws-stores.ts';
import { systemClock } from './clock.ts';
import { fleetSetting } from './fleet-setting.ts';
import type { FunctionLog } from './function-log.ts';
import { functionSettings, readFunctionSettings } from './function-settings.ts';

export type LaunchEnd = Launched | { readonly kind: 'ignored'; readonly reason: string };

const wanted = functionSettings.pick({ bucket: true, table: true, stateMachine: true, eventBus: true }).extend(fleetSetting);

/** Takes the event of an upload; throws what the services throw, so that the event comes again. */
export function awsLauncher(environment: NodeJS.ProcessEnv, bundle: string, log: FunctionLog): (event: unknown) => Promise<LaunchEnd> {
  const settings = readFunctionSettings(environment, wanted);
  const { s3, dynamo, objects, runs } = awsStores(settings);
  const executions = stepFunctionsExecutions({ client: new SFNClient(FUNCTION_CLIENT), stateMachineArn: settings.stateMachine });
  const registry = awsRegistry({ folder: bundle, objects, models: dynamoModelStore({ client: dynamo, table: settings.table }) });
  const events = awsEvents(settings.eventBus, log);
  return async (event) => {
    const upload = specObjectOf(event);
    if ('ignored' in upload) return { kind: 'ignored', reason: upload.ignored };
    if (upload.bucket !== settings.bucket) return { kind: 'ignored', reason: 'the bucket is not that of this deployment' };
    const specText = await readSpecObject(s3, upload);
    if (specText === null) return { kind: 'ignored', reason: 'the object was deleted before it was read' };
    try {
      return await launchRun(
        { runId: runIdOfObject(upload), specText, fileName: upload.key },
        {
          ...{ objects, runs, executions, events, clock: systemClock, fleet: settings.fleet },
          readRegistry: (text) => registry.read(suiteNameOf(text)),
          softwareVersion: await registry.softwareVersion(),
        },
      );
    } finally {
      await registry.release();
    }
  };
}
