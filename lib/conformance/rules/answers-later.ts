/** Rule: a client that prefers not to wait gets 202 and polls. */
import { isObject } from '../../driver/protocols/answer-guards.ts';
import { putGeneration } from '../generate.ts';
import { failed, jsonOf, passed, type Rule, skipped, wordsOf } from '../rule.ts';

const ID = 'check-async';
const POLL_MS = 50;

export const answersLater: Rule = {
  id: 'answers-later',
  title: 'PUT with Prefer: respond-async answers 202, and GET tells the end',
  protocols: ['native'],
  run: async (context) => {
    if (context.input === null) return skipped('no registered suite has this task');
    const accepted = await putGeneration(context, context.input, { id: ID, seed: 7, headers: { prefer: 'respond-async' } });
    if (accepted.kind !== 'answer' || accepted.status !== 202) return failed(wordsOf(accepted), 'Answer 202 with the record at once.');
    const began = performance.now();
    while (performance.now() - began < context.generationMs) {
      const record = jsonOf(await context.send({ method: 'GET', path: `/generate/${ID}` }));
      if (!isObject(record)) return failed('GET answers no record', 'Answer GET /generate/{id} with the record.');
      if (record.status === 'succeeded' || record.status === 'failed') return passed(`202, then ${record.status}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return failed('the generation never ended', 'Move the record to succeeded or failed when the model is done.');
  },
};
