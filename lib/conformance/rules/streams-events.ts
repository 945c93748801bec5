/** Rule: a client that asks for events gets them, the last one with the record, and the tokens before it are what its text begins with. */
import { nativeStream } from '../../driver/protocols/native-stream.ts';
import { readStream } from '../../driver/protocols/streamed-answer.ts';
import { putGeneration } from '../generate.ts';
import { failed, passed, type Rule, skipped, wordsOf } from '../rule.ts';

const ID = 'check-stream';

export const streamsEvents: Rule = {
  id: 'streams-events',
  title: 'PUT with Accept: text/event-stream ends in the event `completed`',
  protocols: ['native'],
  run: async (context) => {
    if (context.input === null) return skipped('no registered suite has this task');
    const result = await putGeneration(context, context.input, { id: ID, seed: 8, headers: { accept: 'text/event-stream' } });
    if (result.kind !== 'answer' || result.status !== 200) return failed(wordsOf(result), 'Answer 200 with text/event-stream.');
    const type = String(result.headers['content-type'] ?? 'none');
    if (!type.startsWith('text/event-stream')) return failed(`content-type ${type.slice(0, 60)}`, 'Answer with text/event-stream.');
    const seen: string[] = [];
    const reader = nativeStream(ID);
    const read = readStream(result.body, {
      ...reader,
      onEvent: (event) => {
        seen.push(event.name);
        reader.onEvent(event);
      },
    });
    if (!read.ok && read.failure.code !== 'stream-broken')
      return failed(read.failure.message.slice(0, 200), 'Send each token as {"text": …}, and a record that `generates` passes.');
    if (!read.ok || seen.at(-1) !== 'completed')
      return failed(`events: ${seen.slice(-3).join(', ') || 'none'}`, 'Send `event: completed` with the record as the last event.');
    if (seen.includes('token') && read.answer.stream === null)
      return failed("the tokens are no beginning of the record's text", 'Send as tokens, in their order, what output.text begins with.');
    return passed(`${seen.length} event(s), the last one completed`);
  },
};
