/** The API's ports on AWS, for all routes but the registration of models. lambdas/api.ts is its only caller. */
import { randomUUID } from 'node:crypto';
import { ECSClient } from '@aws-sdk/client-ecs';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { dynamoInstanceStore } from '../adapters/aws/dynamo-instance-store.ts';
import { dynamoModelStore } from '../adapters/aws/dynamo-model-store.ts';
import { dynamoRunIndex } from '../adapters/aws/dynamo-run-index.ts';
import { ecsTaskStopper } from '../adapters/aws/ecs-task-stopper.ts';
import { stepFunctionsExecutions } from '../adapters/aws/step-functions-executions.ts';
import type { ApiPorts } from '../api/ports.ts';
import { suiteNameOf } from '../core/parse-spec.ts';
import { cancelRun } from '../workflow/cancel-run.ts';
import { launchRun } from '../workflow/launch-run.ts';
import { resumeRun } from '../workflow/resume-run.ts';
import { startEvaluation } from '../workflow/start-evaluation.ts';
import { runIdOfKey } from '../workflow/run-id.ts';
import { awsEvents } from './aws-events.ts';
import { type AwsRegistry, awsRegistry } from './aws-registry.ts';
import { FUNCTION_CLIENT } from './aws-client-settings.ts';
import { awsStores } from './aws-stores.ts';
import { systemClock } from './clock.ts';
import { fleetSetting } from './fleet-setting.ts';
import type { FunctionLog } from './function-log.ts';
import { functionSettings, readFunctionSettings } from './function-settings.ts';
import { notHere } from './not-here.ts';

const wanted = functionSettings.pick({ bucket: true, table: true, cluster: true, stateMachine: true, eventBus: true }).extend(fleetSetting);

export interface AwsApi {
  readonly ports: ApiPorts;
  readonly registry: AwsRegistry;
}

export function awsApi(environment: NodeJS.ProcessEnv, bundle: string, log: FunctionLog): AwsApi {
  const settings = readFunctionSettings(environment, wanted);
  const { s3, dynamo, objects, runs } = awsStores(settings);
  const tableOptions = { client: dynamo, table: settings.table };
  const executions = stepFunctionsExecutions({ client: new SFNClient(FUNCTION_CLIENT), stateMachineArn: settings.stateMachine });
  const stopper = ecsTaskStopper({ client: new ECSClient(FUNCTION_CLIENT), cluster: settings.cluster });
  const models = dynamoModelStore(tableOptions);
  const registry = awsRegistry({ folder: bundle, objects, models });
  const events = awsEvents(settings.eventBus, log);
  const index = dynamoRunIndex(tableOptions);
  const instances = dynamoInstanceStore(tableOptions);
  const clock = systemClock;
  const readRegistry = (specText: string | Uint8Array | null) => registry.read(specText === null ? null : suiteNameOf(specText));
  const launchPorts = { objects, runs, executions, events, clock, readRegistry, fleet: settings.fleet };
  const ports: ApiPorts = {
    ...{ objects, runs, index, clock, readRegistry, listImages: models.listImages, fleet: settings.fleet },
    runIdOf: (idempotencyKey) => runIdOfKey({ idempotencyKey: idempotencyKey ?? randomUUID() }),
    launch: async (request) => launchRun(request, { ...launchPorts, softwareVersion: await registry.softwareVersion() }),
    cancel: (runId) => cancelRun(runId, { runs, stopper, clock }),
    resume: (runId) => resumeRun(runId, { runs, executions, clock }),
    evaluate: async (runId, wish) => {
      const [known, softwareVersion] = await Promise.all([registry.read(null), registry.softwareVersion()]);
      return startEvaluation(runId, wish, { objects, runs, executions, clock, registry: known, fleet: settings.fleet, softwareVersion });
    },
    registerModel: notHere('registerModel'),
    instances,
    isInterrupted: () => false,
    signsPages: true,
    signLink: ({ key, contentType, seconds }) => {
      const command = new GetObjectCommand({ Bucket: settings.bucket, Key: key, ResponseContentType: contentType });
      return getSignedUrl(s3, command, { expiresIn: seconds });
    },
    newRequestId: randomUUID,
    log: ({ cause, ...entry }) => (entry.status >= 500 ? log.warn('answered', { ...entry, cause }) : log.info('answered', { ...entry })),
  };
  return { ports, registry };
}
