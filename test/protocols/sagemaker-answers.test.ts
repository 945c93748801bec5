/** What a container may answer over the protocol sagemaker, and what it must not; what it is sent for each kind of sample. */
import { describe, expect, it } from 'vitest';
import type { FrozenItem } from '../../lib/core/job.ts';
import { invocationOf } from '../../lib/driver/protocols/sagemaker-input.ts';
import { type Reply, type ScriptedServer, scriptedServer } from '../fixtures/servers/scripted-server.ts';
import { type Driven, drivenBy } from './scripted-job.ts';

function container(reply: Reply, ping = 200): Promise<ScriptedServer> {
  return scriptedServer([
    [/^GET \/ping$/, () => ({ status: ping, body: '' })],
    [/^POST \/invocations$/, () => reply],
  ]);
}

const drive = async (server: Promise<ScriptedServer>): Promise<Driven> =>
  drivenBy(await server, { protocol: 'sagemaker', inputs: [{ prompt: 'x' }], limits: { readyMs: 400 } });
const typed = (contentType: string, body: string): Reply => ({ body, headers: { 'content-type': contentType } });
const file = (kind: string, bytes: number, contentType: string): object => ({
  files: [expect.objectContaining({ kind, bytes, contentType })],
});

describe('what a container answers', () => {
  it.each<[string, Reply, object]>([
    ['a number', { body: 2.5 }, { value: 2.5 }],
    [
      'a text that is no JSON',
      { body: 'hi', headers: { 'content-type': 'application/json; charset=utf-8' } },
      ['model_error', 'answer-not-json'],
    ],
    ['a text of JSON', typed('application/json', '"hi"'), { text: 'hi' }],
    ['predictions', { body: { predictions: [[7]] } }, { value: 7 }],
    ['generated text', { body: [{ generated_text: 'once', extra: 1 }] }, { text: 'once' }],
    ['a chat completion', { body: { choices: [{ message: { content: 'hello' }, finish_reason: 'stop' }] } }, { text: 'hello' }],
    [
      'a chat completion that was cut',
      { body: { choices: [{ message: { content: '' }, finish_reason: 'content_filter' }] } },
      ['model_error', 'finish-reason'],
    ],
    ['several predictions', { body: { predictions: [1, 2] } }, { text: '[1,2]' }],
    ['an object of its own', { body: { label: 'cat', share: 0.5 } }, { text: '{"label":"cat","share":0.5}' }],
    ['CSV of one number', typed('text/csv', '-3.5e2\n'), { value: -350 }],
    ['CSV of more', typed('text/csv', '1,2\n'), { text: '1,2' }],
    ['CSV of an infinite number', typed('text/csv', '1e999'), { text: '1e999' }],
    ['plain text', typed('text/plain; charset=utf-8', 'hé'), { text: 'hé' }],
    ['a picture', typed('image/png', 'png'), file('image', 3, 'image/png')],
    ['bytes', typed('application/octet-stream', 'four'), file('file', 4, 'application/octet-stream')],
    ['a video that is none', typed('video/mp4', 'not a video'), ['model_error', 'output-not-a-video']],
    ['nothing', typed('application/json', ''), ['model_error', 'answer-empty']],
    ['an empty list', { body: { predictions: [] } }, ['model_error', 'answer-empty']],
    ['null', typed('application/json', 'null'), ['model_error', 'answer-empty']],
    ['a hundred lists of one', typed('application/json', `${'['.repeat(100)}1${']'.repeat(100)}`), ['model_error', 'answer-bad-shape']],
    ['a type that is none', typed('../../etc/passwd', 'x'), ['model_error', 'answer-bad-shape']],
    ['400', { status: 400, body: { code: 400, message: 'no instances' } }, ['invalid_input', 'http-400']],
    ['500', { status: 500, body: { code: 500, message: 'Worker died.' } }, ['model_error', 'http-500']],
  ])('%s', async (_title, reply, kept) => {
    expect((await drive(container(reply))).ends).toEqual([kept]);
  });

  it('an unhealthy ping, for ever, ends the attempt', async () => {
    const { end } = await drive(container({ body: 1 }, 503));
    expect(end).toMatchObject({ kind: 'ended', end: { kind: 'not-ready', failure: { code: 'never-ready' } } });
  });
});

describe('what a container is sent', () => {
  const sent = async (input: FrozenItem['input']): Promise<unknown> => {
    const sample = { sampleId: 'i.0', repeat: 0, seed: 7, item: { id: 'i', input, attributes: {} } };
    return JSON.parse(await invocationOf(sample, { params: { top: 3 }, inputPath: () => '/dev/null' }));
  };
  const image = { sha256: 'a', contentType: 'image/png', name: 'a.png' };

  it.each<[string, FrozenItem['input'], object]>([
    ['a prompt', { prompt: 'p' }, { inputs: 'p', parameters: { top: 3, seed: 7 } }],
    ['a row', { row: { a: 1, b: null } }, { instances: [{ a: 1, b: null }], parameters: { top: 3, seed: 7 } }],
    ['a conversation', { messages: [{ role: 'user', content: 'hi' }] }, { messages: [{ role: 'user', content: 'hi' }], top: 3, seed: 7 }],
  ])('%s', async (_title, input, body) => {
    expect(await sent(input)).toEqual(body);
  });

  it('files in one message', async () => {
    const url = { type: 'image_url', image_url: { url: 'data:image/png;base64,' } };
    const content = [{ type: 'text', text: 'p' }, url];
    expect(await sent({ prompt: 'p', files: [image] })).toEqual({ messages: [{ role: 'user', content }], top: 3, seed: 7 });
  });
});
