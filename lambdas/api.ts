/** Answers the routes of the API, all but the registration of models. Called by the HTTP API. */
import { join } from 'node:path';
import { createApi } from '../lib/api/create-api.ts';
import { awsApi } from '../lib/compose/aws-api.ts';
import { environment } from '../lib/settings.ts';
import { answerGateway, gatewayRequestId } from './gateway/answer-gateway.ts';
import { telemetry } from './telemetry/observed-handler.ts';

const { log, observe } = telemetry();
const { ports, registry } = awsApi(environment(), join(import.meta.dirname, 'registry'), log);
const api = createApi(ports, { version: await registry.softwareVersion(), requestIdOf: gatewayRequestId });

export const handler = observe(async (event) => {
  try {
    return await answerGateway(event, api.fetch);
  } finally {
    await registry.release();
  }
});
