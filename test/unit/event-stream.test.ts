/** Streams of both protocols, cut in every way: whatever the network does to the bytes, the answer and its pieces are the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ANSWER_BYTES, MAX_TEXT_BYTES } from '../../lib/driver/protocols/answer-guards.ts';
import { readCompletion } from '../../lib/driver/protocols/chat-answer.ts';
import { chatStream } from '../../lib/driver/protocols/chat-stream.ts';
import { eventStream, type StreamEvent } from '../../lib/driver/protocols/event-stream.ts';
import type { ReadAnswer } from '../../lib/driver/protocols/native-answer.ts';
import { nativeStream } from '../../lib/driver/protocols/native-stream.ts';
import { readStream, type StreamReader } from '../../lib/driver/protocols/streamed-answer.ts';
import { MAX_GAPS } from '../../lib/core/sample.ts';

const delta = (members: object, reason: string | null = null): object => ({
  choices: [{ index: 0, delta: members, finish_reason: reason }],
});
const sse = (events: readonly (object | string)[]): string =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
const chatOf = (pieces: readonly string[]): string => sse([...pieces.map((content) => delta({ content })), delta({}, 'stop'), '[DONE]']);
const readChat = (text: string): ReadAnswer => readStream(Buffer.from(text), chatStream());
const code = (read: ReadAnswer): string => (read.ok ? 'ok' : `${read.failure.class} ${read.failure.code}`);

function recordOf(output: object, usage: object | null = null): object {
  return { id: 'g', status: 'succeeded', output, usage, timings: null, effectiveParams: null, error: null };
}
function nativeOf(tokens: readonly unknown[], record: object): string {
  const parts = tokens.map((text) => `event: token\ndata: ${JSON.stringify({ text })}\n\n`);
  return `${parts.join('')}event: completed\ndata: ${JSON.stringify(record)}\n\n`;
}
const readNative = (text: string): ReadAnswer => readStream(Buffer.from(text), nativeStream('g'));

/** Chunk k comes at k milliseconds. */
function readCut(bytes: Buffer, cuts: readonly number[], reader: StreamReader): ReadAnswer {
  const events = eventStream(reader.onEvent);
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  const edges = [0, ...at, bytes.length];
  for (const [k, edge] of edges.slice(1).entries()) events.feed(bytes.subarray(edges[k], edge), k);
  return reader.answer();
}

const pieces = fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 12 });
const cuts = fc.array(fc.nat(), { maxLength: 40 });
const lineEnds = fc.constantFrom('\n', '\r\n', '\r');
const noise = fc.constantFrom('', ': keep-alive\n\n', 'retry: 10\nid: 7\n\n', 'unknown line\n');

describe('any cutting of a stream', () => {
  it('gives the text of the unstreamed answer, every piece, in order (openai-chat)', () => {
    fc.assert(
      fc.property(pieces, cuts, lineEnds, noise, (texts, at, lineEnd, between) => {
        const wire = `\uFEFF${between}${chatOf(texts).replaceAll('\n\n', `\n\n${between}`)}`.replaceAll('\n', lineEnd);
        const read = readCut(Buffer.from(wire), at, chatStream());
        const whole = readCompletion(
          Buffer.from(JSON.stringify({ choices: [{ message: { content: texts.join('') }, finish_reason: 'stop' }] })),
        );
        expect(read).toEqual({ ok: true, answer: { ...(whole.ok && whole.answer), stream: expect.anything() } });
        const stream = read.ok ? read.answer.stream! : null;
        expect(stream).toMatchObject({ pieces: texts.length, tokens: texts.length, tokensFrom: 'pieces' });
        expect(stream?.gapsMs).toHaveLength(texts.length - 1);
        expect(stream?.gapsMs.reduce((sum, gap) => sum + gap, stream.firstPieceAt)).toBe(stream?.lastPieceAt);
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives the record and every token, in order (native)', () => {
    fc.assert(
      fc.property(pieces, cuts, lineEnds, noise, (texts, at, lineEnd, between) => {
        const wire = `${between}${nativeOf(texts, recordOf({ text: texts.join('') }))}`.replaceAll('\n', lineEnd);
        const read = readCut(Buffer.from(wire), at, nativeStream('g'));
        expect(read).toMatchObject({ ok: true, answer: { text: texts.join(''), stream: { pieces: texts.length } } });
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives bytes that are not UTF-8 the same replacement as an answer in one piece', () => {
    const invalid = fc
      .uint8Array({ minLength: 1, maxLength: 30 })
      .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10 && byte !== 13)));
    fc.assert(
      fc.property(invalid, cuts, (bytes, at) => {
        const seen: string[] = [];
        const reader: StreamReader = {
          onEvent: ({ data }) => seen.push(data),
          answer: () => ({ ok: false, failure: { class: 'infra', code: '', message: '' } }),
        };
        readCut(Buffer.concat([Buffer.from('data:x'), bytes, Buffer.from('\n\n')]), at, reader);
        expect(seen).toEqual([`x${bytes.toString('utf8')}`]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the events of a stream', () => {
  const eventsOf = (chunks: readonly string[]): StreamEvent[] => {
    const seen: StreamEvent[] = [];
    const events = eventStream((event) => seen.push(event));
    for (const [at, chunk] of chunks.entries()) events.feed(Buffer.from(chunk), at);
    return seen;
  };

  it('have the time of the chunk that ended them, and several of one chunk one time', () => {
    const seen = eventsOf(['data: a\n', '\ndata: b\n\ndata: c\n\nda', 'ta: d\n', '\n']);
    expect(seen.map(({ data, at, number }) => [data, at, number])).toEqual([
      ['a', 1, 1],
      ['b', 1, 2],
      ['c', 1, 3],
      ['d', 3, 4],
    ]);
  });

  it('are dropped where the stream ends inside one', () => {
    expect(eventsOf(['data: a\n\ndata: b\n']).map(({ data }) => data)).toEqual(['a']);
  });

  it('are refused when one has no end', () => {
    const events = eventStream(() => {});
    const piece = Buffer.alloc(64 * 1024, 'x');
    events.feed(Buffer.from('data: '), 0);
    const feedAll = (): void => {
      for (let fed = 0; fed <= MAX_ANSWER_BYTES; fed += piece.length) events.feed(piece, 0);
    };
    expect(feedAll).toThrow(expect.objectContaining({ code: 'answer-too-large' }));
  });

  it('hold nothing of a comment without an end', () => {
    const events = eventStream(() => {});
    const piece = Buffer.alloc(1024 * 1024, 'x');
    events.feed(Buffer.from(':'), 0);
    for (let fed = 0; fed < 3 * MAX_ANSWER_BYTES; fed += piece.length) events.feed(piece, 0);
  });
});

describe('a streamed chat', () => {
  const answerOf = (events: readonly (object | string)[]) => {
    const read = readChat(sse(events));
    if (!read.ok) throw new Error(read.failure.message);
    return read.answer;
  };

  it('counts what adds text or reasoning as a piece, and only what adds text as text', () => {
    const { text, stream } = answerOf([
      delta({ role: 'assistant', content: '' }),
      delta({ reasoning_content: 'hm' }),
      delta({ reasoning: 'so' }),
      delta({ content: 'yes' }),
      delta({ content: null }),
      delta({ tool_calls: [{ index: 0 }] }),
      { choices: [] },
      { choices: [{ index: 1, delta: { content: 'another choice' } }] },
      { choices: [{ index: 0, finish_reason: 'stop' }] },
      '[DONE]',
      'not json, and never read',
    ]);
    expect(text).toBe('yes');
    expect(stream).toMatchObject({ pieces: 3, tokens: 3 });
  });

  it('has no stream facts when nothing was said', () => {
    expect(answerOf([delta({ content: '' }, 'stop'), '[DONE]'])).toMatchObject({ text: '', stream: null });
  });

  it.each([
    ['absent', [], 2, 'pieces', null],
    [
      'at the end',
      [{ choices: [], usage: { prompt_tokens: 5, completion_tokens: 9 } }],
      9,
      'server',
      { promptTokens: 5, completionTokens: 9 },
    ],
    [
      'in every chunk',
      [
        { ...delta({ content: 'c' }), usage: { completion_tokens: 1 } },
        { choices: [], usage: { completion_tokens: 4 } },
      ],
      4,
      'server',
      { completionTokens: 4 },
    ],
    [
      'before the end',
      [
        { choices: [], usage: { completion_tokens: 6 } },
        { choices: [], usage: null },
      ],
      6,
      'server',
      { completionTokens: 6 },
    ],
    ['without the tokens of the answer', [{ choices: [], usage: { prompt_tokens: 5 } }], 2, 'pieces', { promptTokens: 5 }],
    ['that contradicts the pieces', [{ choices: [], usage: { completion_tokens: 0 } }], 2, 'pieces', { completionTokens: 0 }],
  ])('with usage %s counts tokens accordingly', (_name, more, tokens, tokensFrom, usage) => {
    const answer = answerOf([delta({ content: 'a' }), delta({ content: 'b' }, 'stop'), ...more, '[DONE]']);
    expect(answer.usage).toEqual(usage);
    expect(answer.stream).toMatchObject({ tokens, tokensFrom });
  });

  it.each([
    ['a stream without an end', [delta({ content: 'a' })], 'model_error stream-broken'],
    ['an empty stream', [], 'model_error stream-broken'],
    ['no [DONE] after a finish_reason', [delta({ content: 'a' }, 'length')], 'ok'],
    ['no finish_reason before [DONE]', [delta({ content: 'a' }), '[DONE]'], 'ok'],
    ['a filtered answer', [delta({ content: 'a' }, 'content_filter'), '[DONE]'], 'model_error finish-reason'],
    ['a call of a tool', [delta({ tool_calls: [] }, 'tool_calls'), '[DONE]'], 'model_error finish-reason'],
    ['no content at all', [delta({ role: 'assistant' }, 'stop'), '[DONE]'], 'model_error answer-empty'],
    ['data that is no JSON', [delta({ content: 'a' }), '{"choices":[NaN'], 'model_error answer-not-json'],
    ['a chunk that is a list', [[1]], 'model_error answer-bad-shape'],
    ['a chunk without choices', [{ id: 'x' }], 'model_error answer-bad-shape'],
    ['content that is a number', [delta({ content: 7 })], 'model_error answer-bad-shape'],
    ['usage of half a token', [{ choices: [], usage: { completion_tokens: 1.5 } }], 'model_error answer-bad-shape'],
    [
      'an error of ours',
      [delta({ content: 'a' }), { error: { class: 'oom_host', code: 'killed', message: 'm' } }, '[DONE]'],
      'oom_host killed',
    ],
    ['an error with a status', [{ error: { message: 'm', code: 503 } }], 'transient http-503'],
    ['an error with a code', [{ error: { message: 'm', code: 'context-length' } }], 'model_error context-length'],
    ['an error that is a text', [{ error: 'boom' }], 'model_error stream-error'],
    ['an object that says it is one', [{ object: 'error', message: 'm', code: 400 }], 'invalid_input http-400'],
  ])('%s', (_name, events, expected) => {
    expect(code(readChat(sse(events)))).toBe(expected);
  });

  it('takes an event named error for one', () => {
    expect(code(readChat('event: error\ndata: {"message": "no room"}\n\n'))).toBe('model_error stream-error');
  });

  it('keeps so many gaps and counts every piece', () => {
    const many = MAX_GAPS + 5;
    const read = readChat(chatOf(Array.from({ length: many }, () => 'x')));
    expect(read.ok && read.answer.stream?.pieces).toBe(many);
    expect(read.ok && read.answer.stream?.gapsMs.length).toBe(MAX_GAPS);
  });

  it('puts a character together that its pieces cut in two', () => {
    expect(readChat(chatOf(['\ud83d', '\ude00']))).toMatchObject({ answer: { text: '😀' } });
  });
});

describe('a native stream', () => {
  it.each([
    ['tokens that are the text', ['a', 'b'], { text: 'ab' }, { pieces: 2 }],
    ['tokens that the text goes on after', ['a', 'b'], { text: 'abc' }, { pieces: 3 }],
    ['tokens of another text', ['a', 'x'], { text: 'ab' }, null],
    ['more tokens than the text', ['a', 'b', ' '], { text: 'ab' }, null],
    ['no tokens', [], { text: 'ab' }, null],
    ['empty tokens', ['', ''], { text: 'ab' }, null],
    ['tokens of a long text that became a file', ['x'.repeat(MAX_TEXT_BYTES), 'y'], { value: 1 }, { pieces: 2 }],
  ])('with %s: the record is the answer, and has %j -> %j', (_name, tokens, output, stream) => {
    const read = readNative(nativeOf(tokens, recordOf(output)));
    expect(read).toMatchObject({ ok: true, answer: { ...output, stream } });
  });

  it('counts tokens as the record does', () => {
    const read = readNative(nativeOf(['a'], recordOf({ text: 'a' }, { completionTokens: 3 })));
    expect(read).toMatchObject({ answer: { stream: { pieces: 1, tokens: 3, tokensFrom: 'server' } } });
  });

  it.each([
    ['no record', 'event: token\ndata: {"text": "a"}\n\n', 'model_error stream-broken'],
    ['a record that is no JSON', 'event: completed\ndata: {\n\n', 'model_error answer-not-json'],
    ['the record of another generation', nativeOf([], { ...recordOf({ text: 'a' }), id: 'other' }), 'model_error answer-bad-shape'],
    [
      'a record of a failure',
      nativeOf(['a'], { id: 'g', status: 'failed', error: { class: 'timeout', code: 'deadline', message: '' } }),
      'timeout deadline',
    ],
    ['a token that is no JSON', 'event: token\ndata: a\n\n', 'model_error answer-not-json'],
    ['a token that is a number', nativeOf([7], recordOf({ text: '7' })), 'model_error answer-bad-shape'],
    ['events that nobody knows', `event: news\ndata: ?\n\ndata: ?\n\n${nativeOf([], recordOf({ text: 'a' }))}`, 'ok'],
    ['what follows the record', `${nativeOf([], recordOf({ text: 'a' }))}event: completed\ndata: {\n\n`, 'ok'],
  ])('%s', (_name, wire, expected) => {
    expect(code(readNative(wire))).toBe(expected);
  });
});
