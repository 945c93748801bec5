/** The route that evaluates a run's outputs again: what it starts, what it refuses, and in which words. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keys } from '../../lib/core/object-key.ts';
import { type ApiFixture, apiFixture, storeRun } from '../fixtures/api-fixture.ts';

let api: ApiFixture;
beforeEach(async () => {
  api = await apiFixture();
  await storeRun(api, { runId: 'done-1' });
});
afterEach(() => api.close());

const post = (runId: string, body: unknown, contentType = 'application/json') =>
  api.request(`/v1/runs/${runId}/evaluations`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': contentType },
  });

describe('POST /v1/runs/{id}/evaluations', () => {
  it('starts the run again for the evaluation alone, and says which pass it is', async () => {
    const answer = await post('done-1', { scorers: ['shapes', 'video'] });

    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toMatch(/\/v1\/runs\/done-1$/);
    expect(await answer.json()).toEqual({ runId: 'done-1', start: 2, evaluation: 1, links: { self: expect.stringMatching(/done-1$/) } });
    expect(api.startedExecutions).toContain('done-1-2');
    expect(await api.stores.runs.getRun('done-1')).toMatchObject({ state: 'accepted', start: 2, scope: 'evaluate', finishedAtMs: null });
    const stored = JSON.parse(Buffer.from((await api.stores.objects.get(keys.evaluation('done-1', 1)))!).toString());
    expect(stored).toMatchObject({
      n: 1,
      scorers: ['shapes', 'video'],
      evaluators: [{ package: { id: 'frames' }, scorers: ['shapes', 'video'] }],
    });
  });

  it.each([
    ['a run that there is not', 'none-1', { scorers: ['shapes'] }, 404, 'run-missing'],
    ['a scorer that nobody offers', 'done-1', { scorers: ['shappes'] }, 422, 'evaluation-invalid'],
    ['what it is scored by', 'done-1', { scorers: ['numbers'] }, 409, 'already-scored'],
    ['no scorer', 'done-1', { scorers: [] }, 400, 'bad-body'],
    ['a key that is not known', 'done-1', { scorers: ['shapes'], force: true }, 400, 'bad-body'],
    ['what is no JSON', 'done-1', '{"scorers": [', 400, 'bad-body'],
    ['more than it reads', 'done-1', { scorers: ['x'.repeat(20_000)] }, 413, 'body-too-large'],
  ])('refuses %s', async (_, runId, body, status, code) => {
    const answer = await post(runId, body);

    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code, remedy: expect.any(String) });
    expect(await api.stores.runs.getRun('done-1')).toMatchObject({ start: 1 });
    expect(await api.stores.objects.list(keys.evaluations('done-1'))).toEqual([]);
  });

  it('refuses another media type, and a run that goes on', async () => {
    expect((await post('done-1', '{}', 'text/plain')).status).toBe(415);
    api.liveExecutions.add('done-1-1');
    expect(await (await post('done-1', { scorers: ['shapes'] })).json()).toMatchObject({ code: 'run-live', status: 409 });
  });
});
