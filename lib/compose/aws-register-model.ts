/**
 * The API's ports for the registration of models alone: the one function that may register task definitions has no other right.
 * lambdas/register-model.ts is its only caller.
 */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { readRegistryBundle } from '../adapters/aws/bundled-registry.ts';
import { dynamoModelStore } from '../adapters/aws/dynamo-model-store.ts';
import { registerImage } from '../adapters/aws/registered-image.ts';
import type { ApiPorts } from '../api/ports.ts';
import { BakeoffError } from '../core/errors.ts';
import { placePackage } from '../core/place-package.ts';
import { FUNCTION_CLIENT } from './aws-client-settings.ts';
import { systemClock } from './clock.ts';
import { fleetSetting } from './fleet-setting.ts';
import type { FunctionLog } from './function-log.ts';
import { functionSettings, readFunctionSettings } from './function-settings.ts';
import { notHere } from './not-here.ts';
import { taskTemplateSchema } from './task-template-setting.ts';

const wanted = functionSettings
  .pick({ table: true, stack: true, allowedRegistries: true })
  .extend({ ...fleetSetting, taskTemplate: functionSettings.shape.taskTemplate.pipe(taskTemplateSchema) });

export interface AwsRegistration {
  readonly ports: ApiPorts;
  readonly softwareVersion: () => Promise<string>;
}

export function awsRegisterModel(environment: NodeJS.ProcessEnv, bundle: string, log: FunctionLog): AwsRegistration {
  const settings = readFunctionSettings(environment, wanted);
  const models = dynamoModelStore({ client: new DynamoDBClient(FUNCTION_CLIENT), table: settings.table });
  const clients = { ecs: new ECSClient(FUNCTION_CLIENT), ecr: new ECRClient(FUNCTION_CLIENT) };
  const none = (name: string): never => notHere(name)();
  const ports: ApiPorts = {
    registerModel: async (request) => {
      const { packages } = await readRegistryBundle(bundle);
      const placed = placePackage(request.manifest.requirements, { class: 'auto' }, settings.fleet);
      if (placed.kind === 'unfit') throw noClassFits(placed.message);
      const bundledIds = new Set(packages.map(({ manifest }) => manifest.id));
      const { stack, allowedRegistries, taskTemplate: template } = settings;
      return registerImage(request, { ...clients, models, clock: systemClock, bundledIds, stack, allowedRegistries, template });
    },
    objects: {
      ...{ get: notHere('get'), read: notHere('read'), list: notHere('list'), put: notHere('put'), putFile: notHere('putFile') },
      ...{ remove: notHere('remove'), localPath: notHere('localPath'), releaseLocal: notHere('releaseLocal') },
    },
    runs: {
      ...{ getRun: notHere('getRun'), listRuns: notHere('listRuns'), getJob: notHere('getJob'), listJobs: notHere('listJobs') },
      ...{ listBeats: notHere('listBeats'), listMetrics: notHere('listMetrics') },
    },
    index: { newestRuns: notHere('newestRuns'), leaderboard: notHere('leaderboard'), modelHistory: notHere('modelHistory') },
    readRegistry: notHere('readRegistry'),
    listImages: models.listImages,
    runIdOf: () => none('runIdOf'),
    launch: notHere('launch'),
    cancel: notHere('cancel'),
    resume: notHere('resume'),
    evaluate: notHere('evaluate'),
    instances: null,
    isInterrupted: () => false,
    signLink: notHere('signLink'),
    clock: systemClock,
    newRequestId: randomUUID,
    log: ({ cause, ...entry }) => (entry.status >= 500 ? log.warn('answered', { ...entry, cause }) : log.info('answered', { ...entry })),
  };
  return { ports, softwareVersion: async () => (await readRegistryBundle(bundle)).softwareVersion };
}

function noClassFits(message: string): BakeoffError {
  return new BakeoffError({
    code: 'no-class-fits',
    message: `the model ${message}`,
    remedy: 'Lower its requirements, or add a larger class to the fleet of the deployment.',
  });
}
