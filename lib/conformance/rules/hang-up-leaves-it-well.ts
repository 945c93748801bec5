/** Rule: a client that closes its connection cancels its completion, and the next one is answered. */
import { setTimeout } from 'node:timers/promises';
import { complete } from '../complete.ts';
import { readCompletion } from '../../driver/protocols/chat-answer.ts';
import { failed, passed, type Rule, skipped, wordsOf } from '../rule.ts';

/** Long enough to arrive, too short for most answers. */
const HANG_UP_MS = 5;
/** In which a server may notice: one that works on one request at a time is still at it until then. */
const NOTICE_MS = 500;

export const hangUpLeavesItWell: Rule = {
  id: 'hang-up-leaves-it-well',
  title: 'after a client has closed its connection, the next completion is answered',
  protocols: ['openai-chat'],
  run: async (context) => {
    if (context.input === null) return skipped('no registered suite has this task');
    const left = await complete(context, context.input, { stream: false, seed: 15 }, HANG_UP_MS);
    if (left.kind === 'answer') return skipped('it answered before one could hang up');
    await setTimeout(NOTICE_MS);
    const next = await complete(context, context.input, { stream: false, seed: 16 });
    if (next.kind === 'answer' && next.status === 200 && readCompletion(next.body).ok) return passed('hung up; the next one is answered');
    return failed(wordsOf(next), 'Stop what nobody waits for when a connection closes, and go on.');
  },
};
