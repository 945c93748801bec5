/**
 * The fleet: classes of capacity that a deployment has, each one Auto Scaling group with its capacity provider. The settings of a
 * deployment hold it, infra builds it, placement chooses from it. Knows no price: the catalogue does.
 */
import { z } from 'zod';
import { INSTANCE_TYPES } from './instance-catalogue.ts';
import { NAME_PATTERN } from './spec.ts';

/** ECS: at most 20 capacity providers in a cluster. */
const MAX_CLASSES = 20;
const PROVIDER_NAME = /^[A-Za-z0-9_-]{1,255}$/;

export const fleetClassSchema = z.strictObject({
  name: z
    .string()
    .regex(NAME_PATTERN, 'lower-case letters, digits and hyphens, at most 48')
    .refine((name) => name !== 'auto', 'another name: auto stands for the cheapest class that fits'),
  instanceType: z.string().refine((type) => INSTANCE_TYPES.has(type), 'an instance type of the price sheet'),
  market: z.enum(['spot', 'on-demand']),
  maxInstances: z.int().min(1).max(500),
  /** Root volume, GiB: holds images and outputs where the type has no NVMe of known size. */
  rootVolumeGiB: z.int().min(60).max(16_384).default(100),
});
export type FleetClass = z.infer<typeof fleetClassSchema>;

export const fleetSchema = z
  .array(fleetClassSchema)
  .min(1)
  .max(MAX_CLASSES)
  .refine((classes) => new Set(classes.map(({ name }) => name)).size === classes.length, 'class names must differ');
export type Fleet = z.infer<typeof fleetSchema>;

/**
 * What a deployment has unless its settings say otherwise: an L4 on Spot (runs resume, so an interruption costs minutes), and a machine
 * without GPU for CPU models and evaluators. That one is On-Demand, since evaluators hold up whole runs and the hour costs little, and an
 * m7i rather than a c7i: for 2 cents more an hour it has twice the memory, which decoded frames need. A class costs at rest the two
 * alarms that ECS keeps for its scaling, so a class that few will use is left to the settings.
 */
export const DEFAULT_FLEET: Fleet = [
  { name: 'g6-xlarge', instanceType: 'g6.xlarge', market: 'spot', maxInstances: 4, rootVolumeGiB: 100 },
  { name: 'cpu', instanceType: 'm7i.xlarge', market: 'on-demand', maxInstances: 4, rootVolumeGiB: 100 },
];

/**
 * Name of a class's capacity provider. ECS refuses names that begin with aws, ecs or fargate: those get a `cp-` in front. Throws a plain
 * Error for a stack name that makes no provider name; stack names cannot.
 */
export function capacityProviderOf(stack: string, className: string): string {
  const name = `${/^(aws|ecs|fargate)/i.test(stack) ? 'cp-' : ''}${stack}-${className}`;
  if (!PROVIDER_NAME.test(name)) throw new Error(`"${name}" cannot name a capacity provider`);
  return name;
}
