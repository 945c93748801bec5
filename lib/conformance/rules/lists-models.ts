/** Rule: the server lists the model that it serves. */
import { isObject } from '../../driver/protocols/answer-guards.ts';
import { failed, jsonOf, passed, type Rule, wordsOf } from '../rule.ts';

export const listsModels: Rule = {
  id: 'lists-models',
  title: 'GET /v1/models lists at least one model',
  protocols: ['openai-chat'],
  run: async (context) => {
    const result = await context.send({ method: 'GET', path: '/v1/models' });
    const body = jsonOf(result);
    const listed =
      isObject(body) && Array.isArray(body.data) ? body.data.filter((each) => isObject(each) && typeof each.id === 'string') : [];
    if (result.kind === 'answer' && result.status === 200 && listed.length > 0) return passed(`${listed.length} model(s)`);
    return failed(wordsOf(result), 'Answer {"object": "list", "data": [{"id": "...", "object": "model"}]}.');
  },
};
