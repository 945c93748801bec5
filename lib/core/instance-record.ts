/**
 * When a machine of the fleet was there: what the billed cost is computed from. Written on EC2's state changes, which come more than
 * once and in any order, so records of one instance are merged.
 */
import { z } from 'zod';

export const instanceRecordSchema = z.object({
  schema: z.literal(1),
  instanceId: z.string().regex(/^i-[0-9a-f]{8,40}$/),
  instanceType: z.string().min(1).max(100),
  /** Class of the fleet; null when the instance had no such tag. */
  className: z.string().max(64).nullable(),
  market: z.enum(['spot', 'on-demand']),
  launchedAtMs: z.int().nonnegative(),
  /** When billing ended (shutting-down); null while it goes on. */
  terminatedAtMs: z.int().nonnegative().nullable(),
});
export type InstanceRecord = z.infer<typeof instanceRecordSchema>;

/** What two events say of one instance, whichever came first: field by field, so that neither order nor repeats matter. */
export function mergeInstances(one: InstanceRecord, other: InstanceRecord): InstanceRecord {
  return {
    ...one,
    instanceType: least(one.instanceType, other.instanceType),
    className: known(one.className, other.className),
    market: least(one.market, other.market),
    launchedAtMs: least(one.launchedAtMs, other.launchedAtMs),
    terminatedAtMs: known(one.terminatedAtMs, other.terminatedAtMs),
  };
}

function least<T extends string | number>(one: T, other: T): T {
  if (one < other) return one;
  return other;
}

/** The least of what is known; null when neither is. */
function known<T extends string | number>(one: T | null, other: T | null): T | null {
  if (one === null) return other;
  return other === null ? one : least(one, other);
}
