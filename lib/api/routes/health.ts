/** That the API answers. Its version is that of the document, so the CLI needs no other call to compare the two. */
import { z } from 'zod';
import { type ApiRoute, defineRoute } from '../route.ts';
import { healthSchema } from '../schemas/health.ts';

const getHealth = defineRoute({
  method: 'get',
  path: '/v1/health',
  operationId: 'getHealth',
  tag: 'service',
  summary: 'Say that the API answers, and which version it is',
  params: z.strictObject({}),
  query: z.strictObject({}),
  success: { status: 200, schema: healthSchema, description: 'The API answers' },
  problems: ['not-acceptable'],
  cache: 'no-store',
  handle: async ({ version }) => ({ kind: 'json', body: { status: 'ok' as const, version } }),
});

export const HEALTH_ROUTES: readonly ApiRoute[] = [getHealth];
