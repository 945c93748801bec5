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
    instanceType: one.instanceType < other.instanceType ? one.instanceType : other.instanceType,
    className: smallest([one.className, other.className]),
    market: one.market < other.market ? one.market : other.market,
    launchedAtMs: Math.min(one.launchedAtMs, other.launchedAtMs),
    terminatedAtMs: smallest([one.terminatedAtMs, other.terminatedAtMs]),
  };
}

/** Null when there is none. */
function smallest<T extends string | number>(values: readonly (T | null)[]): T | null {
  const known = values.filter((value) => value !== null);
  return known.reduce<T | null>((least, value) => (least === null || value < least ? value : least), null);
}
