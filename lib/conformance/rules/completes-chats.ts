/** Rule: a chat completion, with an image where the task has one, is answered with a text. */
import { readFile } from 'node:fs/promises';
import type { HttpResult } from '../../driver/http-client.ts';
import { readCompletion } from '../../driver/protocols/chat-answer.ts';
import { type CheckContext, failed, passed, type Rule, type SampleInput, skipped, wordsOf } from '../rule.ts';

export const completesChats: Rule = {
  id: 'completes-chats',
  title: 'POST /v1/chat/completions with text and image parts answers a completion',
  protocols: ['openai-chat'],
  run: async (context) => {
    if (context.input === null) return skipped('no registered suite has this task');
    const result = await complete(context, context.input, { stream: false });
    if (result.kind !== 'answer' || result.status !== 200) return failed(wordsOf(result), 'Answer 200 with one choice.');
    const read = readCompletion(result.body);
    if (!read.ok) return failed(read.failure.message.slice(0, 200), 'Answer choices[0].message.content and finish_reason "stop".');
    const usage = read.answer.usage === null ? 'no usage told' : `${read.answer.usage.completionTokens ?? 'unknown'} completion tokens`;
    return passed(`a text of ${read.answer.text?.length ?? 0} characters, ${usage}`);
  },
};

/** Sends the sample input as one user message; members of `change` are laid over the body. */
export async function complete(context: CheckContext, input: SampleInput, change: object): Promise<HttpResult> {
  const images = await Promise.all(
    (input.files ?? []).map(async ({ path, contentType }) => {
      const bytes = await readFile(path);
      return { type: 'image_url', image_url: { url: `data:${contentType};base64,${bytes.toString('base64')}` } };
    }),
  );
  const content = [{ type: 'text', text: input.prompt ?? 'Read the text.' }, ...images];
  const body = JSON.stringify({ model: context.modelName, messages: [{ role: 'user', content }], seed: 1, ...change });
  const headers = { 'content-type': 'application/json' };
  return context.send({ method: 'POST', path: '/v1/chat/completions', headers, body }, context.generationMs);
}
