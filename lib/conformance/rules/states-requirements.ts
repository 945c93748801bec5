/** Rule: the server tells what it needs and accepts. */
import { z } from 'zod';
import { failed, jsonOf, passed, type Rule, wordsOf } from '../rule.ts';

const schema = z.looseObject({
  schemaVersion: z.literal(1),
  model: z.string(),
  version: z.string(),
  tasks: z.array(z.string()).min(1),
  accelerator: z.looseObject({ kind: z.enum(['none', 'cuda']) }),
  cpu: z.number().positive(),
  memoryMiB: z.number().positive(),
  diskMiB: z.number().nonnegative(),
  maxConcurrency: z.int().positive(),
  params: z.looseObject({ type: z.literal('object') }),
  weights: z.array(z.looseObject({ sha256: z.string() })),
  license: z.string(),
});

export const statesRequirements: Rule = {
  id: 'states-requirements',
  title: 'GET /requirements tells model, version, tasks, sizes, params, weights and licence',
  protocols: ['native'],
  run: async (context) => {
    const result = await context.send({ method: 'GET', path: '/requirements' });
    const parsed = schema.safeParse(jsonOf(result));
    if (parsed.success) return passed(`${parsed.data.model} ${parsed.data.version}: ${parsed.data.tasks.join(', ')}`);
    const wrong = parsed.error.issues.map((issue) => issue.path.join('.') || 'body').join(', ');
    return failed(wordsOf(result), `Correct these members of the answer: ${wrong}.`);
  },
};
