/** Rule: a stream, where one is offered, is whole: chunks, then [DONE]. */
import { failed, passed, type Rule, skipped, wordsOf } from '../rule.ts';
import { complete } from './completes-chats.ts';

export const streamsChats: Rule = {
  id: 'streams-chats',
  title: 'a streamed completion, where offered, consists of chunks and ends in [DONE]',
  protocols: ['openai-chat'],
  run: async (context) => {
    if (context.input === null) return skipped('no registered suite has this task');
    const result = await complete(context, context.input, { stream: true, stream_options: { include_usage: true } });
    if (result.kind === 'answer' && result.status === 400) return skipped('not offered: 400');
    if (result.kind !== 'answer' || result.status !== 200)
      return failed(wordsOf(result), 'Stream the completion, or refuse `stream` with 400.');
    const data = [...result.body.toString('utf8').matchAll(/^data: ?(.+)$/gm)].map((match) => match[1] ?? '');
    if (data.length < 2 || data.at(-1) !== '[DONE]' || !data.slice(0, -1).every(isChunk)) {
      return failed(
        `${data.length} event(s), the last one ${JSON.stringify(data.at(-1)?.slice(0, 60))}`,
        'Send chunks as `data: {...}` and end with `data: [DONE]`.',
      );
    }
    return passed(`${data.length - 1} chunk(s), then [DONE]`);
  },
};

function isChunk(text: string): boolean {
  try {
    const chunk: unknown = JSON.parse(text);
    return typeof chunk === 'object' && chunk !== null && 'choices' in chunk && Array.isArray(chunk.choices);
  } catch {
    return false;
  }
}
