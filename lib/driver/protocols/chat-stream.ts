/**
 * Puts a streamed chat completion together: hostile events in, the answer that the server would have given in one piece out, and when its pieces
 * came. Called by openai-chat.ts through streamed-answer.ts.
 */
import type { Failure } from '../../core/failure.ts';
import { BadAnswer, badShape, isObject, MAX_ANSWER_BYTES, modelError, objectAt } from './answer-guards.ts';
import { chatAnswer, checkFinishReason, contentOf, usageAt } from './chat-answer.ts';
import { eventJson, type StreamEvent } from './event-stream.ts';
import type { Usage } from './model-protocol.ts';
import { classOfStatus, readError } from './native-answer.ts';
import { pieceTimes } from './piece-times.ts';
import type { StreamReader } from './streamed-answer.ts';

/** One reader reads one stream. */
export function chatStream(): StreamReader {
  const times = pieceTimes();
  const texts: string[] = [];
  let length = 0;
  let saidContent = false;
  let finishReason: unknown = null;
  let usage: Usage | null = null;
  let failure: Failure | null = null;
  let done = false;
  let events = 0;
  const addDelta = (delta: Record<string, unknown>, { at, number }: StreamEvent): void => {
    const text = contentOf(delta.content, `event ${number}: choices[0].delta.content`);
    if (text !== null) {
      saidContent = true;
      texts.push(text);
      length += text.length;
      if (length > MAX_ANSWER_BYTES)
        throw new BadAnswer('answer-too-large', `the streamed text has more than ${MAX_ANSWER_BYTES} characters`);
    }
    if ((text !== null && text !== '') || isText(delta.reasoning_content) || isText(delta.reasoning)) times.add(at);
  };
  return {
    onEvent: (event) => {
      if (done || failure !== null) return;
      events = event.number;
      if (event.data.trim() === '[DONE]') {
        done = true;
        return;
      }
      const chunk = objectAt(eventJson(event), `event ${event.number}`);
      failure = reportedIn(chunk, event.name);
      if (failure !== null) return;
      usage = usageAt(chunk.usage) ?? usage;
      const choice = choiceOf(chunk.choices, event);
      if (choice === null) return;
      if (choice.delta !== undefined && choice.delta !== null)
        addDelta(objectAt(choice.delta, `event ${event.number}: choices[0].delta`), event);
      finishReason = choice.finish_reason ?? finishReason;
    },
    answer: () => {
      if (failure !== null) return { ok: false, failure };
      if (!done && finishReason === null)
        throw new BadAnswer('stream-broken', `the stream ended after ${events} event(s), with neither a finish_reason nor [DONE]`);
      checkFinishReason(finishReason);
      if (!saidContent) throw new BadAnswer('answer-empty', `none of the ${events} event(s) has choices[0].delta.content`);
      return { ok: true, answer: { ...chatAnswer(texts.join(''), usage), stream: times.read(usage?.completionTokens) } };
    },
  };
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** Errors inside a stream: `{error: …}`, or an object that says of itself that it is one. Ours have a class, others at most a status. */
function reportedIn(chunk: Record<string, unknown>, eventName: string): Failure | null {
  const isError = chunk.object === 'error' || eventName === 'error';
  const error = chunk.error ?? (isError ? chunk : null);
  if (error === null) return null;
  if (!isObject(error)) return modelError('stream-error', `the stream reports the error ${JSON.stringify(error).slice(0, 300)}`);
  if (error.class !== undefined) return readError(error);
  const text = typeof error.message === 'string' ? error.message : JSON.stringify(error).slice(0, 300);
  const message = `the stream reports an error: ${text}`.slice(0, 4000);
  if (typeof error.code === 'string' && error.code !== '') return modelError(error.code.slice(0, 200), message);
  if (typeof error.code !== 'number' || !Number.isInteger(error.code)) return modelError('stream-error', message);
  return { class: classOfStatus(error.code), code: `http-${error.code}`, message };
}

/** The one choice that was asked for; null in a chunk without any, which tells the usage, say. */
function choiceOf(choices: unknown, { number }: StreamEvent): Record<string, unknown> | null {
  if (!Array.isArray(choices)) throw badShape(`event ${number}: choices`, 'a list', choices);
  for (const each of choices) {
    const choice = objectAt(each, `event ${number}: choices[0]`);
    if (choice.index === undefined || choice.index === 0) return choice;
  }
  return null;
}
