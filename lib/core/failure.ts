/**
 * Failure classes: why a sample, a stage or a job failed. Four things are never mixed: a model error, an infrastructure
 * error, an answer that could not be parsed, and low quality.
 */
import { z } from 'zod';

export const FAILURE_CLASSES = ['invalid_input', 'oom_accelerator', 'oom_host', 'timeout', 'model_error', 'transient', 'infra'] as const;
export const failureClassSchema = z.enum(FAILURE_CLASSES);
export type FailureClass = z.infer<typeof failureClassSchema>;

export const failureSchema = z.object({
  class: failureClassSchema,
  /** Kebab-case and stable, e.g. `output-link`. */
  code: z.string().max(200),
  message: z.string().max(4000),
});
export type Failure = z.infer<typeof failureSchema>;

/** Only what may pass by itself is tried again. */
export function isRetryable(failureClass: FailureClass): boolean {
  return failureClass === 'transient' || failureClass === 'infra';
}
