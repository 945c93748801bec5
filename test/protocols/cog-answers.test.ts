/** Answers that no Cog server gives, and outputs of every type that a predictor may have: each has its class and code, or its place in the row. */
import { describe, expect, it } from 'vitest';
import { runDriver } from '../../lib/driver/run-driver.ts';
import { bodyOf, CONVENTIONAL, readInputs } from '../../lib/driver/protocols/cog-input.ts';
import { type Reply, type ScriptedServer, scriptedServer } from '../fixtures/servers/scripted-server.ts';
import { drivenBy, scriptedJob } from './scripted-job.ts';

const READY = { status: 'READY', setup: { status: 'succeeded', logs: '' } };
const data = (contentType: string, text: string): string => `data:${contentType};base64,${Buffer.from(text).toString('base64')}`;

function cogScript(replies: readonly Reply[], more: { health?: unknown; document?: Reply } = {}): Promise<ScriptedServer> {
  const left = [...replies];
  return scriptedServer([
    [/^GET \/health-check/, () => ({ body: more.health ?? READY })],
    [/^GET \/openapi.json/, () => more.document ?? { status: 503, body: { error: 'no schema' } }],
    [/^PUT \/predictions\//, () => left.shift() ?? { status: 500, body: 'nothing left' }],
  ]);
}

const done = (output: unknown, more: object = {}): Reply => ({ body: { status: 'succeeded', output, ...more } });

describe('what a server answers', () => {
  it.each<[string, Reply, string, string]>([
    ['no JSON', { body: 'hello' }, 'model_error', 'answer-not-json'],
    ['NaN', { body: '{"status":"succeeded","output":NaN}' }, 'model_error', 'answer-not-json'],
    ['a list', { body: [] }, 'model_error', 'answer-bad-shape'],
    ['no output', done(null), 'model_error', 'answer-empty'],
    ['an empty list', done([]), 'model_error', 'answer-empty'],
    ['the prediction of another id', done('x', { id: 'else' }), 'model_error', 'answer-bad-shape'],
    ['a prediction that goes on', { body: { status: 'processing' } }, 'model_error', 'answer-bad-shape'],
    ['202', { status: 202, body: { status: 'processing' } }, 'model_error', 'http-202'],
    ['a cancel that nobody asked for', { body: { status: 'canceled' } }, 'model_error', 'generation-cancelled'],
    ['a failure without a word', { body: { status: 'failed', error: 7 } }, 'model_error', 'prediction-failed'],
    ['texts and files in one list', done(['x', data('image/png', 'y')]), 'model_error', 'answer-bad-shape'],
    ['65 files', done(Array.from({ length: 65 }, () => data('image/png', 'y'))), 'model_error', 'answer-bad-shape'],
    ['an empty file', done('data:image/png;base64,'), 'model_error', 'output-empty'],
    ['a video that is none', done(data('video/mp4', 'not a video')), 'model_error', 'output-not-a-video'],
    ['a time before its start', done('x', { metrics: { predict_time: -1 } }), 'model_error', 'answer-bad-shape'],
    ['422', { status: 422, body: { detail: [{ msg: 'seed: not a number' }] } }, 'invalid_input', 'http-422'],
    ['500', { status: 500, body: 'oops' }, 'model_error', 'http-500'],
  ])('%s', async (_title, reply, failureClass, code) => {
    const server = await cogScript([reply]);
    const { ends } = await drivenBy(server, { protocol: 'cog', inputs: [{ prompt: 'x' }] });
    expect(ends).toEqual([[failureClass, code]]);
  });

  it.each<[string, unknown, object]>([
    ['a number', 0.25, { value: 0.25 }],
    ['a list of one number', [3], { value: 3 }],
    ['a truth value', false, { text: 'false' }],
    ['pieces of a text', ['a', '', 'b'], { text: 'ab' }],
    ['an empty text', '', { text: '' }],
    ['numbers', [1, 2], { text: '[1,2]' }],
    ['an object', { label: 'cat', share: 0.5 }, { text: '{"label":"cat","share":0.5}' }],
    ['a text that begins like a file', 'data:image/png;base64,###', { text: 'data:image/png;base64,###' }],
    ['a text file', data('text/plain', 'hi'), { files: [expect.objectContaining({ kind: 'text', bytes: 2, contentType: 'text/plain' })] }],
    ['a file in an object', { mask: data('image/webp', 'm'), n: 1 }, { files: [expect.objectContaining({ kind: 'image', bytes: 1 })] }],
    [
      'a file of no known type',
      data('model/gltf', 'm'),
      { files: [expect.objectContaining({ kind: 'file', key: expect.stringMatching(/\.bin$/) })] },
    ],
  ])('%s', async (_title, output, kept) => {
    const { ends } = await drivenBy(await cogScript([done(output)]), { protocol: 'cog', inputs: [{ prompt: 'x' }] });
    expect(ends).toEqual([kept]);
  });

  it.each<[string, { health?: unknown; document?: Reply }, object]>([
    ['a health record of something else', { health: { status: 'fine' } }, { kind: 'not-ready', failure: { code: 'health-bad-shape' } }],
    ['that it is defunct', { health: { status: 'DEFUNCT' } }, { kind: 'refused', failure: { code: 'server-defunct' } }],
    ['a setup that failed without a word', { health: { status: 'SETUP_FAILED' } }, { kind: 'refused', failure: { code: 'setup-failed' } }],
    ['that it is starting, for ever', { health: { status: 'STARTING' } }, { kind: 'not-ready', failure: { code: 'never-ready' } }],
    ['a document of something else', { document: { body: { openapi: '3' } } }, { kind: 'refused', failure: { code: 'schema-bad-shape' } }],
  ])('%s ends the attempt', async (_title, more, end) => {
    const server = await cogScript([], more);
    const driven = await drivenBy(server, { protocol: 'cog', inputs: [{ prompt: 'x' }], limits: { readyMs: 400 } });
    expect(driven.end).toMatchObject({ kind: 'ended', end });
  });
});

const inputs = (properties: object, more: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ components: { schemas: { Input: { properties, ...more }, Output: { type: 'array' } } } }));
const TEXT = { type: 'string' };
const FILE = { type: 'string', format: 'uri' };

describe('the inputs of a predictor', () => {
  it.each([
    ['prompt', { text: TEXT, prompt: TEXT }, {}],
    ['text', { style: TEXT, text: TEXT }, {}],
    ['question', { question: TEXT, style: TEXT }, { required: ['question'] }],
    ['prompt', { a: TEXT, b: TEXT }, { required: ['a', 'b'] }],
    ['prompt', { image: FILE }, { required: ['image'] }],
  ])('a prompt goes to %s of %j', (name, properties, more) => {
    expect(readInputs(inputs(properties, more))?.prompt).toBe(name);
  });

  it('are filled in their order, the rest in a list; a list of texts has lines', async () => {
    const read = readInputs(
      inputs({ more: { type: 'array', items: FILE, 'x-order': 2 }, first: { ...FILE, 'x-order': 1 }, seed: { type: 'integer' } }),
    );
    expect(read).toMatchObject({ seed: 'seed', between: '\n', files: [{ name: 'first' }, { name: 'more', isList: true }] });
    const files = ['a', 'b', 'c'].map((sha256) => ({ sha256, contentType: 'image/png', name: sha256 }));
    const sample = { sampleId: 'i.0', repeat: 0, seed: 7, item: { id: 'i', input: { row: { age: 3, sex: null }, files }, attributes: {} } };
    const body = await bodyOf(sample, read!, { params: { k: 1 }, inputPath: () => '/dev/null' });
    const url = 'data:image/png;base64,';
    expect(JSON.parse(body)).toEqual({ input: { k: 1, age: 3, seed: 7, first: url, more: [url, url] } });
  });

  it('by convention take one picture and no seed; what is left over is not dropped', async () => {
    const files = ['a', 'b'].map((sha256) => ({ sha256, contentType: 'image/png', name: sha256 }));
    const sample = { sampleId: 'i.0', repeat: 0, seed: 7, item: { id: 'i', input: { prompt: 'p', files }, attributes: {} } };
    const { input } = JSON.parse(await bodyOf(sample, CONVENTIONAL, { params: {}, inputPath: () => '/dev/null' }));
    expect(input).toEqual({ prompt: 'p', image: 'data:image/png;base64,', files: ['data:image/png;base64,'] });
  });
});

it('a server is asked to end when the driver is', async () => {
  const server = await cogScript([() => {}]);
  const stop = new AbortController();
  const { job, close } = await scriptedJob(server, { protocol: 'cog', inputs: [{ prompt: 'x' }] });
  const driven = runDriver({ ...(await job.nextAttempt()), signal: stop.signal, tuning: { drainMs: 0 } });
  while (!server.asked.some(({ method }) => method === 'PUT')) await new Promise((resolve) => setTimeout(resolve, 10));
  stop.abort();
  await driven;
  expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(
    expect.arrayContaining(['POST /predictions/item-0.0.1.1/cancel', 'POST /shutdown']),
  );
  await close();
});
