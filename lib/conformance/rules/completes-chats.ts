/** Rule: a chat completion, with an image where the task has one, is answered with a text. */
import { readCompletion } from '../../driver/protocols/chat-answer.ts';
import { complete } from '../complete.ts';
import { failed, passed, type Rule, skipped, wordsOf } from '../rule.ts';

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
