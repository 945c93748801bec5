/** The suites that a spec can name. */
import { z } from 'zod';
import { pageById } from '../id-page.ts';
import { type ApiRoute, defineRoute } from '../route.ts';
import { pageQuerySchema } from '../schemas/page.ts';
import { suitePageSchema } from '../schemas/suite.ts';

const listSuites = defineRoute({
  method: 'get',
  path: '/v1/suites',
  operationId: 'listSuites',
  tag: 'suites',
  summary: 'List the suites that a spec can name, by id',
  params: z.strictObject({}),
  query: pageQuerySchema,
  success: { status: 200, schema: suitePageSchema, description: 'A page of suites' },
  problems: ['bad-cursor', 'not-acceptable'],
  handle: async ({ query }, ports) => {
    const { suites } = await ports.readRegistry(null);
    const all = [...suites.values()].map(({ manifest, digest, itemCount }) => {
      const { id, version, title, description, task, license, source } = manifest;
      return { id, version, title, description, task, license, source, digest, itemCount };
    });
    return { kind: 'json', body: pageById(all, 'suites', query) };
  },
});

export const SUITE_ROUTES: readonly ApiRoute[] = [listSuites];
