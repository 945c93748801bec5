/** Two runs compared: matched jobs, paired differences, and what could not be compared. */
import { z } from 'zod';
import { idSchema } from './ids.ts';
import { comparisonSchema, intervalSchema } from './scores.ts';

export const identityWarningSchema = z
  .object({ code: z.string(), text: z.string(), jobIds: z.array(z.string()) })
  .meta({ id: 'IdentityWarning', description: 'Something in which the two runs differ, beside what is compared.' });

const matchedJobSchema = z.object({
  a: idSchema,
  b: idSchema,
  model: idSchema,
  params: z.record(z.string(), z.unknown()),
  /** a minus b on common samples; `a` and `b` in a verdict name the run. */
  metrics: z.array(comparisonSchema),
  latency: z.object({
    verdict: z.enum(['a', 'b', 'not separable']).nullable().meta({ description: 'The faster run; null with a reason.' }),
    ratio: z.number().nullable().meta({ description: 'Geometric mean of latency in run a over latency in run b, sample by sample.' }),
    interval: intervalSchema.nullable(),
    reason: z.string().nullable(),
  }),
  leftOut: z.array(z.object({ metric: z.string(), reason: z.string() })),
});

export const runComparisonSchema = z
  .object({
    a: idSchema,
    b: idSchema,
    confidence: z.number(),
    correction: z.string(),
    commonItems: z.int().nonnegative(),
    /** Items of one run that the other has not, or has with another content. */
    itemsLeftOut: z.object({ a: z.int().nonnegative(), b: z.int().nonnegative() }),
    warnings: z.array(identityWarningSchema),
    jobs: z.array(matchedJobSchema),
    unmatched: z.array(z.object({ run: z.enum(['a', 'b']), jobId: idSchema, reason: z.string() })),
  })
  .meta({ id: 'RunComparison', description: 'Paired comparison of the jobs that two runs share (same model, same params).' });
export type RunComparison = z.infer<typeof runComparisonSchema>;
export type MatchedJob = z.infer<typeof matchedJobSchema>;
