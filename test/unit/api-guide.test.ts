/** The commands of docs/api.md are executed as they stand, by curl, against the API over stored runs; its table of codes is complete. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { createAdaptorServer } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../lib/api/create-api.ts';
import { API_PROBLEMS } from '../../lib/api/problems.ts';
import { readLocalRegistry } from '../../lib/compose/local-registry.ts';
import { type ApiFixture, apiFixture, storeRun } from '../fixtures/api-fixture.ts';

const guide = readFileSync('docs/api.md', 'utf8');
const blocks = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) => text);
const run = promisify(execFile);

let api: ApiFixture;
let server: ReturnType<typeof createAdaptorServer>;
let settings: Record<string, string> = {};
beforeAll(async () => {
  const registry = await readLocalRegistry({ root: process.cwd() });
  api = await apiFixture({
    readRegistry: async () => registry,
    signLink: async () => `${settings.API}/v1/health`,
  });
  const [job] = await storeRun(api, { runId: 'done-1' });
  await storeRun(api, { runId: 'done-2' });
  server = createAdaptorServer({ fetch: createApi(api.ports, { version: '1' }).fetch });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  settings = { API: `http://127.0.0.1:${port}`, RUN: 'done-1', OTHER: 'done-2', JOB: job?.jobId ?? '' };
});
afterAll(async () => {
  server.close();
  await api.close();
});

/** A run that has succeeded cannot be resumed. */
async function endEarly(runId: string): Promise<void> {
  const found = await api.stores.runs.getRun(runId);
  if (found === null) throw new Error(`there is no run ${runId}`);
  await api.stores.runs.replaceRun({ ...found, version: found.version + 1, state: 'incomplete' });
}

describe('the guide to the API', () => {
  it('has commands', () => expect(blocks.length).toBeGreaterThan(5));

  it.each(blocks)('%s', async (block) => {
    // Every answer is named by its status: a refused command fails the test, whatever curl makes of it.
    const script = `call() { curl --silent --show-error --fail-with-body "$@"; }\n${block}`;
    if (block.includes('/starts')) await endEarly('done-1');
    api.logs.length = 0;
    const { stdout } = await run('bash', ['-eu', '-c', script], { env: { PATH: process.env.PATH, ...settings } });

    expect(stdout.length).toBeGreaterThan(0);
    expect(api.logs.length).toBeGreaterThan(0);
    expect(api.logs.filter(({ status }) => status >= 400)).toEqual([]);
    if (block.includes('if-none-match')) expect(stdout).toBe('304');
  });

  it('names every code that the API answers', () => {
    const named = new Set([...guide.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code));
    expect(Object.keys(API_PROBLEMS).filter((code) => !named.has(code))).toEqual([]);
  });
});
