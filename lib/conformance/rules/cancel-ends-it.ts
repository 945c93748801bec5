/** Rule: DELETE cancels what runs, forgets what has ended, and leaves a server that works on. */
import { isObject } from '../../driver/protocols/answer-guards.ts';
import { putGeneration } from '../generate.ts';
import { failed, jsonOf, passed, type Rule, skipped, wordsOf } from '../rule.ts';

const ID = 'check-cancel';
const SETTLE_MS = 60_000;
const POLL_MS = 100;

export const cancelEndsIt: Rule = {
  id: 'cancel-ends-it',
  title: 'DELETE cancels a running generation, forgets an ended one, and the server is ready again',
  protocols: ['native'],
  run: async (context) => {
    if (context.input === null) return skipped('no registered suite has this task');
    await putGeneration(context, context.input, { id: ID, seed: 9, headers: { prefer: 'respond-async' } });
    const deleted = await context.send({ method: 'DELETE', path: `/generate/${ID}` });
    if (deleted.kind !== 'answer' || ![200, 202, 204].includes(deleted.status))
      return failed(wordsOf(deleted), 'Answer DELETE with 202 or 204.');
    const began = performance.now();
    while (performance.now() - began < SETTLE_MS) {
      const record = await context.send({ method: 'GET', path: `/generate/${ID}` });
      const body = jsonOf(record);
      const isGone = record.kind === 'answer' && record.status === 404;
      const over = isObject(body) && (body.status === 'cancelled' || body.status === 'succeeded') ? body.status : null;
      const health = await context.send({ method: 'GET', path: '/health' });
      const ready = jsonOf(health);
      if ((isGone || over !== null) && isObject(ready) && ready.status === 'ready')
        return passed(isGone ? 'forgotten, ready again' : `${over}, ready again`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return failed('not cancelled within a minute', 'Stop the worker when it ignores a cancel for 5 s, and start another.');
  },
};
