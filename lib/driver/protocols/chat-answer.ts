/**
 * Reads a chat completion: hostile bytes in, a checked answer or the sample's failure out. Called by openai-chat.ts for every answer.
 */
import { BadAnswer, badShape, countAt, failureOfBadAnswer, isObject, objectAt, parseJson } from './answer-guards.ts';
import type { Usage } from './model-protocol.ts';
import type { ReadAnswer } from './native-answer.ts';

/** Why a completion ended, where that is a full answer. `length` is one too: the limit was asked for. */
const WHOLE = new Set(['stop', 'length', 'eos']);

/** The body of a 200. */
export function readCompletion(body: Buffer): ReadAnswer {
  try {
    const completion = objectAt(parseJson(body), 'the answer');
    const choice = firstChoice(completion.choices);
    const reason = choice.finish_reason;
    if (reason !== null && reason !== undefined && !(typeof reason === 'string' && WHOLE.has(reason))) {
      throw new BadAnswer(
        'finish-reason',
        `choices[0].finish_reason is ${JSON.stringify(reason)?.slice(0, 80)}; expected "stop" or "length"`,
      );
    }
    const text = contentOf(objectAt(choice.message, 'choices[0].message').content);
    const nothing = { value: null, files: [], server: null, effectiveParams: null, peakAcceleratorMemoryMiB: null };
    return { ok: true, answer: { ...nothing, text, usage: usageAt(completion.usage) } };
  } catch (thrown) {
    return { ok: false, failure: failureOfBadAnswer(thrown) };
  }
}

function firstChoice(choices: unknown): Record<string, unknown> {
  if (!Array.isArray(choices) || choices.length === 0) throw badShape('choices', 'a list with one choice', choices);
  return objectAt(choices[0], 'choices[0]');
}

/** An empty text is an answer: of an empty image, say. None at all is not. A long one is kept as a file (take-output.ts). */
function contentOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return content.map((part) => (isObject(part) && typeof part.text === 'string' ? part.text : '')).join('');
  if (content !== undefined && content !== null) throw badShape('choices[0].message.content', 'a string', content);
  throw new BadAnswer('answer-empty', 'choices[0].message.content is missing');
}

function usageAt(value: unknown): Usage | null {
  if (value === undefined || value === null) return null;
  const given = objectAt(value, 'usage');
  const promptTokens = countAt(given.prompt_tokens, 'usage.prompt_tokens');
  const completionTokens = countAt(given.completion_tokens, 'usage.completion_tokens');
  return { ...(promptTokens === null ? {} : { promptTokens }), ...(completionTokens === null ? {} : { completionTokens }) };
}
