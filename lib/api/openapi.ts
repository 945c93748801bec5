/**
 * The OpenAPI document, made from the routes and their schemas. Served at `GET /v1/openapi.json`, and written to docs/openapi.json by
 * `npm run schema`.
 */
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import { ROUTES } from './all-routes.ts';
import { API_PROBLEMS, type ApiProblemCode, COMMON_PROBLEMS } from './problems.ts';
import type { ApiRoute } from './route.ts';
import { problemSchema } from './schemas/problem.ts';

const TAGS = [
  { name: 'runs', description: 'Runs, their jobs, rows and files.' },
  { name: 'results', description: 'Results over many runs.' },
  { name: 'models', description: 'Models that a spec can name.' },
  { name: 'suites', description: 'Suites that a spec can name.' },
  { name: 'specs', description: 'Specs, checked without starting anything.' },
  { name: 'service', description: 'The API itself.' },
];

/** `version`: of the software. The text is a pure function of it. */
export function openApiJson(version: string): string {
  const known = documents.get(version) ?? `${JSON.stringify(documentOf(version), null, 2)}\n`;
  documents.set(version, known);
  return known;
}

const documents = new Map<string, string>();

function documentOf(version: string) {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of ROUTES) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  }
  const document: ZodOpenApiPathsObject = { ...paths, '/v1/openapi.json': { get: ownOperation() } };
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Bakeoff',
      version,
      description:
        'Starts runs and answers what they found. Errors are problem details with a stable code. Listings go on by opaque cursors. Reads carry ' +
        'a strong ETag: ask again with If-None-Match.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: TAGS,
    paths: document,
  });
}

function operationOf(route: ApiRoute): ZodOpenApiOperationObject {
  const { operationId, summary, description, tag, accepts, params, query } = route;
  const header = route.isIdempotentByKey === true ? z.object({ 'Idempotency-Key': idempotencyKeySchema }) : undefined;
  return {
    operationId,
    summary,
    tags: [tag],
    ...(description === undefined ? {} : { description }),
    requestParams: {
      ...(params instanceof z.ZodObject && Object.keys(params.shape).length > 0 ? { path: params } : {}),
      ...(query instanceof z.ZodObject && Object.keys(query.shape).length > 0 ? { query } : {}),
      ...(header === undefined ? {} : { header }),
    },
    ...(accepts === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            description: accepts.description,
            content: Object.fromEntries(accepts.mediaTypes.map((type) => [type, { schema: accepts.schema }])),
          },
        }),
    responses: responsesOf(route),
  };
}

const idempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/)
  .optional()
  .meta({ description: 'Makes the request repeatable: the same key and body are one run.' });

function responsesOf(route: ApiRoute): ZodOpenApiResponsesObject {
  const { success, problems } = route;
  const answers: ZodOpenApiResponsesObject =
    success.status === 303
      ? { '303': { description: 'The signed link', headers: z.object({ Location: z.string() }) } }
      : { [`${success.status}`]: { description: success.description, content: { 'application/json': { schema: success.schema } } } };
  const isTagged = route.method === 'get' && success.status === 200 && route.cache === undefined;
  return {
    ...answers,
    ...(isTagged ? { '304': { description: 'What If-None-Match names still holds' } } : {}),
    ...problemResponses(problems),
  };
}

function problemResponses(codes: readonly ApiProblemCode[]): ZodOpenApiResponsesObject {
  const byStatus = Map.groupBy(new Set([...codes, ...COMMON_PROBLEMS]), (code) => API_PROBLEMS[code].status);
  const sorted = [...byStatus].sort(([a], [b]) => a - b);
  return Object.fromEntries(
    sorted.map(([status, same]) => [
      `${status}`,
      { description: same.map((code) => `\`${code}\``).join(', '), content: { 'application/problem+json': { schema: problemSchema } } },
    ]),
  );
}

function ownOperation(): ZodOpenApiOperationObject {
  return {
    operationId: 'getOpenApi',
    summary: 'Get this document',
    tags: ['service'],
    responses: {
      '200': { description: 'This document', content: { 'application/json': { schema: z.looseObject({ openapi: z.string() }) } } },
    },
  };
}
