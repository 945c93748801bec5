/** The API behind an HTTP API of API Gateway: events of payload version 2.0 go in, answers that it takes come out. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerGateway, gatewayRequestId } from '../../lambdas/gateway/answer-gateway.ts';
import { createApi } from '../../lib/api/create-api.ts';
import { keys } from '../../lib/core/object-key.ts';
import { type ApiFixture, apiFixture, storeRun } from '../fixtures/api-fixture.ts';
import { DIABETES_SPEC } from '../fixtures/registry-fixture.ts';
import { succeededRow } from '../fixtures/scoring/stored-run.ts';

const recorded: { headers: Record<string, string>; requestContext: { http: object } } = JSON.parse(
  readFileSync(new URL('../fixtures/events/http-api-get.json', import.meta.url), 'utf8'),
);

let api: ApiFixture;
beforeAll(async () => {
  api = await apiFixture();
  await storeRun(api, { runId: 'done-1' });
});
afterAll(() => api.close());

async function call(
  method: string,
  path: string,
  given: { query?: string; body?: string; isBase64Encoded?: boolean; headers?: Record<string, string> } = {},
) {
  const { requestContext } = recorded;
  const event = {
    ...recorded,
    rawPath: path,
    rawQueryString: given.query ?? '',
    headers: { ...recorded.headers, ...given.headers },
    body: given.body ?? null,
    isBase64Encoded: given.isBase64Encoded ?? false,
    requestContext: { ...requestContext, http: { ...requestContext.http, method, path } },
  };
  const app = createApi(api.ports, { version: '1', publicBaseUrl: 'https://api.test', requestIdOf: gatewayRequestId });
  const answer = await answerGateway(event, app.fetch);
  return { ...answer, json: () => JSON.parse(answer.body) };
}

describe('an event', () => {
  it('is answered as text, with the id that API Gateway gave it', async () => {
    const answer = await call('GET', '/v1/runs/done-1/jobs', { query: 'limit=1' });

    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: false });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      etag: expect.stringMatching(/^"/),
      'x-request-id': 'BkQp7jHzIAMEJtw=',
    });
    expect(answer.json().items).toHaveLength(1);
  });

  it('with a problem is answered as text too', async () => {
    const answer = await call('GET', '/v1/runs/nobody');
    expect(answer).toMatchObject({ statusCode: 404, isBase64Encoded: false, headers: { 'content-type': 'application/problem+json' } });
    expect(answer.json()).toMatchObject({ code: 'run-missing' });
  });

  it.each([false, true])('with a spec starts a run (body in base 64: %j)', async (isBase64Encoded) => {
    const body = isBase64Encoded ? Buffer.from(DIABETES_SPEC).toString('base64') : DIABETES_SPEC;
    const headers = { 'content-type': 'application/json', 'idempotency-key': `lambda-${isBase64Encoded}` };

    const answer = await call('POST', '/v1/runs', { body, isBase64Encoded, headers });

    expect(answer.statusCode).toBe(202);
    expect(answer.headers.location).toBe(`https://api.test/v1/runs/api-lambda-${isBase64Encoded}`);
  });

  it('that asks for a file is sent on, without a body', async () => {
    const answer = await call('GET', '/v1/runs/done-1/files/report/report.json');
    expect(answer).toMatchObject({ statusCode: 303, body: '', headers: { location: expect.stringMatching(/^https:\/\/links\.test\//) } });
  });

  it('is not answered again while the tag holds', async () => {
    const { headers } = await call('GET', '/v1/runs/done-1');
    expect(await call('GET', '/v1/runs/done-1', { headers: { 'if-none-match': headers.etag ?? '' } })).toMatchObject({
      statusCode: 304,
      body: '',
    });
  });

  it.each(['"', '漢', '\u0001', 'x'])('never makes an answer above the 6 MB of a function, whatever the rows hold: %j', async (letter) => {
    const jobId = `long-${letter.codePointAt(0)}`;
    const [known] = await api.stores.runs.listJobs('done-1');
    if (known !== undefined) await api.stores.runs.createJob({ ...known, jobId, ordinal: 2, version: 1 });
    const row = (ordinal: number) => JSON.stringify(succeededRow({ itemId: `b${ordinal}`, ordinal }, { text: letter.repeat(20_000) }));
    await api.stores.objects.put(keys.samplePart('done-1', jobId, 1, 1), Array.from({ length: 300 }, (_, at) => `${row(at)}\n`).join(''));

    const answer = await call('GET', `/v1/runs/done-1/jobs/${jobId}/samples`, { query: 'limit=1000' });

    expect(answer.statusCode).toBe(200);
    expect(Buffer.byteLength(JSON.stringify({ ...answer, json: undefined }))).toBeLessThan(6_000_000);
    expect(answer.json()).toMatchObject({ cursor: expect.any(String), items: expect.any(Array) });
  });

  it('is refused rather than cut off where one thing alone is too large', async () => {
    const [known] = await api.stores.runs.listJobs('done-1');
    const failure = { class: 'infra', code: 'x', message: 'y' } as const;
    const stages = Array.from({ length: 30_000 }, () => ({ ...known?.stages[0], failure: { ...failure, message: 'z'.repeat(300) } }));
    if (known !== undefined) {
      await api.stores.runs.createJob({ ...known, jobId: 'huge', ordinal: 9, version: 1, stages: stages as typeof known.stages });
    }

    expect((await call('GET', '/v1/runs/done-1/jobs/huge')).json()).toMatchObject({ code: 'answer-too-large', status: 422 });
  });
});
