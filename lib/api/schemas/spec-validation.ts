/** What validating a spec tells: what it would run, or all of its problems. */
import { z } from 'zod';
import { specProblemSchema } from './problem.ts';

export const specValidationSchema = z
  .discriminatedUnion('valid', [
    z.object({
      valid: z.literal(true),
      name: z.string(),
      jobs: z.array(z.object({ jobId: z.string(), model: z.string(), params: z.record(z.string(), z.unknown()) })),
      samplesPerJob: z.int().positive(),
    }),
    z.object({ valid: z.literal(false), problems: z.array(specProblemSchema).min(1) }),
  ])
  .meta({ id: 'SpecValidation', description: 'What the spec would run, or all of its problems.' });
