/** `models check` of servers that others wrote: found out, started or not, and told what they break. */
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type CheckedRule, checkServer, detectProtocol } from '../../lib/conformance/check-server.ts';
import type { ModelProtocolName } from '../../lib/core/protocols.ts';
import { type Reply, scriptedServer } from '../fixtures/servers/scripted-server.ts';
import { stockServer } from './stock-server.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function check(url: string, protocol: ModelProtocolName): Promise<CheckedRule[]> {
  const input = { task: 'image-to-text', prompt: 'hello' };
  return checkServer({ url, protocol, modelName: 'words', input, started: null, readyMs: 60_000, generationMs: 10_000 }, () => {});
}

it("a stock server passes by what the driver's own adapter gets from it", async () => {
  const server = await stockServer({
    lock: 'cog',
    folder: join(import.meta.dirname, 'cog/words'),
    command: () => ['python', '-m', 'cog.server.http', '--host', '127.0.0.1'],
    env: (port) => ({ PORT: String(port), COG_PREDICT_TYPE_STUB: 'predict.py:Predictor' }),
  });
  open.push(server.stop);
  const rules = await check(server.url, 'cog');
  expect(rules.map(({ id, outcome, seen }) => [id, outcome, seen])).toEqual([
    ['answers-the-driver', 'passed', 'a text of 16 characters'],
    ['ends-on-sigterm', 'skipped', expect.stringContaining('not ours to end')],
  ]);
  expect(await detectProtocol(server.url)).toBe('cog');
});

it('a server of the Open Inference Protocol is found out', async () => {
  const server = await scriptedServer([
    [/^GET \/v2\/health\/ready/, () => ({ body: {} })],
    [/^GET \/v2\/models\/words$/, () => ({ body: { name: 'words' } })],
    [/infer$/, () => ({ body: { outputs: [{ data: [0.5] }] } })],
  ]);
  open.push(server.stop);
  expect(await detectProtocol(server.url)).toBe('oip-v2');
  expect((await check(server.url, 'oip-v2'))[0]).toMatchObject({ outcome: 'passed', seen: 'the value 0.5' });
});

it.each<[string, ModelProtocolName]>([
  ['/ping', 'sagemaker'],
  ['/v1/videos', 'openai-videos'],
])('what answers %s speaks %s', async (path, protocol) => {
  const server = await scriptedServer([[new RegExp(`^GET ${path}$`), () => ({ body: {} })]]);
  open.push(server.stop);
  expect(await detectProtocol(server.url)).toBe(protocol);
});

it.each<[string, unknown, Reply]>([
  ['no weights', { status: 'SETUP_FAILED', setup: { logs: 'no weights' } }, { body: {} }],
  ['boom', { status: 'READY' }, { body: { status: 'failed', error: 'boom' } }],
  ['openapi', { status: 'READY' }, () => {}],
])('a server that breaks it is told what was seen: %s', async (seen, health, reply) => {
  const server = await scriptedServer([
    [/^GET \/health-check/, () => ({ body: health })],
    [/^GET \/openapi.json/, () => (seen === 'openapi' ? { body: {} } : { status: 404, body: {} })],
    [/^PUT/, () => reply],
  ]);
  open.push(server.stop);
  const [rule] = await check(server.url, 'cog');
  expect(rule).toMatchObject({ id: 'answers-the-driver', outcome: 'failed', seen: expect.stringContaining(seen) });
  expect(rule?.outcome === 'failed' && rule.remedy).toMatch(/^[A-Z].*\.$/s);
});
