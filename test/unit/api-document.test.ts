/** The OpenAPI document and the routes are the same; what the routes really answer is what the document says. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../lib/api/create-api.ts';
import { openApiJson } from '../../lib/api/openapi.ts';
import type { ResultRecord } from '../../lib/core/result-record.ts';
import { modelManifestSchema } from '../../lib/core/manifest.ts';
import { type ApiFixture, apiFixture, storeRun, VERSION } from '../fixtures/api-fixture.ts';
import { beat, jobRecord, runRecord } from '../fixtures/run-records.ts';
import { DIABETES_SPEC, modelDocuments, testRegistry } from '../fixtures/registry-fixture.ts';

interface Operation {
  readonly operationId: string;
  readonly responses: Record<string, { content?: Record<string, unknown> }>;
  readonly parameters?: readonly { name: string; in: string }[];
}
const document: { paths: Record<string, Record<string, Operation>>; components: object } = JSON.parse(openApiJson(VERSION));
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addFormat('date-time', true);
ajv.addSchema({ $id: 'api', ...document });

/** What the document says of an answer; undefined where it says nothing. */
function validatorOf(path: string, method: string, status: number, type: string) {
  const operation = document.paths[path]?.[method];
  if (operation?.responses[status]?.content?.[type] === undefined) return undefined;
  const place = [path, method, 'responses', String(status), 'content', type, 'schema'].map((part) =>
    encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
  );
  return ajv.getSchema(`api#/paths/${place.join('/')}`);
}

let api: ApiFixture;
let jobId = '';
beforeAll(async () => {
  const manifest = modelManifestSchema.parse(modelDocuments.ridge);
  api = await apiFixture({
    registerModel: async ({ image }) => ({
      ...{ schema: 1, version: 1, manifest, image, imageDigest: 'a'.repeat(64), family: 'f', contentSha256: 'b'.repeat(64) },
      ...{ taskDefinitionArn: 'arn', registeredAtMs: 1 },
    }),
  });
  const [job] = await storeRun(api, { runId: 'done-1' });
  jobId = job?.jobId ?? '';
  await api.stores.runs.createRun(runRecord());
  await api.stores.runs.createRun(runRecord({ runId: 'cancelled-1', state: 'cancelled', finishedAtMs: 1 }));
  await api.stores.runs.createJob(jobRecord());
  await api.stores.runs.putBeat(beat());
  await api.ports.launch({ runId: 'rejected-1', specText: Buffer.from('name: 1'), fileName: 'x.yaml' });
  await api.putResults('done-1', [resultOf()]);
});
afterAll(() => api.close());

function resultOf(): ResultRecord {
  return {
    ...{ schema: 1, runId: 'done-1', jobId, modelId: 'ridge', modelVersion: '1.0.0', modelDigest: 'd', params: { alpha: 1 } },
    ...{ suiteId: 'diabetes', suiteDigest: testRegistry.suites.get('diabetes')?.digest ?? '', metric: 'numbers.mae', metricVersion: '1' },
    ...{ unit: 'as given', direction: 'lower', value: 1.5, interval: [1, 2], n: 6, coverage: 1, reference: false, finishedAtMs: 1 },
  };
}

const BODY = { method: 'POST', headers: { 'content-type': 'application/json' } };

/** Path in the document, request, expected status. Every success of every route is among them. */
const CALLS: readonly (readonly [route: string, path: () => string, init: RequestInit, status: number])[] = [
  ['/v1/runs', () => '/v1/runs', {}, 200],
  ['/v1/runs', () => '/v1/runs?state=rejected', {}, 200],
  ['/v1/runs', () => '/v1/runs', { ...BODY, body: DIABETES_SPEC }, 202],
  ['/v1/runs', () => '/v1/runs', { ...BODY, body: '{}' }, 422],
  ['/v1/runs', () => '/v1/runs', { ...BODY, headers: {}, body: '{}' }, 415],
  ['/v1/runs/{id}', () => '/v1/runs/done-1', {}, 200],
  ['/v1/runs/{id}', () => '/v1/runs/demo-1', {}, 200],
  ['/v1/runs/{id}', () => '/v1/runs/rejected-1', {}, 200],
  ['/v1/runs/{id}', () => '/v1/runs/nobody', {}, 404],
  ['/v1/runs/{id}', () => '/v1/runs/demo-1', { method: 'DELETE' }, 202],
  ['/v1/runs/{id}/starts', () => '/v1/runs/cancelled-1/starts', { method: 'POST' }, 202],
  ['/v1/runs/{id}/starts', () => '/v1/runs/done-1/starts', { method: 'POST' }, 409],
  ['/v1/runs/{id}/starts', () => '/v1/runs/rejected-1/starts', { method: 'POST' }, 409],
  ['/v1/runs/{id}/evaluations', () => '/v1/runs/done-1/evaluations', { ...BODY, body: '{"scorers":["numbers"]}' }, 409],
  ['/v1/runs/{id}/evaluations', () => '/v1/runs/done-1/evaluations', { ...BODY, body: '{"scorers":["shappes"]}' }, 422],
  ['/v1/runs/{id}/jobs', () => '/v1/runs/done-1/jobs', {}, 200],
  ['/v1/runs/{id}/jobs', () => '/v1/runs/demo-1/jobs', {}, 200],
  ['/v1/runs/{id}/jobs/{job}', () => `/v1/runs/done-1/jobs/${jobId}`, {}, 200],
  ['/v1/runs/{id}/jobs/{job}', () => '/v1/runs/demo-1/jobs/ridge-8d6305ef', {}, 200],
  ['/v1/runs/{id}/jobs/{job}/samples', () => `/v1/runs/done-1/jobs/${jobId}/samples?limit=1`, {}, 200],
  ['/v1/runs/{id}/report', () => '/v1/runs/done-1/report', {}, 303],
  ['/v1/runs/{id}/report', () => '/v1/runs/demo-1/report', {}, 404],
  ['/v1/runs/{id}/files/{path}', () => '/v1/runs/done-1/files/plan.json', {}, 303],
  ['/v1/runs/{a}/compare/{b}', () => '/v1/runs/done-1/compare/done-1', {}, 200],
  ['/v1/runs/{id}/gates', () => '/v1/runs/done-1/gates', { ...BODY, body: '{"gates":[{"metric":"numbers.mae","maxRegression":1}]}' }, 200],
  ['/v1/runs/{id}/gates', () => '/v1/runs/done-1/gates', { ...BODY, body: '{"gates":[]}' }, 422],
  // Last of those that read this run: it is started again.
  ['/v1/runs/{id}/evaluations', () => '/v1/runs/done-1/evaluations', { ...BODY, body: '{"scorers":["shapes"]}' }, 202],
  ['/v1/leaderboard', () => '/v1/leaderboard?suite=diabetes&metric=numbers.mae&version=1', {}, 200],
  ['/v1/leaderboard', () => '/v1/leaderboard?suite=diabetes', {}, 400],
  ['/v1/leaderboard', () => '/v1/leaderboard?suite=shapes&metric=video.flicker', {}, 422],
  ['/v1/leaderboard', () => '/v1/leaderboard?suite=nothing&metric=numbers.mae', {}, 404],
  ['/v1/models', () => '/v1/models', {}, 200],
  [
    '/v1/models',
    () => '/v1/models',
    { ...BODY, body: JSON.stringify({ manifest: modelDocuments.ridge, image: `x.test/y@sha256:${'a'.repeat(64)}` }) },
    201,
  ],
  ['/v1/models', () => '/v1/models', { ...BODY, body: '{' }, 400],
  ['/v1/models/{id}', () => '/v1/models/ridge', {}, 200],
  ['/v1/models/{id}', () => '/v1/models/nobody', {}, 404],
  ['/v1/models/{id}/history', () => '/v1/models/ridge/history', {}, 200],
  ['/v1/suites', () => '/v1/suites', {}, 200],
  ['/v1/specs/validate', () => '/v1/specs/validate', { ...BODY, body: DIABETES_SPEC }, 200],
  ['/v1/specs/validate', () => '/v1/specs/validate', { ...BODY, body: '[]' }, 200],
  ['/v1/health', () => '/v1/health', {}, 200],
  ['/v1/openapi.json', () => '/v1/openapi.json', {}, 200],
];

describe('what a route answers', () => {
  it.each(CALLS.map((call) => [`${call[2].method ?? 'GET'} ${call[0]} -> ${call[3]}`, call] as const))(
    '%s is what the document says',
    async (_name, call) => {
      const [route, path, init, status] = call;

      const response = await api.request(path(), init);

      expect(response.status).toBe(status);
      const method = (init.method ?? 'GET').toLowerCase();
      expect(Object.keys(document.paths[route]?.[method]?.responses ?? {})).toContain(String(status));
      if (status === 303) return;
      const validate = validatorOf(route, method, status, response.headers.get('content-type') ?? '');
      expect(validate, 'a schema for this answer').toBeDefined();
      const isValid = validate?.(await response.json());
      expect(isValid, JSON.stringify(validate?.errors?.slice(0, 5))).toBe(true);
    },
  );

  it('is tried for every operation of the document', () => {
    const tried = new Set(
      CALLS.filter(([, , , status]) => status < 400).map(([route, , init]) => `${(init.method ?? 'GET').toLowerCase()} ${route}`),
    );
    const known = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    expect([...tried].sort()).toEqual(known.sort());
  });
});

describe('the document', () => {
  it('has every route of the app, and the app every route of the document', () => {
    const served = createApi(api.ports, { version: VERSION })
      .routes.filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replace('{.+}', '').replace(/:(\w+)/g, '{$1}')}`);
    const known = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(served.sort()).toEqual(known.sort());
  });

  it('names every operation once and every parameter of its path', () => {
    const ids = Object.values(document.paths).flatMap((operations) => Object.values(operations).map(({ operationId }) => operationId));
    expect(new Set(ids).size).toBe(ids.length);
    for (const [path, operations] of Object.entries(document.paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters } of Object.values(operations)) {
        expect((parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(inPath);
      }
    }
  });

  it('is what the API serves', async () => {
    expect(await (await api.request('/v1/openapi.json')).json()).toEqual(document);
  });
});
