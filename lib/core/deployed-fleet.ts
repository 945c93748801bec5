/**
 * The fleet as a deployment tells it to its functions (BAKEOFF_FLEET): the classes of the settings and the capacity provider of each. Infra
 * writes it, Plan reads it.
 */
import { z } from 'zod';
import { fleetClassSchema } from './fleet.ts';

export const deployedFleetSchema = z
  .array(
    fleetClassSchema.extend({
      /** Absent: named after stack and class (capacityProviderOf). Null: the cluster has none, as an emulator's. */
      capacityProvider: z.string().min(1).nullable().optional(),
    }),
  )
  .min(1);
export type DeployedFleet = z.infer<typeof deployedFleetSchema>;
