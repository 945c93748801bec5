/** Registers an image as a model. Called by the HTTP API for POST /v1/models alone: a right of its own. */
import { join } from 'node:path';
import { createApi } from '../lib/api/create-api.ts';
import { awsRegisterModel } from '../lib/compose/aws-register-model.ts';
import { environment } from '../lib/settings.ts';
import { answerGateway, gatewayRequestId } from './gateway/answer-gateway.ts';
import { telemetry } from './telemetry/observed-handler.ts';

const { log, observe } = telemetry();
const { ports, softwareVersion } = awsRegisterModel(environment(), join(import.meta.dirname, 'registry'), log);
const api = createApi(ports, { version: await softwareVersion(), requestIdOf: gatewayRequestId });

export const handler = observe((event) => answerGateway(event, api.fetch));
