/** What every route has in common: validators, methods, media types, headers, and what hostile requests are told. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isVisibleFile } from '../../lib/api/visible-files.ts';
import { keys } from '../../lib/core/object-key.ts';
import { type ApiFixture, apiFixture, storeRun } from '../fixtures/api-fixture.ts';

let api: ApiFixture;
let jobId = '';
beforeAll(async () => {
  api = await apiFixture();
  const [job] = await storeRun(api, { runId: 'done-1' });
  jobId = job?.jobId ?? '';
  await api.stores.objects.put(keys.output('done-1', jobId, 1, 'a.0.webm'), 'video');
  await api.stores.objects.put(keys.output('done-1', jobId, 1, 'a.0.html'), '<script>');
});
afterAll(() => api.close());

describe('a read', () => {
  it('carries a strong tag, and is answered by 304 while it holds', async () => {
    const first = await api.request('/v1/runs/done-1');
    const etag = first.headers.get('etag') ?? '';
    const again = await api.request('/v1/runs/done-1', { headers: { 'if-none-match': `"other", W/${etag}` } });

    expect(etag).toMatch(/^"[\w-]{27}"$/);
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    expect(again.headers.get('etag')).toBe(etag);
  });

  it('has another tag when the state has changed', async () => {
    const before = (await api.request('/v1/runs/done-1')).headers.get('etag');
    const run = await api.stores.runs.getRun('done-1');
    if (run !== null) await api.stores.runs.replaceRun({ ...run, version: run.version + 1, updatedAtMs: run.updatedAtMs + 1 });

    const after = await api.request('/v1/runs/done-1', { headers: { 'if-none-match': before ?? '' } });

    expect(after.status).toBe(200);
  });

  it('is not kept by anyone who did not ask', async () => {
    expect((await api.request('/v1/runs')).headers.get('cache-control')).toBe('private, no-cache');
    expect((await api.request('/v1/health')).headers.get('cache-control')).toBe('no-store');
    expect((await api.request('/v1/health')).headers.get('etag')).toBeNull();
    expect((await api.request('/v1/runs/nobody')).headers.get('cache-control')).toBe('no-store');
  });

  it('by HEAD has the headers and no body', async () => {
    const [head, get] = [await api.request('/v1/runs', { method: 'HEAD' }), await api.request('/v1/runs')];

    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    expect(head.headers.get('etag')).toBe(get.headers.get('etag'));
  });
});

describe('a method or a path that is not there', () => {
  it('is told which methods there are', async () => {
    const response = await api.request('/v1/runs/done-1', { method: 'PUT', body: '{}' });

    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, DELETE, HEAD, OPTIONS');
    expect(await response.json()).toMatchObject({ code: 'method-not-allowed' });
  });

  it('by OPTIONS gets the methods, and no other site is let in', async () => {
    const response = await api.request('/v1/runs', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.test', 'access-control-request-method': 'POST' },
    });

    expect(response.status).toBe(204);
    expect(response.headers.get('allow')).toBe('GET, POST, HEAD, OPTIONS');
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it.each(['/', '/v1', '/v1/', '/v2/runs', '/v1/runs/', '/v1/runs/a/b', '/v1/nothing'])('answers 404 to %s', async (path) => {
    const response = await api.request(path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'route-missing', instance: expect.stringMatching(/^urn:bakeoff:request:/) });
  });
});

describe('the Accept header', () => {
  it.each(['text/html', 'application/json;q=0', 'image/*, text/csv'])('%s is not acceptable', async (accept) => {
    expect((await api.request('/v1/runs', { headers: { accept } })).status).toBe(406);
  });

  it.each(['*/*', 'application/*', 'text/html, application/json;q=0.5', ''])('%s is', async (accept) => {
    expect((await api.request('/v1/runs', { headers: { accept } })).status).toBe(200);
  });

  it('of a browser does not keep it from a report', async () => {
    expect((await api.request('/v1/runs/done-1/report', { headers: { accept: 'text/html' } })).status).toBe(303);
  });
});

describe('parameters', () => {
  it.each(['/v1/runs?offset=3', '/v1/runs/done-1?x', '/v1/suites?__proto__=1', '/v1/runs/done-1/report?format=html&token=1'])(
    '%s is refused',
    async (path) => {
      expect(await (await api.request(path)).json()).toMatchObject({ status: 400, code: 'unknown-parameter' });
    },
  );

  it('given twice are refused', async () => {
    expect(await (await api.request('/v1/runs?limit=1&limit=2')).json()).toMatchObject({ status: 400, code: 'bad-parameter' });
  });

  it.each([
    '/v1/runs/..%2f..%2fetc',
    '/v1/runs/%00',
    '/v1/runs/%E0%A4%A',
    `/v1/runs/${'a'.repeat(65)}`,
    '/v1/runs/a%20b',
    '/v1/runs/.hidden',
  ])('%s in a path is refused and not repeated', async (path) => {
    const response = await api.request(path);
    const text = await response.text();
    expect([400, 404]).toContain(response.status);
    expect(text).not.toContain('etc');
    expect(text).not.toContain('aaaaaaaaaa');
  });
});

describe('files of a run', () => {
  it.each(['plan.json', 'spec.json', 'items.jsonl', 'report/report.json'])('%s is shown by an expiring link', async (path) => {
    const response = await api.request(`/v1/runs/done-1/files/${path}`);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toContain(`runs/done-1/${path}?for=900&`);
  });

  it('an output is shown, and never as a page', async () => {
    const types: string[] = [];
    const signing = await apiFixture({
      ...{ objects: api.stores.objects, runs: api.stores.runs },
      signLink: async ({ contentType }) => {
        types.push(contentType);
        return 'https://links.test/x';
      },
    });

    await signing.request(`/v1/runs/done-1/files/jobs/${jobId}/outputs/1/a.0.webm`);
    await signing.request(`/v1/runs/done-1/files/jobs/${jobId}/outputs/1/a.0.html`);
    await signing.close();

    expect(types).toEqual(['video/webm', 'application/octet-stream']);
  });

  it('that hold the truth or facts of the account are not shown', async () => {
    await api.stores.objects.put(keys.placements('done-1'), '{}');
    for (const path of ['references.jsonl', 'placements.json', 'request.json', 'host.json', `jobs/${jobId}/tasks/infer-1.json`]) {
      expect((await api.request(`/v1/runs/done-1/files/${path}`)).status).toBe(404);
    }
  });

  it('of another run or outside of runs cannot be named', async () => {
    for (const path of [
      '../other/plan.json',
      '%2e%2e/other/plan.json',
      '..%2fother%2fplan.json',
      '/plan.json',
      'report/..%2f..%2fx',
      'report%5c..%5cx',
    ]) {
      const response = await api.request(`/v1/runs/done-1/files/${path}`);
      expect(response.headers.get('location') ?? '').toBe('');
      expect([400, 404]).toContain(response.status);
    }
  });

  it('are named by plain segments only, whatever the path', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '',
      'report',
      'jobs',
      'outputs',
      '1',
      'a',
      'references.jsonl',
      '%2e',
      '\\',
      '\0',
      'samples',
      'x.jsonl',
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
        const path = pieces.join('/');
        if (!isVisibleFile(path)) return;
        expect(path).not.toMatch(/\.\.|\\|\0|%|\/\/|^references/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('every answer', () => {
  it.each(['/v1/runs', '/v1/runs/nobody', '/nothing', '/v1/health', '/v1/runs/done-1/report'])(
    '%s has the headers of safety and an id',
    async (path) => {
      const { headers } = await api.request(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-request-id')).toMatch(/^request-/);
    },
  );

  it('is logged by its route, without links, paths or queries', async () => {
    api.logs.length = 0;
    await api.request('/v1/runs/done-1/report?format=csv');
    await api.request('/v1/secret-path?token=secret');

    expect(api.logs.map(({ route, status, code }) => ({ route, status, code }))).toEqual([
      { route: '/v1/runs/{id}/report', status: 303, code: null },
      { route: null, status: 404, code: 'route-missing' },
    ]);
    expect(JSON.stringify(api.logs)).not.toContain('secret');
  });
});

describe('a fault of ours', () => {
  it('is logged with its cause and told without it', async () => {
    const broken = await apiFixture({
      listImages: async () => {
        throw new Error('https://s3/?X-Amz-Signature=abc at /var/task/x.ts');
      },
    });

    const response = await broken.request('/v1/models');
    const text = await response.text();

    expect(response.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ code: 'unexpected', remedy: expect.any(String) });
    expect(text).not.toMatch(/Signature|\/var\/task|stack/);
    expect(broken.logs[0]).toMatchObject({ status: 500, code: 'unexpected', cause: expect.any(Error) });
    expect(text).toContain(broken.logs[0]?.requestId);
    await broken.close();
  });
});

describe('registering a model', () => {
  const post = (body: string, type = 'application/json') =>
    api.request('/v1/models', { method: 'POST', body, headers: { 'content-type': type } });

  it.each(['', '{', '[]', 'null', '"x"', '{"manifest":{},"image":"x"}', `{"manifest":${'['.repeat(20_000)}${']'.repeat(20_000)}}`])(
    'refuses the body %.40s',
    async (body) => {
      const response = await post(body);
      expect([400, 422]).toContain(response.status);
      expect(await response.json()).toMatchObject({ remedy: expect.any(String) });
    },
  );

  it('refuses roles, mounts and whatever else a caller must not choose', async () => {
    const body = JSON.stringify({ manifest: {}, image: `x.test/y@sha256:${'a'.repeat(64)}`, taskRoleArn: 'arn:aws:iam::1:role/admin' });
    expect(await (await post(body)).json()).toMatchObject({ code: 'manifest-invalid', detail: expect.stringContaining('taskRoleArn') });
  });

  it('refuses what is not JSON', async () => {
    expect((await post('manifest: {}', 'application/yaml')).status).toBe(415);
  });
});
