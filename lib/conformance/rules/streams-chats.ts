/** Rule: a stream, where one is offered, is whole: chunks that the driver can put together, then [DONE]. */
import type { HttpAnswer } from '../../driver/http-client.ts';
import { chatStream } from '../../driver/protocols/chat-stream.ts';
import { readStream } from '../../driver/protocols/streamed-answer.ts';
import { complete } from '../complete.ts';
import { type Finding, failed, passed, type Rule, skipped, wordsOf } from '../rule.ts';

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
    return judge(result);
  },
};

const REMEDY = 'Send content-type text/event-stream, chunks as `data: {...}` with a delta of choice 0, and end with `data: [DONE]`.';

function judge({ headers, body }: HttpAnswer): Finding {
  const type = String(headers['content-type'] ?? 'none');
  if (!type.startsWith('text/event-stream')) return failed(`content-type ${type.slice(0, 60)}`, REMEDY);
  let last = '';
  const reader = chatStream();
  const read = readStream(body, {
    ...reader,
    onEvent: (event) => {
      last = event.data;
      reader.onEvent(event);
    },
  });
  if (!read.ok) return failed(read.failure.message.slice(0, 200), REMEDY);
  if (last.trim() !== '[DONE]') return failed(`the last event is ${JSON.stringify(last.slice(0, 60))}`, REMEDY);
  const { stream, usage } = read.answer;
  const counted = usage?.completionTokens === undefined ? 'no usage told' : `${usage.completionTokens} completion tokens`;
  return passed(`${stream?.pieces ?? 0} piece(s), then [DONE]; ${counted}`);
}
