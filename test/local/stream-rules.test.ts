/** The two rules about streams, against servers that keep and break them: what they see is what the driver would make of the stream. */
import { afterEach, describe, expect, it } from 'vitest';
import type { CheckContext, Finding, Rule } from '../../lib/conformance/rule.ts';
import { streamsChats } from '../../lib/conformance/rules/streams-chats.ts';
import { streamsEvents } from '../../lib/conformance/rules/streams-events.ts';
import { httpClient } from '../../lib/driver/http-client.ts';
import { boundedCall } from '../../lib/driver/protocols/bounded-call.ts';
import { PLAYGROUND, sdkServer } from '../fixtures/sdk-server.ts';
import { delta, record, type Script, sse, streamServer } from '../fixtures/stream-server.ts';

const open: { close: () => Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function run(rule: Rule, url: string, modelName = 'null-model'): Promise<Finding> {
  const client = httpClient(url, 1);
  open.push(client);
  const context: CheckContext = {
    ...{ url, protocol: rule.protocols[0]!, modelName, instance: null, outputsDir: null, exited: null, terminate: null },
    input: { task: 'image-to-text', prompt: 'go' },
    ...{ readyMs: 10_000, generationMs: 10_000 },
    send: (request, limitMs = 10_000) => boundedCall(client, { ...request, maxBytes: 1 << 20 }, limitMs),
  };
  return rule.run(context);
}

async function judge(rule: Rule, go: Script): Promise<[string, string]> {
  const server = await streamServer({ go });
  open.push(server);
  const { outcome, seen } = await run(rule, server.url);
  return [outcome, seen];
}

const DONE = sse('[DONE]');
const token = (text: string): string => sse({ text }, 'token');

describe('streams-chats', () => {
  it.each<[string, string, RegExp, Script]>([
    [
      'a whole stream',
      'passed',
      /^2 piece\(s\), then \[DONE\]; no usage told$/,
      ({ write }) => write(delta('a') + delta('b', 'stop') + DONE),
    ],
    ['no [DONE]', 'failed', /last event/, ({ write }) => write(delta('a', 'stop'))],
    ['nothing that is a chunk', 'failed', /choices/, ({ write }) => write(sse({}) + DONE)],
    ['an error', 'failed', /boom/, ({ write }) => write(delta('a') + sse({ error: { message: 'boom' } }) + DONE)],
    [
      'one document',
      'failed',
      /content-type application\/json/,
      ({ head, write }) => {
        head(200, 'application/json');
        return write('{"choices": []}');
      },
    ],
    [
      'a refusal',
      'skipped',
      /400/,
      ({ head, write }) => {
        head(400, 'application/json');
        return write('{}');
      },
    ],
  ])('of %s: %s', async (_name, outcome, seen, go) => {
    expect(await judge(streamsChats, go)).toEqual([outcome, expect.stringMatching(seen)]);
  });
});

describe('streams-events', () => {
  it.each<[string, string, RegExp, Script]>([
    ['a whole stream', 'passed', /^2 event/, ({ id, write }) => write(token('a') + sse(record(id, 'ab'), 'completed'))],
    ['no record', 'failed', /^events: token$/, ({ write }) => write(token('a'))],
    ['tokens of another text', 'failed', /no beginning/, ({ id, write }) => write(token('x') + sse(record(id, 'ab'), 'completed'))],
    ['tokens of another shape', 'failed', /event 1/, ({ id, write }) => write(sse('a', 'token') + sse(record(id, 'a'), 'completed'))],
    [
      'one document',
      'failed',
      /content-type application\/json/,
      ({ id, head, write }) => {
        head(200, 'application/json');
        return write(JSON.stringify(record(id, 'a')));
      },
    ],
  ])('of %s: %s', async (_name, outcome, seen, go) => {
    expect(await judge(streamsEvents, go)).toEqual([outcome, expect.stringMatching(seen)]);
  });
});

describe('the servers of the SDK', () => {
  it.each([
    ['native', streamsEvents],
    ['openai-chat', streamsChats],
  ] as const)(
    'keep them (%s)',
    async (protocol, rule) => {
      const server = await sdkServer(PLAYGROUND, 'adapter:Playground', protocol);
      open.push({ close: server.stop });
      const client = httpClient(server.url, 1);
      open.push(client);
      await expect
        .poll(async () => await boundedCall(client, { method: 'GET', path: '/health', maxBytes: 1 << 16 }, 5_000), { timeout: 60_000 })
        .toMatchObject({ status: 200 });
      expect(await run(rule, server.url, 'playground')).toMatchObject({ outcome: 'passed' });
    },
    120_000,
  );
});
