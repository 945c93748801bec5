/** Rule: a chat body that is no request is refused, and a route that does not exist is not found. */
import { isObject } from '../../driver/protocols/answer-guards.ts';
import { failed, jsonOf, passed, type Rule, wordsOf } from '../rule.ts';

export const badChatIs400: Rule = {
  id: 'bad-chat-is-400',
  title: 'a body that is not JSON answers 400 with an error, an unknown route 404',
  protocols: ['openai-chat'],
  run: async (context) => {
    const headers = { 'content-type': 'application/json' };
    const garbage = await context.send({ method: 'POST', path: '/v1/chat/completions', headers, body: '{"messages":' });
    const body = jsonOf(garbage);
    const refused = garbage.kind === 'answer' && (garbage.status === 400 || garbage.status === 422);
    if (!refused || !isObject(body)) return failed(wordsOf(garbage), 'Answer 400 with {"error": {"message": "..."}}.');
    const nowhere = await context.send({ method: 'GET', path: '/v1/no-such-route' });
    if (nowhere.kind === 'answer' && nowhere.status === 404) return passed(`${garbage.kind === 'answer' ? garbage.status : ''} and 404`);
    return failed(wordsOf(nowhere), 'Answer 404 for a route that does not exist.');
  },
};
