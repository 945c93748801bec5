/** POST /v1/runs/{id}/gates: a run judged by gates that come with the request. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gateVerdictSchema } from '../../lib/core/gates/gate-verdict.ts';
import { type ApiFixture, apiFixture, storeRun } from '../fixtures/api-fixture.ts';

const spec = (itemCount: number) =>
  JSON.stringify({
    apiVersion: 'bakeoff/v1',
    name: 'judged',
    items: Array.from({ length: itemCount }, (_, index) => ({ id: `i${index}`, input: { row: { x: 1 } }, reference: { value: index } })),
    models: [{ model: 'ridge' }],
    scorers: ['numbers'],
  });

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
  for (const runId of ['before-1', 'after-1']) {
    await storeRun(fixture, { runId, specText: spec(30), errorOf: (_, at) => (runId === 'after-1' ? 3 : 1) + (at % 5) / 10 });
  }
  await fixture.ports.launch({ runId: 'live-1', specText: Buffer.from(spec(1)), fileName: 'live.json' });
});
afterAll(() => fixture.close());

async function judge(run: string, body: string, { query = '', type = 'application/yaml' } = {}) {
  const answer = await fixture.request(`/v1/runs/${run}/gates${query}`, { method: 'POST', body, headers: { 'content-type': type } });
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

describe('judging a run', () => {
  it('answers the verdict, gate by gate, and stores nothing', async () => {
    const { status, body } = await judge('after-1', 'gates:\n  - { metric: numbers.mae, max: 2 }\n  - { metric: numbers.mae, max: 9 }\n');

    expect(status).toBe(200);
    const verdict = gateVerdictSchema.parse(body);
    expect([verdict.outcome, verdict.judgements.map(({ outcome }) => outcome.kind)]).toEqual(['failed', ['failed', 'passed']]);
    const report = await fixture.stores.objects.get('runs/after-1/report/report.json');
    expect(Buffer.from(report ?? []).toString()).not.toContain('"gates"');
  });

  it('compares with another run of the deployment, which the query may name for all gates', async () => {
    const gates = JSON.stringify({ gates: [{ metric: 'numbers.mae', maxRegression: 'significant' }] });

    const { body } = await judge('after-1', gates, { type: 'application/json', query: '?baseline=before-1' });

    expect(body.judgements[0]).toMatchObject({ baseline: { runId: 'before-1' }, outcome: { kind: 'failed' } });
    expect(body.correction).toContain('Bonferroni over 1 tests');
    expect((await judge('before-1', gates, { query: '?baseline=after-1' })).body.outcome).toBe('passed');
  });

  it('says of a run that goes on that it cannot be judged', async () => {
    expect((await judge('live-1', 'gates: [{ metric: numbers.mae, max: 2 }]')).body).toMatchObject({
      outcome: 'unjudged',
      state: 'accepted',
    });
  });

  it('refuses gates with all of their problems at their places, and what is too large for one answer', async () => {
    const refused = await judge('after-1', 'gates:\n  - { metric: numbers.mae }\n  - { metric: mae, max: 1 }\n');

    expect([refused.status, refused.body.code]).toEqual([422, 'gates-invalid']);
    expect(refused.body.problems).toMatchObject([
      { code: 'missing-key', path: 'gates[0]', line: 2 },
      { code: 'invalid-metric-name', path: 'gates[1].metric', line: 3 },
    ]);
    const many = Array.from({ length: 51 }, () => ({ metric: 'numbers.mae', maxRegression: 'significant', baseline: 'before-1' }));
    expect((await judge('after-1', JSON.stringify({ gates: many }))).body.code).toBe('comparison-too-large');
    expect((await judge('nowhere-1', 'gates: [{ metric: numbers.mae, max: 2 }]')).body.code).toBe('run-missing');
    expect((await judge('after-1', 'gates: []', { type: 'text/plain' })).body.code).toBe('media-type-unsupported');
  });
});
