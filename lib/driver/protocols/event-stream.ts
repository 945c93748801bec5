/**
 * Reads server-sent events out of the bytes of one answer, however they were cut in pieces. Called by streamed-answer.ts with every chunk and
 * the time at which it came; what the events mean is for chat-stream.ts and native-stream.ts.
 */
import { createParser, type ParseError } from 'eventsource-parser';
import { BadAnswer, MAX_ANSWER_BYTES } from './answer-guards.ts';

export interface StreamEvent {
  /** `message` where the server names none. */
  readonly name: string;
  readonly data: string;
  /** When the chunk came that ended the event, as `performance.now()` reads. Events of one chunk have one time. */
  readonly at: number;
  /** 1 for the first event of the stream. */
  readonly number: number;
}

interface EventStream {
  /** Throws what `onEvent` throws, and BadAnswer `answer-too-large` for one event of more than 8 Mi characters. */
  readonly feed: (chunk: Uint8Array, at: number) => void;
}

/**
 * Bytes that are not UTF-8 become U+FFFD, as they do in an answer that is not streamed. Comments and fields that nobody knows are passed over;
 * an unfinished line or event is held up to its limit. What no blank line ends by the end of the stream is no event, as its specification has it.
 */
export function eventStream(onEvent: (event: StreamEvent) => void): EventStream {
  // The parser drops a byte order mark itself.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let now = 0;
  let number = 0;
  const parser = createParser({
    maxBufferSize: MAX_ANSWER_BYTES,
    onEvent: ({ event = 'message', data }) => {
      number += 1;
      onEvent({ name: event, data, at: now, number });
    },
    onError: (error: ParseError) => {
      if (error.type !== 'max-buffer-size-exceeded') return;
      throw new BadAnswer('answer-too-large', `event ${number + 1} of the stream has more than ${MAX_ANSWER_BYTES} characters`);
    },
  });
  return {
    feed: (chunk, at) => {
      now = at;
      parser.feed(decoder.decode(chunk, { stream: true }));
    },
  };
}

/** The data of an event as JSON; throws BadAnswer `answer-not-json` with its first characters. */
export function eventJson({ data, number }: StreamEvent): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new BadAnswer('answer-not-json', `event ${number} of the stream is not JSON: ${JSON.stringify(data.slice(0, 120))}`);
  }
}
