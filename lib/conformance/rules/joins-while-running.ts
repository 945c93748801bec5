/** Rule: a client that lost its connection and asks again gets the generation that still runs. */
import { isDeepStrictEqual } from 'node:util';
import { putGeneration } from '../generate.ts';
import { failed, jsonOf, passed, type Rule, skipped, wordsOf } from '../rule.ts';

const ID = 'check-join';
const REMEDY = 'Let a second PUT with the same id and body wait for the generation that runs, and answer both with its record.';

export const joinsWhileRunning: Rule = {
  id: 'joins-while-running',
  title: 'two PUT at once with one id and body are one generation, and both get its record',
  protocols: ['native'],
  run: async (context) => {
    const { input } = context;
    if (input === null) return skipped('no registered suite has this task');
    const results = await Promise.all([1, 2].map(() => putGeneration(context, input, { id: ID, seed: 10 })));
    for (const result of results) {
      if (result.kind !== 'answer' || result.status !== 200) return failed(wordsOf(result), REMEDY);
    }
    const [first, second] = results.map(jsonOf);
    return isDeepStrictEqual(first, second) ? passed('the same record, twice') : failed('two different records', REMEDY);
  },
};
