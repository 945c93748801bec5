/** Rule: an id is not used for two different bodies. */
import { putGeneration } from '../generate.ts';
import { failed, passed, type Rule, skipped, wordsOf } from '../rule.ts';

const ID = 'check-conflict';

export const otherBodyConflicts: Rule = {
  id: 'other-body-conflicts',
  title: 'PUT with the same id and another seed answers 409',
  protocols: ['native'],
  run: async (context) => {
    if (context.input === null) return skipped('no registered suite has this task');
    await putGeneration(context, context.input, { id: ID, seed: 4 });
    const second = await putGeneration(context, context.input, { id: ID, seed: 5 });
    if (second.kind === 'answer' && second.status === 409) return passed('409');
    return failed(
      wordsOf(second),
      'Compare the digest of {task, input, params, seed} with the remembered one; answer 409 when it differs.',
    );
  },
};
