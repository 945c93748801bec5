/** Rule: a body beyond all reason is refused, not held in memory, and the server works on. */
import { failed, passed, type Rule, wordsOf } from '../rule.ts';
import { workRoute } from '../work-route.ts';

/** More than any of our own servers takes: the SDK's limits are 8, 32 and 64 MiB. */
const BODY_BYTES = 65 * 1024 * 1024;
const ANSWER_MS = 60_000;

export const largeBodyIsRefused: Rule = {
  id: 'large-body-is-refused',
  title: 'a body of 65 MiB is refused, and the server answers on',
  protocols: ['native', 'openai-chat', 'evaluator'],
  run: async (context) => {
    const { method, path } = workRoute(context.protocol);
    const body = Buffer.alloc(BODY_BYTES, ' ');
    body.write('{"task":"');
    const result = await context.send({ method, path, headers: { 'content-type': 'application/json' }, body }, ANSWER_MS);
    const isRefused = result.kind === 'answer' ? [400, 413, 422].includes(result.status) : result.kind === 'lost' && result.reached;
    if (!isRefused) return failed(wordsOf(result), 'Answer 413 as soon as a body is over your limit, and read no further.');
    const health = await context.send({ method: 'GET', path: '/health' });
    if (health.kind !== 'answer' || health.status !== 200)
      return failed(`afterwards: ${wordsOf(health)}`, 'Bound what one request may hold: the server did not outlive a large one.');
    return passed(result.kind === 'answer' ? String(result.status) : 'the connection was closed');
  },
};
