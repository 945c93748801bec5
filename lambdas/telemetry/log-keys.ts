/** What the lines of a step's log say of its event: which run, start and job. Total: an event that nobody understands says nothing. */
import { z } from 'zod';
import type { LogKeys } from './observed-handler.ts';

const stepSchema = z.object({ run: z.string().max(64), start: z.int(), ordinal: z.int().optional() });

export function stepKeys(event: unknown): LogKeys {
  const parsed = stepSchema.safeParse(event);
  if (!parsed.success) return {};
  const { run, start, ordinal } = parsed.data;
  return { run, start, ...(ordinal === undefined ? {} : { ordinal }) };
}
