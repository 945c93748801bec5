/** The routes of runs over real stores: starting, showing, cancelling and resuming, and the problems that they answer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BakeoffError } from '../../lib/core/errors.ts';
import { runSchema } from '../../lib/api/schemas/run.ts';
import { type ApiFixture, apiFixture, storeRun } from '../fixtures/api-fixture.ts';
import { DIABETES_SPEC } from '../fixtures/registry-fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await apiFixture();
  await storeRun(api, { runId: 'done-1' });
});
afterAll(() => api.close());

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  api.request(path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
const json = async (response: Response) => JSON.parse(await response.text());

describe('a finished run', () => {
  it('is shown with its jobs, numbers, cost and links', async () => {
    const response = await api.request('/v1/runs/done-1');

    const run = runSchema.parse(await json(response));
    expect(response.status).toBe(200);
    expect(run).toMatchObject({
      state: 'succeeded',
      jobCounts: { succeeded: 2 },
      links: { report: '/v1/runs/done-1/report' },
      problems: null,
    });
    expect(run.jobs.map(({ params }) => params)).toEqual([{ alpha: 0.1 }, { alpha: 1 }]);
    expect(run.jobs[0]?.metrics.find(({ name }) => name === 'numbers.mae')?.value).toBeTypeOf('number');
    expect(run.cost).toMatchObject({ taskUsd: 0, billedUsd: null, reason: 'this machine is not billed' });
    expect(run.plan).toMatchObject({ jobs: 2, itemCount: 2, softwareVersion: '9.9.9' });
  });

  it('does not tell who drove it', async () => {
    expect(await (await api.request('/v1/runs/done-1')).text()).not.toContain('owner');
  });

  it('leads to its report in each format, by a link that is not stored', async () => {
    for (const [format, file] of [
      ['html', 'index.html'],
      ['json', 'report.json'],
      ['md', 'report.md'],
      ['csv', 'leaderboard.csv'],
      ['tex', 'report.tex'],
    ]) {
      const response = await api.request(`/v1/runs/done-1/report?format=${format}`);

      expect(response.status).toBe(303);
      expect(response.headers.get('location')).toContain(`/runs/done-1/report/${file}?`);
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
  });

  it('cannot be cancelled any more', async () => {
    const response = await api.request('/v1/runs/done-1', { method: 'DELETE' });

    expect(response.status).toBe(409);
    expect(await json(response)).toMatchObject({ code: 'run-settled', status: 409 });
  });
});

describe('starting a run', () => {
  it('is accepted with the place of the run', async () => {
    const response = await post('/v1/runs', DIABETES_SPEC, { 'idempotency-key': 'first' });

    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe('/v1/runs/api-first');
    expect(await json(response)).toEqual({ runId: 'api-first', kind: 'started', links: { self: '/v1/runs/api-first' } });
    expect(api.startedExecutions.filter((name) => name === 'api-first-1')).toHaveLength(1);
  });

  it('takes YAML too', async () => {
    const yaml = 'apiVersion: bakeoff/v1\nname: y\nsuite: diabetes\nmodels: [{ model: ridge }]\nscorers: [numbers]\n';
    expect((await post('/v1/runs', yaml, { 'content-type': 'application/yaml; charset=utf-8' })).status).toBe(202);
  });

  it('is one run however often and however concurrently the same request comes', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => post('/v1/runs', DIABETES_SPEC, { 'idempotency-key': 'five' })));

    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    expect(new Set(await Promise.all(answers.map(async (answer) => (await json(answer)).runId)))).toEqual(new Set(['api-five']));
    expect(api.startedExecutions.filter((name) => name.startsWith('api-five'))).toEqual(['api-five-1']);
  });

  it('refuses the key with another body', async () => {
    await post('/v1/runs', DIABETES_SPEC, { 'idempotency-key': 'twice' });

    const response = await post('/v1/runs', DIABETES_SPEC.replace('diabetes', 'other'), { 'idempotency-key': 'twice' });

    expect(response.status).toBe(409);
    expect(await json(response)).toMatchObject({ code: 'idempotency-key-reused' });
  });

  it('is healed after a crash between the note of the request and the start', async () => {
    const failing = await apiFixture({ launch: async () => Promise.reject(new Error('crash')) });
    const request = { method: 'POST', body: DIABETES_SPEC, headers: { 'content-type': 'application/json', 'idempotency-key': 'k' } };
    expect((await failing.request('/v1/runs', request)).status).toBe(500);
    const { launch } = api.ports;
    const healed = await apiFixture({ launch, objects: failing.stores.objects });

    expect((await healed.request('/v1/runs', request)).status).toBe(202);
    await failing.close();
    await healed.close();
  });

  it('tells all problems of a spec at their places, and leaves no run', async () => {
    const bad = DIABETES_SPEC.replace('"ridge"', '"rigde"').replace('"numbers"', '"nombers"');

    const response = await post('/v1/runs', bad, { 'idempotency-key': 'bad' });

    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = await json(response);
    expect(problem).toMatchObject({ code: 'spec-invalid', remedy: expect.any(String) });
    expect(problem.problems.map(({ code }: { code: string }) => code).sort()).toEqual(['unknown-model', 'unknown-scorer']);
    expect(problem.problems[0]).toMatchObject({ line: expect.any(Number), column: expect.any(Number), nearest: 'ridge' });
    expect(await api.stores.runs.getRun('api-bad')).toBeNull();
    // The key was not spent: the corrected spec may use it.
    expect((await post('/v1/runs', DIABETES_SPEC, { 'idempotency-key': 'bad' })).status).toBe(202);
  });

  it.each(['', ' ', 'x'.repeat(129), 'ü'])('refuses the key %j', async (key) => {
    const headers = new Headers({ 'content-type': 'application/json' });
    headers.set('idempotency-key', key);
    const response = await api.request('/v1/runs', { method: 'POST', body: DIABETES_SPEC, headers });
    expect(await json(response)).toMatchObject({ code: 'bad-idempotency-key', status: 400 });
  });

  it('refuses a body that is too large, whatever its length claims', async () => {
    const body = `${DIABETES_SPEC}${' '.repeat(1_048_576)}`;
    const claimed = await post('/v1/runs', body);
    const streamed = await api.request('/v1/runs', {
      method: 'POST',
      body: new Blob([body]).stream(),
      headers: { 'content-type': 'application/json' },
      duplex: 'half',
    } as RequestInit);

    expect([claimed.status, streamed.status]).toEqual([413, 413]);
  });

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data', ''])('refuses the media type %j', async (type) => {
    expect((await post('/v1/runs', DIABETES_SPEC, { 'content-type': type })).status).toBe(415);
  });
});

describe('a deployment whose fleet has no room for a spec', () => {
  it('says so at once, to whoever validates and to whoever starts, and leaves no run', async () => {
    const deployed = await apiFixture({ fleet: [] });
    const request = { method: 'POST', body: DIABETES_SPEC, headers: { 'content-type': 'application/json', 'idempotency-key': 'no-room' } };

    const [validated, started] = [await deployed.request('/v1/specs/validate', request), await deployed.request('/v1/runs', request)];

    expect(await json(validated)).toMatchObject({ valid: false, problems: [{ code: 'no-class-fits' }] });
    expect(await json(started)).toMatchObject({ status: 422, problems: [{ code: 'no-class-fits' }] });
    expect(await deployed.stores.runs.getRun('api-no-room')).toBeNull();
    await deployed.close();
  });
});

describe('stores that are busy', () => {
  it('are told as 503 with when to come again', async () => {
    const busy = new BakeoffError({
      code: 'store-busy',
      message: 'could not read: AWS answered ThrottlingException',
      remedy: 'Resume the run.',
    });
    const throttled = await apiFixture({ index: { ...api.ports.index, newestRuns: async () => Promise.reject(busy) } });

    const response = await throttled.request('/v1/runs');

    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await json(response)).toMatchObject({ code: 'store-busy', remedy: 'Try again in some seconds.' });
    await throttled.close();
  });
});

describe('a rejected run', () => {
  it('is shown with all of its problems, and cannot be resumed', async () => {
    await api.ports.launch({ runId: 'rejected-1', specText: Buffer.from('name: 1'), fileName: 'broken.yaml' });

    const run = runSchema.parse(await json(await api.request('/v1/runs/rejected-1')));
    const resumed = await api.request('/v1/runs/rejected-1/starts', { method: 'POST' });

    expect(run).toMatchObject({ state: 'rejected', plan: null, links: { report: null }, failure: { code: 'spec-invalid' } });
    expect(run.problems?.length).toBeGreaterThan(1);
    expect(await json(resumed)).toMatchObject({ code: 'run-rejected', status: 409 });
  });
});

describe('cancelling and resuming', () => {
  it('asks a run to stop, and goes on with it on an explicit wish', async () => {
    await post('/v1/runs', DIABETES_SPEC, { 'idempotency-key': 'stop' });

    const cancelled = await api.request('/v1/runs/api-stop', { method: 'DELETE' });
    expect(cancelled.status).toBe(202);
    expect(await json(cancelled)).toMatchObject({ cancelRequested: true });

    api.liveExecutions.add('api-stop-1');
    expect(await json(await api.request('/v1/runs/api-stop/starts', { method: 'POST' }))).toMatchObject({ code: 'run-live', status: 409 });
    api.liveExecutions.delete('api-stop-1');
    const resumed = await api.request('/v1/runs/api-stop/starts', { method: 'POST' });
    expect(resumed.status).toBe(202);
    expect(await json(resumed)).toMatchObject({ runId: 'api-stop', start: 2 });
  });

  it.each([
    ['GET', '/v1/runs/nobody'],
    ['DELETE', '/v1/runs/nobody'],
    ['POST', '/v1/runs/nobody/starts'],
    ['GET', '/v1/runs/nobody/jobs'],
    ['GET', '/v1/runs/nobody/jobs/x'],
    ['GET', '/v1/runs/nobody/jobs/x/samples'],
    ['GET', '/v1/runs/nobody/report'],
    ['GET', '/v1/runs/nobody/files/plan.json'],
    ['GET', '/v1/runs/nobody/compare/done-1'],
  ])('answers 404 to %s %s', async (method, path) => {
    const response = await api.request(path, { method });
    expect(await json(response)).toMatchObject({ code: 'run-missing', status: 404 });
  });
});

describe('what was planned', () => {
  it('is validated without starting anything', async () => {
    const before = api.startedExecutions.length;

    const valid = await json(await post('/v1/specs/validate', DIABETES_SPEC));
    const invalid = await json(await post('/v1/specs/validate', '{}'));

    expect(valid).toMatchObject({ valid: true, name: 'diabetes', samplesPerJob: 2 });
    expect(valid.jobs).toHaveLength(2);
    expect(invalid).toMatchObject({ valid: false });
    expect(invalid.problems.length).toBeGreaterThan(2);
    expect(api.startedExecutions).toHaveLength(before);
  });
});
