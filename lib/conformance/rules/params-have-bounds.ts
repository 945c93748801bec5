/** Rule: a value that the params' own schema rules out is refused, by the server as by the spec. */
import { isObject } from '../../driver/protocols/answer-guards.ts';
import { putGeneration } from '../generate.ts';
import { type CheckContext, failed, jsonOf, passed, type Rule, skipped, wordsOf } from '../rule.ts';

export const paramsHaveBounds: Rule = {
  id: 'params-have-bounds',
  title: 'a param of another type, or beyond its minimum or maximum, answers 400',
  protocols: ['native'],
  run: async (context) => {
    if (context.input === null) return skipped('no registered suite has this task');
    const wrong = wrongParams(await propertiesOf(context));
    if (wrong.length === 0) return skipped('the model has no params');
    for (const [index, params] of wrong.entries()) {
      const result = await putGeneration(context, context.input, { id: `check-bounds-${index}`, seed: 1, change: { params } });
      if (result.kind !== 'answer' || result.status !== 400)
        return failed(`${JSON.stringify(params)}: ${wordsOf(result)}`, 'Check params against the schema that GET /requirements shows.');
    }
    return passed(`400 for ${wrong.map((params) => JSON.stringify(params)).join(', ')}`);
  },
};

async function propertiesOf(context: CheckContext): Promise<Record<string, unknown>> {
  const stated = jsonOf(await context.send({ method: 'GET', path: '/requirements' }));
  const params = isObject(stated) && isObject(stated.params) ? stated.params : {};
  return isObject(params.properties) ? params.properties : {};
}

/** One value each that the schema rules out: of the first param its type, of the first that has bounds a value beyond. */
function wrongParams(properties: Record<string, unknown>): object[] {
  const entries = Object.entries(properties);
  const [first] = entries;
  const wrong: object[] = first === undefined ? [] : [{ [first[0]]: { of: 'another type' } }];
  for (const [name, schema] of entries) {
    if (!isObject(schema)) continue;
    if (typeof schema.maximum === 'number') return [...wrong, { [name]: schema.maximum + 1 }];
    if (typeof schema.minimum === 'number') return [...wrong, { [name]: schema.minimum - 1 }];
  }
  return wrong;
}
