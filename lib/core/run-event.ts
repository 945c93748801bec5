/**
 * What happens to a run, as others hear of it: on AWS an event on the bus with source `bakeoff`, whose detail is this. Steps publish,
 * teams match it with rules of their own.
 */
import { z } from 'zod';
import { idSchema } from './ids.ts';
import { runStateSchema } from './job.ts';

export const RUN_EVENT_SOURCE = 'bakeoff';
export const RUN_EVENT_TYPE = 'Bakeoff Run State Change';

export const runEventSchema = z.object({
  schema: z.literal(1),
  runId: idSchema,
  name: z.string(),
  state: runStateSchema,
  start: z.int().positive(),
  atMs: z.number(),
  /** The cause of a run that failed or was rejected: a code and one sentence. */
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** Jobs by their state; empty before the plan. */
  jobs: z.record(z.string(), z.int().nonnegative()),
});
export type RunEvent = z.infer<typeof runEventSchema>;
