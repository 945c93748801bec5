/**
 * `runs/<run>/placements.json`: where each package of a run runs, frozen by Plan on AWS. Plan writes a revision anew when the
 * frozen one has become inactive; Advance reads it for the parameters of "Run task", cost accounting for the price.
 */
import { z } from 'zod';
import { idSchema } from './ids.ts';

export const placedClassSchema = z.object({
  name: idSchema,
  instanceType: z.string(),
  market: z.enum(['spot', 'on-demand']),
  /** Null where the cluster has no capacity providers (a plain cluster). */
  capacityProvider: z.string().nullable(),
  /** Null where the price sheet has none. */
  usdPerHour: z.number().nonnegative().nullable(),
  /** Date of the price sheet, YYYY-MM-DD. */
  priceDate: z.string(),
});
export type PlacedClass = z.infer<typeof placedClassSchema>;

export const placementSchema = z.object({
  packageId: idSchema,
  taskDefinitionArn: z.string(),
  family: z.string(),
  /** Digest of the package or image that the task definition was made for. */
  digest: z.string(),
  class: placedClassSchema,
});
export type Placement = z.infer<typeof placementSchema>;

export const placementsSchema = z.object({ schema: z.literal(1), packages: z.record(z.string(), placementSchema) });
export type Placements = z.infer<typeof placementsSchema>;
