/**
 * What EC2 says of a machine on EventBridge: that Spot takes it back, or that its state has changed. Pure; the functions that such events
 * call ask it. Events come more than once, in any order, and of all machines of the account.
 */
import { z } from 'zod';

const instanceIdSchema = z.string().regex(/^i-[0-9a-f]{8,40}$/);

const interruptionSchema = z.object({
  source: z.literal('aws.ec2'),
  'detail-type': z.literal('EC2 Spot Instance Interruption Warning'),
  detail: z.object({ 'instance-id': instanceIdSchema, 'instance-action': z.string().max(64) }),
});

const stateSchema = z.object({
  source: z.literal('aws.ec2'),
  'detail-type': z.literal('EC2 Instance State-change Notification'),
  time: z.iso.datetime(),
  detail: z.object({
    'instance-id': instanceIdSchema,
    state: z.enum(['pending', 'running', 'shutting-down', 'terminated', 'stopping', 'stopped']),
  }),
});

/** The machine that Spot takes back in two minutes; null for any other event. Hibernation and stop end its tasks just so. */
export function interruptedInstance(event: unknown): string | null {
  const parsed = interruptionSchema.safeParse(event);
  return parsed.success ? parsed.data.detail['instance-id'] : null;
}

export interface InstanceChange {
  readonly instanceId: string;
  readonly state: z.infer<typeof stateSchema>['detail']['state'];
  readonly atMs: number;
}

export function instanceChange(event: unknown): InstanceChange | null {
  const parsed = stateSchema.safeParse(event);
  if (!parsed.success) return null;
  const { time, detail } = parsed.data;
  return { instanceId: detail['instance-id'], state: detail.state, atMs: Date.parse(time) };
}
