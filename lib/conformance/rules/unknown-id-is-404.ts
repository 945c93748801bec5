/** Rule: a generation that nobody asked for does not exist. */
import { failed, passed, type Rule, wordsOf } from '../rule.ts';

export const unknownIdIs404: Rule = {
  id: 'unknown-id-is-404',
  title: 'GET and DELETE of an unknown generation answer 404',
  protocols: ['native'],
  run: async (context) => {
    for (const method of ['GET', 'DELETE'] as const) {
      const result = await context.send({ method, path: '/generate/check-nobody-asked' });
      if (result.kind !== 'answer' || result.status !== 404)
        return failed(`${method}: ${wordsOf(result)}`, 'Answer 404 for an id that was never put.');
    }
    return passed('404 and 404');
  },
};
