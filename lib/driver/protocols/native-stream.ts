/**
 * Reads the events of a native generation: `token` tells that a piece came, `completed` carries the record, which alone is the answer. Called by
 * native.ts through streamed-answer.ts; the events are hostile.
 */
import { BadAnswer, MAX_TEXT_BYTES, objectAt, stringAt } from './answer-guards.ts';
import { eventJson, type StreamEvent } from './event-stream.ts';
import type { AnswerStream, ModelAnswer } from './model-protocol.ts';
import { readRecord } from './native-answer.ts';
import { pieceTimes } from './piece-times.ts';
import type { StreamReader } from './streamed-answer.ts';

/** One reader reads one stream. Events of other names are passed over. */
export function nativeStream(generationId: string): StreamReader {
  const times = pieceTimes();
  let tokens = '';
  let completed: StreamEvent | null = null;
  let events = 0;
  const addToken = (event: StreamEvent): void => {
    const { text } = objectAt(eventJson(event), `event ${event.number}`);
    const piece = stringAt(text, `event ${event.number}: text`, Number.MAX_SAFE_INTEGER);
    if (piece === '') return;
    times.add(event.at);
    // A text that is longer than a record may hold is never compared.
    if (tokens.length <= MAX_TEXT_BYTES) tokens += piece;
  };
  /** The times, where the tokens are what the answer begins with. The rest of it, if any, came with the record. */
  const streamOf = ({ text, usage }: ModelAnswer, at: number): AnswerStream | null => {
    if (text !== null && !text.startsWith(tokens)) return null;
    if (text !== null && tokens !== '' && text.length > tokens.length) times.add(at);
    return times.read(usage?.completionTokens);
  };
  return {
    onEvent: (event) => {
      if (completed !== null) return;
      events = event.number;
      if (event.name === 'completed') completed = event;
      else if (event.name === 'token') addToken(event);
    },
    answer: () => {
      if (completed === null)
        throw new BadAnswer('stream-broken', `the stream ended after ${events} event(s), without the event "completed"`);
      const read = readRecord(Buffer.from(completed.data), generationId);
      return read.ok ? { ok: true, answer: { ...read.answer, stream: streamOf(read.answer, completed.at) } } : read;
    },
  };
}
