/** Answers that break the Open Inference Protocol, outputs of every type, and the ways in which models declare their inputs. */
import { describe, expect, it } from 'vitest';
import type { FrozenItem } from '../../lib/core/job.ts';
import { type DeclaredTensor, openBodyOf } from '../../lib/driver/protocols/oip-input.ts';
import { type Reply, type ScriptedServer, scriptedServer } from '../fixtures/servers/scripted-server.ts';
import { type Driven, drivenBy } from './scripted-job.ts';

const METADATA: Reply = { body: { name: 'words', platform: '', inputs: null } };

function oipScript(reply: Reply, metadata: Reply = METADATA, ready = 200): Promise<ScriptedServer> {
  return scriptedServer([
    [/^GET \/v2\/health\/ready/, () => ({ status: ready, body: {} })],
    [/^GET \/v2\/models\/words$/, () => metadata],
    [/^POST \/v2\/models\/words\/infer$/, () => reply],
  ]);
}

const drive = async (server: Promise<ScriptedServer>): Promise<Driven> =>
  drivenBy(await server, { protocol: 'oip-v2', inputs: [{ prompt: 'x' }], limits: { readyMs: 400 } });
const outputs = (...data: unknown[]): Reply => ({
  body: { model_name: 'words', outputs: data.map((each) => ({ name: 'o', data: each })) },
});
const nested = (depth: number): string => `{"outputs":[{"data":${'['.repeat(depth)}1${']'.repeat(depth)}}]}`;

describe('what a server answers', () => {
  it.each<[string, Reply, string, string]>([
    ['no JSON', { body: 'hello' }, 'model_error', 'answer-not-json'],
    ['infinity', { body: '{"outputs":[{"data":[Infinity]}]}' }, 'model_error', 'answer-not-json'],
    ['no outputs', { body: {} }, 'model_error', 'answer-bad-shape'],
    ['an empty list of outputs', { body: { outputs: [] } }, 'model_error', 'answer-empty'],
    ['an output without elements', outputs([]), 'model_error', 'answer-empty'],
    [
      'binary data that nobody asked for',
      { body: { outputs: [{ parameters: { binary_data_size: 8 } }] } },
      'model_error',
      'answer-bad-shape',
    ],
    ['65 outputs', outputs(...Array.from({ length: 65 }, () => [1])), 'model_error', 'answer-bad-shape'],
    ['a number that is not finite', outputs([null]), 'model_error', 'answer-not-finite'],
    ['more dimensions than anybody has', { body: nested(40) }, 'model_error', 'answer-bad-shape'],
    ['a million of them', { body: nested(1_000_000) }, 'model_error', 'answer-bad-shape'],
    ['the inference of another id', { body: { id: 'else', outputs: [{ data: [1] }] } }, 'model_error', 'answer-bad-shape'],
    ['400', { status: 400, body: { error: 'unexpected shape' } }, 'invalid_input', 'http-400'],
    ['503', { status: 503, body: { error: 'no capacity' } }, 'transient', 'http-503'],
  ])('%s', async (_title, reply, failureClass, code) => {
    expect((await drive(oipScript(reply))).ends).toEqual([[failureClass, code]]);
  });

  it.each<[string, Reply, object]>([
    ['a number', outputs([2.5]), { value: 2.5 }],
    ['a number in nested lists', outputs([[[7]]]), { value: 7 }],
    ['a text', outputs(['hi']), { text: 'hi' }],
    ['a truth value', outputs([true]), { text: 'true' }],
    ['the one output of one element among others', outputs([1, 2], ['chosen'], [3]), { text: 'chosen' }],
    ['nothing but vectors', outputs([0.25, 0.75], [1, 2]), { text: '[0.25,0.75]' }],
  ])('%s', async (_title, reply, kept) => {
    expect((await drive(oipScript(reply))).ends).toEqual([kept]);
  });

  it.each<[string, Reply, number, object]>([
    ['that it is not ready, for ever', METADATA, 503, { kind: 'not-ready', failure: { code: 'never-ready' } }],
    ['that it does not know the model', { status: 404, body: {} }, 200, { kind: 'refused', failure: { code: 'other-model' } }],
    ['metadata of something else', { body: { inputs: 'x' } }, 200, { kind: 'refused', failure: { code: 'metadata-bad-shape' } }],
    ['an error in place of metadata', { status: 500, body: 'x' }, 200, { kind: 'refused', failure: { code: 'metadata-missing' } }],
  ])('%s ends the attempt', async (_title, metadata, ready, end) => {
    expect((await drive(oipScript(outputs([1]), metadata, ready))).end).toMatchObject({ kind: 'ended', end });
  });
});

function sent(input: FrozenItem['input'], declared: DeclaredTensor[], params: Record<string, unknown> = {}): unknown {
  const sample = { sampleId: 'i.0', repeat: 0, seed: 7, item: { id: 'i', input, attributes: {} } };
  const body = openBodyOf(sample, declared, { params, inputPath: () => '/dev/null' });
  return JSON.parse(`${String(body)}}`);
}

const tensor = (name: string, datatype: string, shape: number[]): DeclaredTensor => ({ name, datatype, shape });

describe('a sample becomes tensors', () => {
  it('by the names that the model declares; other params stay parameters', () => {
    const declared = [tensor('seed', 'UINT64', [-1]), tensor('text_input', 'BYTES', [-1, 1]), tensor('stream', 'BOOL', [1])];
    expect(sent({ prompt: 'p' }, declared, { stream: false, top: 3 })).toEqual({
      inputs: [
        { name: 'seed', datatype: 'UINT64', shape: [1], data: [7] },
        { name: 'text_input', datatype: 'BYTES', shape: [1, 1], data: ['p'] },
        { name: 'stream', datatype: 'BOOL', shape: [1], data: [false] },
      ],
      parameters: { top: 3 },
    });
  });

  it('one an input for columns that have one, a matrix of the rest; an empty cell is not sent', () => {
    const declared = [tensor('sex', 'BYTES', [1]), tensor('rest', 'FP32', [-1, 2])];
    expect(sent({ row: { age: 5, sex: 2, bmi: 6, bp: null } }, declared)).toEqual({
      inputs: [
        { name: 'sex', datatype: 'BYTES', shape: [1], data: ['2'] },
        { name: 'rest', datatype: 'FP32', shape: [1, 2], data: [5, 6] },
      ],
      parameters: { seed: 7 },
    });
  });

  it('without a declaration as the examples of servers have it', () => {
    expect(sent({ prompt: 'p', row: { a: 1, b: 2 } }, [])).toEqual({
      inputs: [
        { name: 'prompt', datatype: 'BYTES', shape: [1], data: ['p'] },
        { name: 'input-0', datatype: 'FP64', shape: [1, 2], data: [1, 2] },
      ],
      parameters: { seed: 7 },
    });
  });

  it('a conversation is a text of JSON; a vector has one dimension', () => {
    const messages = [{ role: 'user', content: 'hi' }];
    expect(sent({ messages }, [tensor('q', 'BYTES', [1])])).toMatchObject({ inputs: [{ name: 'q', data: [JSON.stringify(messages)] }] });
    expect(sent({ row: { a: 1, b: 2 } }, [tensor('v', 'INT64', [2])])).toMatchObject({ inputs: [{ shape: [2], data: [1, 2] }] });
  });
});
