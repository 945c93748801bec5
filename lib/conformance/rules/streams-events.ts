/** Rule: a client that asks for events gets them, the last one with the record. */
import { putGeneration } from '../generate.ts';
import { failed, passed, type Rule, skipped, wordsOf } from '../rule.ts';

export const streamsEvents: Rule = {
  id: 'streams-events',
  title: 'PUT with Accept: text/event-stream ends in the event `completed`',
  protocols: ['native'],
  run: async (context) => {
    if (context.input === null) return skipped('no registered suite has this task');
    const result = await putGeneration(context, context.input, { id: 'check-stream', seed: 8, headers: { accept: 'text/event-stream' } });
    if (result.kind !== 'answer' || result.status !== 200) return failed(wordsOf(result), 'Answer 200 with text/event-stream.');
    const events = [...result.body.toString('utf8').matchAll(/^event: ?(.+)$/gm)].map((match) => match[1]);
    if (events.at(-1) === 'completed') return passed(`${events.length} event(s), the last one completed`);
    return failed(`events: ${events.slice(-3).join(', ') || 'none'}`, 'Send `event: completed` with the record as the last event.');
  },
};
