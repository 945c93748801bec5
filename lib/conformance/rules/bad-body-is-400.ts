/** Rule: a body that is no request is refused with problem details. */
import { isObject } from '../../driver/protocols/answer-guards.ts';
import { putGeneration } from '../generate.ts';
import { failed, jsonOf, passed, type Rule, wordsOf } from '../rule.ts';

export const badBodyIs400: Rule = {
  id: 'bad-body-is-400',
  title: 'a body that is not JSON, or has an unknown param, answers 400 with problem details',
  protocols: ['native'],
  run: async (context) => {
    const headers = { 'content-type': 'application/json' };
    const garbage = await context.send({ method: 'PUT', path: '/generate/check-garbage', headers, body: '{"task":' });
    const input = context.input ?? { task: 'text-to-video', prompt: 'a prompt' };
    const unknown = await putGeneration(context, input, { id: 'check-param', seed: 1, change: { params: { 'no-such-param': 1 } } });
    for (const [what, result] of Object.entries({ garbage, unknown })) {
      const body = jsonOf(result);
      const isProblem = isObject(body) && typeof body.code === 'string' && typeof body.detail === 'string';
      if (result.kind === 'answer' && result.status === 400 && isProblem) continue;
      return failed(`${what}: ${wordsOf(result)}`, 'Answer 400 with application/problem+json {type, title, status, detail, code, remedy}.');
    }
    return passed('400 with a code, twice');
  },
};
