/** Rule: more requests than the server works on at once wait their turn. */
import { isObject } from '../../driver/protocols/answer-guards.ts';
import { generateOnce } from '../generate.ts';
import { type CheckContext, failed, jsonOf, passed, type Rule, skipped } from '../rule.ts';

/** Enough to see it; a slow model takes its time for each. */
const MOST = 4;

export const servesSeveral: Rule = {
  id: 'serves-several',
  title: 'one request more than maxConcurrency at once, and all are answered',
  protocols: ['native', 'openai-chat'],
  run: async (context) => {
    const { input } = context;
    if (input === null) return skipped('no registered suite has this task');
    const count = Math.min(await concurrencyOf(context), MOST) + 1;
    const answers = await Promise.all(
      Array.from({ length: count }, (_, index) => generateOnce(context, input, { id: `check-several-${index}`, seed: 20 + index })),
    );
    for (const answer of answers) {
      if (!answer.ok)
        return failed(
          `${count} at once: ${answer.failure.code}: ${answer.failure.message.slice(0, 150)}`,
          'Queue what comes while the model works, or state the maxConcurrency that it has.',
        );
    }
    return passed(`${count} at once, all answered`);
  },
};

/** Chat servers do not tell. */
async function concurrencyOf(context: CheckContext): Promise<number> {
  if (context.protocol === 'openai-chat') return 1;
  const stated = jsonOf(await context.send({ method: 'GET', path: '/requirements' }));
  return isObject(stated) && typeof stated.maxConcurrency === 'number' ? stated.maxConcurrency : 1;
}
