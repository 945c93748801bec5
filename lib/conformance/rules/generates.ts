/** Rule: a generation is answered synchronously with its record. */
import { putGeneration, readGeneration } from '../generate.ts';
import { failed, passed, type Rule, skipped } from '../rule.ts';

export const generates: Rule = {
  id: 'generates',
  title: 'PUT /generate/{id} answers 200 with the record of a succeeded generation',
  protocols: ['native'],
  run: async (context) => {
    if (context.input === null) return skipped('no registered suite has this task');
    const read = readGeneration(await putGeneration(context, context.input, { id: 'check-generates', seed: 1 }), 'check-generates');
    if (read.ok) {
      const { text, value, files } = read.answer;
      const kinds = [text === null ? [] : ['text'], value === null ? [] : ['value'], files.map((file) => file.kind)].flat();
      return passed(`an output of ${kinds.join(', ')}`);
    }
    const { code, message } = read.failure;
    return failed(`${code}: ${message.slice(0, 150)}`, 'Answer the record of the contract; see docs/driver.md for what is checked.');
  },
};
