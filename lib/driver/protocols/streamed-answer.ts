/**
 * One exchange whose answer may come as an event stream: chunks get their times when they arrive and are read after the sockets, so that reading
 * one stream delays the clock of no other. Called by the protocol adapters, and with a whole body by the conformance rules.
 */
import { afterReads } from '../after-reads.ts';
import type { BodyTaker, HttpAnswer, HttpClient, HttpRequest, HttpResult, Switch } from '../http-client.ts';
import { failureOfBadAnswer } from './answer-guards.ts';
import { eventStream, type StreamEvent } from './event-stream.ts';
import type { ReadAnswer } from './native-answer.ts';

/** On the wire, envelopes included: a server spends some 300 bytes on each token of a chat. What is kept of them has the ordinary limits. */
const MAX_STREAM_BYTES = 64 * 1024 * 1024;

/** What a protocol makes of the events of one answer. */
export interface StreamReader {
  /** Throws BadAnswer: the answer has failed, and nothing more of it is read. */
  readonly onEvent: (event: StreamEvent) => void;
  /** Once the stream has ended. Throws BadAnswer, for one that ended too early above all. */
  readonly answer: () => ReadAnswer;
}

interface StreamedResult {
  readonly result: HttpResult;
  /** Null where the answer did not come as a stream: `result` has it then. */
  readonly read: ReadAnswer | null;
}

/** Rejects only for faults of ours. */
export async function streamedExchange(
  client: HttpClient,
  request: HttpRequest,
  control: Switch,
  reader: StreamReader,
): Promise<StreamedResult> {
  let streamed: StreamTaker | null = null;
  const takeBody = (head: Pick<HttpAnswer, 'status' | 'headers'>, stop: () => void): BodyTaker | null => {
    if (head.status === 200 && isEventStream(head.headers['content-type'])) streamed = streamTaker(reader, stop);
    return streamed;
  };
  const result = await client.send({ ...request, takeBody }, control);
  await afterReads();
  return { result, read: result.kind === 'answer' ? endOfStream(streamed) : null };
}

/** Reads a stream that is whole already; its times mean nothing. */
export function readStream(body: Buffer, reader: StreamReader): ReadAnswer {
  const taker = streamTaker(reader, () => {});
  taker.take(body, 0);
  return taker.end();
}

function endOfStream(taker: StreamTaker | null): ReadAnswer | null {
  return taker === null ? null : taker.end();
}

function isEventStream(contentType: string | string[] | undefined): boolean {
  return typeof contentType === 'string' && /^text\/event-stream\b/i.test(contentType.trim());
}

interface StreamTaker extends BodyTaker {
  readonly end: () => ReadAnswer;
}

function streamTaker(reader: StreamReader, stop: () => void): StreamTaker {
  const events = eventStream(reader.onEvent);
  const waiting: { readonly chunk: Buffer; readonly at: number }[] = [];
  let thrown: { readonly error: unknown } | null = null;
  const readWaiting = (): void => {
    try {
      for (const { chunk, at } of waiting.splice(0)) if (thrown === null) events.feed(chunk, at);
    } catch (error) {
      thrown = { error };
      stop();
    }
  };
  return {
    maxBytes: MAX_STREAM_BYTES,
    take: (chunk, at) => {
      if (thrown === null && waiting.push({ chunk, at }) === 1) void afterReads().then(readWaiting);
    },
    end: () => {
      readWaiting();
      try {
        if (thrown !== null) throw thrown.error;
        return reader.answer();
      } catch (error) {
        return { ok: false, failure: failureOfBadAnswer(error) };
      }
    },
  };
}
