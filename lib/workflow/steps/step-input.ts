/**
 * What the workflow hands to its steps, parsed at their door: on AWS these are event payloads, so they are hostile.
 */
import { z } from 'zod';
import { failureSchema } from '../../core/failure.ts';
import { idSchema } from '../../core/ids.ts';
import { stageNameSchema, taskFactsSchema } from '../../core/job.ts';

export const runInputSchema = z.object({ run: idSchema, start: z.int().positive() });
export type RunInput = z.infer<typeof runInputSchema>;

export const jobInputSchema = runInputSchema.extend({ ordinal: z.int().nonnegative() });
export type JobInput = z.infer<typeof jobInputSchema>;

export const settleInputSchema = runInputSchema.extend({ error: z.unknown() });

/** `$.result` after "Run task" or "Score"; null before the first. Anything else is a task whose end nobody understood. */
export const stepResultSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('task'), facts: taskFactsSchema }),
  z.object({ kind: z.literal('score'), failure: failureSchema.nullable() }),
]);

export const advanceInputSchema = jobInputSchema.extend({ result: z.unknown() });
export type AdvanceInput = z.infer<typeof advanceInputSchema>;

/** What "Run task" is told; small, because ECS bounds all overrides together to 8,192 characters. */
export const taskRequestSchema = z.object({ runId: idSchema, jobId: idSchema, stage: stageNameSchema, attempt: z.int().positive() });
