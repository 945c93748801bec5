/** Streamed answers through the whole driver: real connections to a server that cuts, breaks, floods and lies; and the servers of the SDK. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../lib/core/job.ts';
import type { SampleRow, SucceededRow } from '../../lib/core/sample.ts';
import { newSwitch } from '../../lib/driver/http-client.ts';
import type { ModelProtocol } from '../../lib/driver/protocols/model-protocol.ts';
import { nativeProtocol } from '../../lib/driver/protocols/native.ts';
import { openaiChatProtocol } from '../../lib/driver/protocols/openai-chat.ts';
import { runDriver } from '../../lib/driver/run-driver.ts';
import { jobFixture } from '../fixtures/driver-job.ts';
import { PLAYGROUND, sdkServer } from '../fixtures/sdk-server.ts';
import { delta, record, type Script, type StreamServer, sse, streamServer, type Wire } from '../fixtures/stream-server.ts';

const open: { close: () => Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function serve(scripts: Readonly<Record<string, Script>>): Promise<StreamServer> {
  const server = await streamServer(scripts);
  open.push(server);
  return server;
}

interface Asked {
  readonly url: string;
  readonly prompts: readonly string[];
  readonly protocol: Job['model']['protocol'];
  readonly stream?: boolean;
  readonly sampleMs?: number;
  readonly job?: Partial<Job>;
}

/** Runs a job of its own to its end; the rows in the order of the prompts. */
async function drive({ url, prompts, protocol, stream = true, sampleMs = 20_000, job }: Asked): Promise<SampleRow[]> {
  const model = { id: 'null-model', version: '1.0.0', digest: 'a'.repeat(64), title: 'Streams', reference: false, protocol };
  const load = { mode: 'closed', concurrency: 4, warmup: 0, ...(stream ? { stream } : {}) } as const;
  const fixture = await jobFixture({ prompts, serverUrl: url, limits: { sampleMs }, job: { model, load, task: 'image-to-text', ...job } });
  open.push(fixture);
  const end = await runDriver(await fixture.nextAttempt());
  if (end.kind !== 'finished') throw new Error(JSON.stringify(end));
  return (await fixture.rows()).toSorted((a, b) => a.ordinal - b.ordinal);
}

function succeeded(row: SampleRow | undefined): SucceededRow {
  if (row?.state !== 'succeeded') throw new Error(JSON.stringify(row));
  return row;
}

const failureOf = (row: SampleRow | undefined): string =>
  row?.state === 'failed' ? `${row.error.class} ${row.error.code} ${row.tries.length}` : 'succeeded';

const CHAT = 'openai-chat';
const WORDS = ['Grüße ', 'an ', '世界 ', '🙂', '.'];
const DONE = sse('[DONE]');
const WHOLE = WORDS.map((word) => delta(word)).join('') + delta('', 'stop') + DONE;

/** Forever, or until the client is gone. */
async function endlessly({ write, isGone }: Wire, data: string): Promise<void> {
  while (!isGone()) await write(data);
}

describe('a streamed chat', () => {
  it('asks for a stream with its usage, and keeps text, pieces and times in their order', async () => {
    let asked: object = {};
    const { url } = await serve({
      words: async ({ body, write, pause }) => {
        asked = body;
        await write(sse({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }));
        for (const word of WORDS) {
          await pause(3);
          await write(delta(word));
        }
        await write(delta('', 'stop') + sse({ choices: [], usage: { prompt_tokens: 4, completion_tokens: 11 } }) + DONE);
      },
    });
    const [row] = await drive({ url, prompts: ['words'], protocol: CHAT });
    expect(asked).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    const { output, usage, stream, timings } = succeeded(row);
    expect([output.text, usage]).toEqual([WORDS.join(''), { promptTokens: 4, completionTokens: 11 }]);
    expect(stream).toMatchObject({ pieces: 5, tokens: 11, tokensFrom: 'server' });
    expect(stream?.gapsMs).toHaveLength(4);
    const { sentMs, firstByteMs, doneMs } = timings;
    const times = [sentMs, firstByteMs!, stream!.firstPieceMs, stream!.lastPieceMs, doneMs];
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(stream!.gapsMs.reduce((sum, gap) => sum + gap, stream!.firstPieceMs)).toBeCloseTo(stream!.lastPieceMs, 1);
  });

  it('is the same answer in whatever pieces the network brings it', async () => {
    const bytes = Buffer.from(`: ping\n\n${WHOLE}`.replaceAll('\n', '\r\n'));
    const { url } = await serve({
      whole: async ({ write }) => write(bytes),
      bytes: async ({ write }) => {
        for (const byte of bytes) await write(Uint8Array.of(byte));
      },
      pings: async ({ write }) => {
        for (const word of WORDS) await write(`: keep-alive\n\n${delta(word)}: keep-alive\n\n`);
        await write(delta('', 'stop') + DONE);
      },
      // More on the wire than an answer may have: what is kept of it counts.
      padded: async ({ write }) => {
        for (let mebibyte = 0; mebibyte < 9; mebibyte += 1) await write(`:${'x'.repeat(1 << 20)}\n`);
        await write(WHOLE);
      },
    });
    const rows = (await drive({ url, prompts: ['whole', 'bytes', 'pings', 'padded'], protocol: CHAT })).map(succeeded);
    for (const { output, stream } of rows) {
      expect(output.text).toBe(WORDS.join(''));
      expect(stream).toMatchObject({ pieces: 5, tokens: 5, tokensFrom: 'pieces' });
    }
    // One chunk brought all of it: this client saw no time between its pieces.
    expect(rows[0]?.stream?.gapsMs).toEqual([0, 0, 0, 0]);
  });

  it('without the word stream asks for none, and says nothing of one', async () => {
    let asked: object = {};
    const { url } = await serve({
      plain: ({ body, head, write }) => {
        asked = body;
        head(200, 'application/json');
        return write('{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}');
      },
    });
    const [plain] = await drive({ url, prompts: ['plain'], protocol: CHAT, stream: false });
    expect(asked).toMatchObject({ stream: false });
    expect(asked).not.toHaveProperty('stream_options');
    expect(plain).not.toHaveProperty('stream');
    const [document] = await drive({ url, prompts: ['plain'], protocol: CHAT });
    expect(succeeded(document)).toMatchObject({ output: { text: 'hi' }, stream: null });
  });

  it('of one piece that no row holds is kept as a file, with its time', async () => {
    const text = 'é'.repeat(100_000);
    const { url } = await serve({
      huge: ({ write }) => write(delta(text, 'stop') + DONE),
      nothing: ({ write }) => write(delta('', 'stop') + DONE),
    });
    const [huge, nothing] = (await drive({ url, prompts: ['huge', 'nothing'], protocol: CHAT })).map(succeeded);
    expect(huge).toMatchObject({ output: { files: [{ kind: 'text', bytes: 200_000 }] }, stream: { pieces: 1, gapsMs: [] } });
    expect(nothing).toMatchObject({ output: { text: '' }, stream: null });
  });

  it('that goes wrong is a failed sample, never a shorter answer', async () => {
    const scripts: Record<string, Script> = {
      cut: ({ write }) => write(delta('a')),
      reset: async ({ write, reset }) => {
        await write(delta('a'));
        reset();
      },
      error: ({ write }) => write(delta('a') + sse({ error: { class: 'oom_accelerator', code: 'cuda', message: 'm' } }) + DONE),
      filtered: ({ write }) => write(delta('a') + delta('', 'content_filter') + DONE),
      'not-json': (wire) => endlessly(wire, 'data: {NaN}\n\n'),
      'endless-line': async (wire) => {
        await wire.write('data: ');
        await endlessly(wire, 'x'.repeat(1 << 20));
      },
      'endless-comments': (wire) => endlessly(wire, `:${'x'.repeat(1 << 20)}\n\n`),
      'endless-text': (wire) => endlessly(wire, delta('x'.repeat(1 << 20))),
      refused: ({ head, write }) => {
        head(400, 'application/json');
        return write('{"error":{"message":"unknown member","code":"unknown"}}');
      },
    };
    const { url, ended } = await serve(scripts);
    const prompts = Object.keys(scripts);
    const rows = await drive({ url, prompts, protocol: CHAT });
    expect(Object.fromEntries(rows.map((row) => [prompts[row.ordinal], failureOf(row)]))).toEqual({
      cut: 'model_error stream-broken 1',
      reset: 'transient connection-lost 3',
      error: 'oom_accelerator cuda 1',
      filtered: 'model_error finish-reason 1',
      'not-json': 'model_error answer-not-json 1',
      'endless-line': 'model_error answer-too-large 1',
      'endless-comments': 'model_error answer-too-large 1',
      'endless-text': 'model_error answer-too-large 1',
      refused: 'invalid_input unknown 1',
    });
    const refused = rows.find((row) => prompts[row.ordinal] === 'refused');
    expect(refused?.state === 'failed' && refused.error.message).toMatch(/unknown member.*stream_options/);
    // The driver hangs up on what has failed: scripts without an end have ended.
    const endless = expect.arrayContaining(['not-json', 'endless-line', 'endless-comments', 'endless-text']);
    await vi.waitFor(() => expect(ended).toEqual(endless), 10_000);
  });

  it('without an end is over when limits.sample is', async () => {
    let wasGone = false;
    const { url } = await serve({
      endless: async ({ write, pause, isGone }) => {
        while (!isGone()) {
          await write(delta('a'));
          await pause(5);
        }
        wasGone = true;
      },
      short: ({ write }) => write(WHOLE),
    });
    const [endless, short] = await drive({ url, prompts: ['endless', 'short'], protocol: CHAT, sampleMs: 2_000 });
    expect(failureOf(endless)).toBe('timeout sample-deadline 1');
    expect(succeeded(short).output.text).toBe(WORDS.join(''));
    await vi.waitFor(() => expect(wasGone).toBe(true), 10_000);
  });
});

describe('a streamed native generation', () => {
  const token = (text: string): string => sse({ text }, 'token');

  it('asks for events; the record is the answer, the tokens tell its times', async () => {
    let accept: string | undefined;
    const { url } = await serve({
      tokens: async ({ id, headers, write }) => {
        accept = headers.accept;
        await write(sse({ progress: 0.5 }, 'progress'));
        for (const word of WORDS) await write(token(word));
        await write(sse(record(id, WORDS.join('')), 'completed'));
      },
      document: ({ id, head, write }) => {
        head(200, 'application/json');
        return write(JSON.stringify(record(id, 'hi')));
      },
      other: ({ id, write }) => write(token('draft') + sse(record(id, 'answer'), 'completed')),
    });
    const rows = await drive({ url, prompts: ['tokens', 'document', 'other'], protocol: 'native' });
    const [tokens, document, other] = rows.map(succeeded);
    expect(accept).toBe('text/event-stream');
    expect(tokens).toMatchObject({ output: { text: WORDS.join('') }, stream: { pieces: 5, tokens: 5, tokensFrom: 'pieces' } });
    expect(document).toMatchObject({ output: { text: 'hi' }, stream: null });
    expect(other).toMatchObject({ output: { text: 'answer' }, stream: null });
  });

  it('that goes wrong is a failed sample, never a shorter answer', async () => {
    const { url } = await serve({
      cut: ({ write }) => write(token('a')),
      reset: async ({ write, reset }) => {
        await write(token('a'));
        reset();
      },
      busy: ({ head, write }) => {
        head(503, 'text/event-stream');
        return write('{"code":"queue-full","detail":"later"}');
      },
    });
    const prompts = ['cut', 'reset', 'busy'];
    const rows = await drive({ url, prompts, protocol: 'native' });
    expect(rows.map(failureOf)).toEqual(['model_error stream-broken 1', 'transient connection-lost 3', 'transient queue-full 3']);
  });
});

describe('the time of a piece', () => {
  const PAUSES_MS = [4, 0, 25, 0, 0, 9, 2, 40];
  const shared = { connections: 1, params: {}, inputPath: (sha256: string) => sha256, stream: true, model: 'null-model' };
  const native = { ...shared, task: 'image-to-text', sampleMs: 10_000, machineMemoryMiB: 1_000 };

  it.each([
    [CHAT, (serverUrl: string) => openaiChatProtocol({ ...shared, serverUrl })],
    ['native', (serverUrl: string) => nativeProtocol({ ...native, serverUrl })],
  ])('is never before the server wrote it, and lies before the end (%s)', async (_name, connect) => {
    const { url, written } = await serve({
      timed: async ({ id, write, pause }) => {
        const isChat = id.startsWith('chat');
        for (const pauseMs of PAUSES_MS) {
          await pause(pauseMs);
          await write(isChat ? delta('x') : sse({ text: 'x' }, 'token'));
        }
        await write(isChat ? delta('', 'stop') + DONE : sse(record(id, 'x'.repeat(PAUSES_MS.length)), 'completed'));
      },
    });
    const protocol: ModelProtocol = connect(url);
    open.push(protocol);
    const item = { id: 'item-0', input: { prompt: 'timed' }, attributes: {} };
    const prepared = await protocol.prepare({ sampleId: 'item-0.0', item, repeat: 0, seed: 1 });
    const end = await protocol.generate('g', prepared, '/tmp', newSwitch());
    if (end.kind !== 'succeeded') throw new Error(JSON.stringify(end));
    const stream = end.answer.stream!;
    const seen = [
      stream.firstPieceAt,
      ...stream.gapsMs.map((_gap, k) => stream.gapsMs.slice(0, k + 1).reduce((a, b) => a + b, stream.firstPieceAt)),
    ];
    const wrote = [...written.values()][0]!;
    expect(seen).toHaveLength(PAUSES_MS.length);
    // A billionth of a millisecond for the sum of the gaps.
    for (const [k, at] of seen.entries()) expect(at + 1e-6).toBeGreaterThanOrEqual(wrote[k]!);
    expect(seen.at(-1)).toBeCloseTo(stream.lastPieceAt, 6);
    expect(stream.lastPieceAt).toBeLessThanOrEqual(end.doneAt);
  });
});

describe('the servers of the SDK', () => {
  it.each(['native', CHAT] as const)(
    'stream the text that they answer otherwise, token by token (%s)',
    async (protocol) => {
      const model = { id: 'playground', version: '1.2.3', digest: 'a'.repeat(64), title: 'Playground', reference: false, protocol };
      const prompts = ['a', 'b', 'c', 'd', 'e', 'f'];
      // Each on a server of its own: one that knows a generation already has no tokens of it left.
      const answersOf = async (more: object): Promise<SucceededRow[]> => {
        const server = await sdkServer(PLAYGROUND, 'adapter:Playground', protocol);
        open.push({ close: server.stop });
        const load = { mode: 'closed', concurrency: 4, warmup: 0, ...more } as const;
        const job = { model, params: { do: 'tokens', amount: 40 }, load };
        return (await drive({ url: server.url, prompts, protocol, job })).map(succeeded);
      };
      const whole = await answersOf({});
      const streamed = await answersOf({ stream: true });
      expect(streamed.map(({ output }) => output)).toEqual(whole.map(({ output }) => output));
      for (const { stream, timings } of streamed) {
        expect(stream).toMatchObject({ pieces: 40, tokens: 40, tokensFrom: 'pieces' });
        expect(stream!.firstPieceMs).toBeGreaterThanOrEqual(timings.sentMs);
        expect(stream!.lastPieceMs).toBeLessThanOrEqual(timings.doneMs);
      }
    },
    120_000,
  );
});
