/** Rule: an evaluator tells what it measures. */
import { z } from 'zod';
import { metricInfoSchema } from '../../core/manifest.ts';
import { failed, jsonOf, passed, type Rule, wordsOf } from '../rule.ts';

const schema = z.looseObject({
  evaluator: z.string(),
  version: z.string(),
  scorers: z.record(z.string(), z.looseObject({ version: z.string(), metrics: z.array(metricInfoSchema).min(1) })),
});

export const tellsItsMetrics: Rule = {
  id: 'tells-its-metrics',
  title: 'GET /metrics-info tells scorers and metrics with unit, direction, range and minimum n',
  protocols: ['evaluator'],
  run: async (context) => {
    const result = await context.send({ method: 'GET', path: '/metrics-info' });
    const parsed = schema.safeParse(jsonOf(result));
    if (parsed.success) return passed(Object.keys(parsed.data.scorers).join(', '));
    const [issue] = parsed.error.issues;
    return failed(wordsOf(result), `Correct ${issue?.path.join('.') || 'the body'}: ${issue?.message ?? ''}.`);
  },
};
