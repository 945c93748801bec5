/**
 * The answer to Spot's warning: each task on the machine is asked to stop, so that its driver flushes what it has and the next attempt goes
 * on from there. Called by the function of that rule; repeated warnings find nothing left to stop.
 */
import { interruptedInstance } from '../core/machine-event.ts';

export interface MachinePorts {
  /** Null for a machine that is not in our cluster: the account may have others. */
  readonly findByInstanceId: (instanceId: string) => Promise<string | null>;
  readonly stopInterrupted: (containerInstance: string) => Promise<number>;
}

export type Interrupted =
  | { readonly kind: 'ignored' }
  | { readonly kind: 'not-ours'; readonly instanceId: string }
  | { readonly kind: 'stopped'; readonly instanceId: string; readonly tasks: number };

export async function stopInterrupted(event: unknown, machines: MachinePorts): Promise<Interrupted> {
  const instanceId = interruptedInstance(event);
  if (instanceId === null) return { kind: 'ignored' };
  const containerInstance = await machines.findByInstanceId(instanceId);
  if (containerInstance === null) return { kind: 'not-ours', instanceId };
  return { kind: 'stopped', instanceId, tasks: await machines.stopInterrupted(containerInstance) };
}
