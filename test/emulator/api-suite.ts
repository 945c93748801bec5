/** Every route of the API through API Gateway, on the runs that the examples made; each answer is held to docs/openapi.json. */
import { describe, expect, it } from 'vitest';
import { type Upload, runInState } from './deployed-runs.ts';
import type { Example } from './reference-runs.ts';
import { registerImage, registrationOf } from './registered-image.ts';
import { BROKEN_SPEC, quickSpec } from './specs.ts';
import { waitFor } from './wait-for.ts';
import type { World } from './world.ts';
import { reportSchema } from '../../lib/report/report-model.ts';

const JSON_BODY = { 'content-type': 'application/json' };

export function apiSuite(world: () => World, started: ReadonlyMap<Example, Promise<Upload>>): void {
  const runOf = async (example: Example): Promise<string> => (await started.get(example)!).runId;
  const get = (path: string) => world().api.call(path);

  describe('the API, through API Gateway', () => {
    it('refuses who does not sign', async () => {
      expect((await world().api.call('/v1/runs', { isUnsigned: true })).status).toBe(403);
    });

    it('tells runs in pages, newest first, and each with an ETag', async () => {
      const first = await get('/v1/runs?limit=2');
      expect(first.json).toMatchObject({ items: [{}, {}] });
      const { cursor } = first.json as { cursor: string };
      const second = await get(`/v1/runs?limit=2&cursor=${encodeURIComponent(cursor)}`);
      expect(second.json).not.toEqual(first.json);
      const run = await get(`/v1/runs/${await runOf('diabetes')}`);
      const etag = run.headers.get('etag') ?? '';
      const again = await world().api.call(`/v1/runs/${await runOf('diabetes')}`, { headers: { 'if-none-match': etag } });
      expect([run.status, again.status]).toEqual([200, 304]);
    });

    it('tells jobs, one job, and its samples by cursor', async () => {
      const runId = await runOf('diabetes');
      const jobs = (await get(`/v1/runs/${runId}/jobs`)).json as { items: { jobId: string }[] };
      expect(jobs.items).toHaveLength(4);
      const jobId = jobs.items[0]!.jobId;
      expect((await get(`/v1/runs/${runId}/jobs/${jobId}`)).status).toBe(200);
      const ids: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const page = (await get(`/v1/runs/${runId}/jobs/${jobId}/samples?limit=50${query}`)).json as {
          items: { sampleId: string; warmup: boolean }[];
          cursor: string | null;
        };
        ids.push(...page.items.filter(({ warmup }) => !warmup).map(({ sampleId }) => sampleId));
        cursor = page.cursor;
      }
      expect(new Set(ids).size).toBe(142);
      expect(ids).toHaveLength(142);
    });

    it('leads to the report and to files by links that are signed', async () => {
      const runId = await runOf('shapes-steps');
      const report = await get(`/v1/runs/${runId}/report`);
      expect(report.status).toBe(303);
      const link = report.headers.get('location') ?? '';
      const page = await fetch(link);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
      expect(await page.text()).toContain('pocket-t2v');
      const forged = await fetch(link.replace(/Signature=[0-9a-f]{8}/, 'Signature=00000000'));
      expect(forged.status).toBe(403);
      const file = await get(`/v1/runs/${runId}/files/plan.json`);
      expect(await (await fetch(file.headers.get('location') ?? '')).json()).toMatchObject({ runId });
      expect((await get(`/v1/runs/${runId}/files/references.jsonl`)).status).toBe(404);
    });

    it("compares runs, ranks results, and tells a model's history", async () => {
      const [a, b] = [await runOf('diabetes'), await runOf('ocr-lines')];
      const same = await get(`/v1/runs/${a}/compare/${a}`);
      expect([same.status, (same.json as { jobs: unknown[] }).jobs.length]).toEqual([200, 4]);
      expect((await get(`/v1/runs/${a}/compare/${b}`)).status).toBeLessThan(500);
      const board = await get('/v1/leaderboard?suite=diabetes&metric=numbers.mae');
      const { items } = board.json as { items: { value: number }[] };
      const values = items.map(({ value }) => value);
      expect(values.length).toBeGreaterThan(2);
      expect(values).toEqual(values.toSorted((x, y) => x - y));
      const history = (await get('/v1/models/ridge/history')).json as { items: { modelId: string }[] };
      expect(new Set(history.items.map(({ modelId }) => modelId))).toEqual(new Set(['ridge']));
    });

    it('judges a run by gates that come with the request', async () => {
      const ridge = { metric: 'numbers.mae', model: 'ridge' };
      const body = JSON.stringify({
        gates: [
          { ...ridge, max: 60 },
          { ...ridge, max: 1 },
        ],
      });
      const path = `/v1/runs/${await runOf('diabetes')}/gates`;
      const { status, json } = await world().api.call(path, { method: 'POST', headers: JSON_BODY, body });
      expect(status).toBe(200);
      expect(json).toMatchObject({ outcome: 'failed', judgements: [{ outcome: { kind: 'passed' } }, { outcome: { kind: 'failed' } }] });
    });

    it('evaluates the outputs of a run again, without a task', async () => {
      const runId = await runOf('ocr-lines');
      const before = world().aws.agent.starts().length;
      const ask = () =>
        world().api.call(`/v1/runs/${runId}/evaluations`, { method: 'POST', headers: JSON_BODY, body: '{"scorers":["overlap"]}' });
      const asked = await ask();
      expect([asked.status, asked.json]).toEqual([202, expect.objectContaining({ runId, start: 2 })]);
      const scored = await waitFor('the report with the new scorer', async () => {
        const link = (await get(`/v1/runs/${runId}/report?format=json`)).headers.get('location');
        if (link === null) return null;
        const report = reportSchema.parse(await (await fetch(link)).json());
        const values = report.jobs.map(({ scores }) => scores?.metrics.find(({ name }) => name === 'overlap.chrf')?.value ?? null);
        return values.includes(null) ? null : values;
      });
      expect(scored).toHaveLength(3);
      for (const value of scored) expect(value).toBeGreaterThan(0);
      await runInState(world(), runId, ['succeeded']);
      expect(world().aws.agent.starts().length).toBe(before);
      expect((await ask()).json).toMatchObject({ code: 'already-scored' });
    });

    it('tells models, suites and itself', async () => {
      const models = (await get('/v1/models')).json as { items: { id: string }[] };
      expect(models.items.map(({ id }) => id)).toContain('pocket-t2v');
      expect((await get('/v1/models/pocket-t2v')).status).toBe(200);
      const suites = (await get('/v1/suites')).json as { items: { id: string }[] };
      expect(suites.items.map(({ id }) => id).sort()).toEqual(['diabetes', 'ocr-lines', 'shapes']);
      expect((await get('/v1/openapi.json')).status).toBe(200);
      expect((await get('/v1/health')).status).toBe(200);
    });

    it('checks a spec without running it, and refuses a bad one with all problems', async () => {
      const good = await world().api.call('/v1/specs/validate', { method: 'POST', headers: JSON_BODY, body: quickSpec('checked') });
      expect(good.status).toBe(200);
      const bad = await world().api.call('/v1/runs', {
        method: 'POST',
        headers: { 'content-type': 'application/yaml' },
        body: BROKEN_SPEC,
      });
      expect(bad.status).toBeGreaterThanOrEqual(400);
      expect((bad.json as { problems: unknown[] }).problems.length).toBeGreaterThanOrEqual(3);
      expect(bad.headers.get('content-type')).toContain('application/problem+json');
    });

    it('starts one run for one key, and refuses another body under it', async () => {
      const request = {
        method: 'POST',
        headers: { ...JSON_BODY, 'idempotency-key': 'once-and-no-more' },
        body: quickSpec('by-key'),
      } as const;
      const answers = await Promise.all([world().api.call('/v1/runs', request), world().api.call('/v1/runs', request)]);
      const ids = answers.map(({ json }) => (json as { runId: string }).runId);
      expect(answers.map(({ status }) => status)).toEqual([202, 202]);
      expect(new Set(ids).size).toBe(1);
      const other = await world().api.call('/v1/runs', { ...request, body: quickSpec('another') });
      expect(other.status).toBeGreaterThanOrEqual(400);
      await runInState(world(), ids[0]!, ['succeeded']);
    });

    it('registers an image by its digest, and refuses registries that are not allowed', async () => {
      const id = await registerImage(world());
      expect((await get(`/v1/models/${id}`)).json).toMatchObject({ id, image: expect.stringContaining('@sha256:') });
      const body = await registrationOf('foreign', 'registry.example.com/mean@sha256:'.padEnd(99, '0'));
      expect((await world().api.call('/v1/models', { method: 'POST', headers: JSON_BODY, body })).status).toBeGreaterThanOrEqual(400);
    });
  });

  describe('all routes', () => {
    it('were called', () => {
      const { api } = world();
      expect(api.operations().filter((operation) => !api.called().has(operation))).toEqual([]);
    });
  });
}
