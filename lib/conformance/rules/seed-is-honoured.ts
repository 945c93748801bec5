/** Rule: the same input and seed give the same output, bit for bit. */
import { essenceOf, generateOnce } from '../generate.ts';
import { failed, passed, type Rule, skipped } from '../rule.ts';

export const seedIsHonoured: Rule = {
  id: 'seed-is-honoured',
  title: 'two generations of one input with one seed are equal',
  protocols: ['native', 'openai-chat'],
  run: async (context) => {
    if (context.input === null) return skipped('no registered suite has this task');
    const essences: string[] = [];
    for (const id of ['check-seed-a', 'check-seed-b']) {
      const read = await generateOnce(context, context.input, { id, seed: 1234 });
      if (!read.ok) return skipped(`nothing was generated: ${read.failure.code}`);
      essences.push(essenceOf(read.answer));
    }
    if (essences[0] === essences[1]) return passed('equal');
    return failed('two different outputs', 'Derive all randomness from the seed, and write no time stamps into files.');
  },
};
