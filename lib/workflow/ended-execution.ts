/**
 * The end of a parent execution, as EventBridge tells it: which start of which run, and how it ended. Pure; the settle function asks it
 * for what the rule delivers, in any order and any number of times.
 */
import { z } from 'zod';
import { startOfExecution } from './run-id.ts';
import type { RunInput } from './steps/step-input.ts';

const endedSchema = z.object({
  source: z.literal('aws.states'),
  'detail-type': z.literal('Step Functions Execution Status Change'),
  detail: z.object({
    name: z.string(),
    status: z.enum(['ABORTED', 'FAILED', 'TIMED_OUT']),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
});

const WORDS = {
  ABORTED: 'the execution was stopped from outside',
  FAILED: 'the execution failed',
  TIMED_OUT: 'the execution ran out of time',
} as const;

/** Null for an event that is none of ours; children of a Map have names of their own and do not come this way. */
export function endedExecution(event: unknown): (RunInput & { readonly error: unknown }) | null {
  const parsed = endedSchema.safeParse(event);
  if (!parsed.success) return null;
  const { name, status, error, cause } = parsed.data.detail;
  const which = startOfExecution(name);
  if (which === null) return null;
  const code = `execution-${status.toLowerCase().replaceAll('_', '-')}`;
  const told = [error, cause].filter((part) => typeof part === 'string' && part !== '').join(': ');
  return { ...which, error: { Error: code, Cause: told === '' ? WORDS[status] : `${WORDS[status]}: ${told}` } };
}
