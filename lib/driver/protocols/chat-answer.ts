/**
 * Reads a chat completion: hostile bytes in, a checked answer or the sample's failure out. Called by openai-chat.ts for every answer.
 */
import { BadAnswer, badShape, countAt, failureOfBadAnswer, isObject, objectAt, parseJson } from './answer-guards.ts';
import type { ModelAnswer, Usage } from './model-protocol.ts';
import type { ReadAnswer } from './native-answer.ts';

/** Why a completion ended, where that is a full answer. `length` is one too: the limit was asked for. */
const WHOLE = new Set(['stop', 'length', 'eos']);

/** The body of a 200. */
export function readCompletion(body: Buffer): ReadAnswer {
  try {
    const completion = objectAt(parseJson(body), 'the answer');
    const choice = firstChoice(completion.choices);
    checkFinishReason(choice.finish_reason);
    const text = contentOf(objectAt(choice.message, 'choices[0].message').content, 'choices[0].message.content');
    if (text === null) throw new BadAnswer('answer-empty', 'choices[0].message.content is missing');
    return { ok: true, answer: chatAnswer(text, usageAt(completion.usage)) };
  } catch (thrown) {
    return { ok: false, failure: failureOfBadAnswer(thrown) };
  }
}

/** An answer of text: all that a chat server tells. */
export function chatAnswer(text: string, usage: Usage | null): ModelAnswer {
  return { text, usage, value: null, files: [], server: null, effectiveParams: null, peakAcceleratorMemoryMiB: null };
}

/** Throws BadAnswer `finish-reason` for an answer that is cut or is none, such as `content_filter` and `tool_calls`; none told is fine. */
export function checkFinishReason(reason: unknown): void {
  if (reason === null || reason === undefined || (typeof reason === 'string' && WHOLE.has(reason))) return;
  throw new BadAnswer('finish-reason', `choices[0].finish_reason is ${JSON.stringify(reason)?.slice(0, 80)}; expected "stop" or "length"`);
}

function firstChoice(choices: unknown): Record<string, unknown> {
  if (!Array.isArray(choices) || choices.length === 0) throw badShape('choices', 'a list with one choice', choices);
  return objectAt(choices[0], 'choices[0]');
}

/**
 * The text at `path`, of a message or of a piece; null where there is none. An empty text is an answer: of an empty image, say. A long one is
 * kept as a file (take-output.ts).
 */
export function contentOf(content: unknown, path: string): string | null {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return content.map((part) => (isObject(part) && typeof part.text === 'string' ? part.text : '')).join('');
  if (content === undefined || content === null) return null;
  throw badShape(path, 'a string', content);
}

/** Token counts of a chat server; null where it tells none. */
export function usageAt(value: unknown): Usage | null {
  if (value === undefined || value === null) return null;
  const given = objectAt(value, 'usage');
  const promptTokens = countAt(given.prompt_tokens, 'usage.prompt_tokens');
  const completionTokens = countAt(given.completion_tokens, 'usage.completion_tokens');
  return { ...(promptTokens === null ? {} : { promptTokens }), ...(completionTokens === null ? {} : { completionTokens }) };
}
