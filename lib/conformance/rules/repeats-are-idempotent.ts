/** Rule: the same id with the same body is the same generation. */
import { essenceOf, putGeneration, readGeneration } from '../generate.ts';
import { failed, passed, type Rule, skipped } from '../rule.ts';

const ID = 'check-idempotent';

export const repeatsAreIdempotent: Rule = {
  id: 'repeats-are-idempotent',
  title: 'PUT again with the same id and body answers the same generation',
  protocols: ['native'],
  run: async (context) => {
    if (context.input === null) return skipped('no registered suite has this task');
    const first = readGeneration(await putGeneration(context, context.input, { id: ID, seed: 3 }), ID);
    const second = readGeneration(await putGeneration(context, context.input, { id: ID, seed: 3 }), ID);
    if (!first.ok) return skipped(`the first was not answered: ${first.failure.code}`);
    if (second.ok && essenceOf(first.answer) === essenceOf(second.answer)) return passed('the same output');
    return failed(second.ok ? 'another output' : second.failure.code, 'Remember generations by id and answer the remembered record.');
  },
};
