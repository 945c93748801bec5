/**
 * Which machines of the fleet run without having joined the cluster: they cost money and do nothing, and nothing else tells. Called five
 * minutes after a machine began to run.
 */
import { instanceChange } from '../core/machine-event.ts';

export interface RegistrationPorts {
  /** Null for a machine that is not of this deployment, or is gone. */
  readonly findInstance: (instanceId: string) => Promise<{ readonly state: string } | null>;
  /** Null when it has not registered. */
  readonly findByInstanceId: (instanceId: string) => Promise<string | null>;
}

/** The machine of an event that says it began to run: whether it is ours, and missing. One that ended meanwhile is not missing. */
export async function checkRegistrations(
  event: unknown,
  { findInstance, findByInstanceId }: RegistrationPorts,
): Promise<{ readonly checked: number; readonly missing: readonly string[] }> {
  const change = instanceChange(event);
  const found = change === null ? null : await findInstance(change.instanceId);
  if (change === null || found === null || found.state !== 'running') return { checked: 0, missing: [] };
  const joined = (await findByInstanceId(change.instanceId)) !== null;
  return { checked: 1, missing: joined ? [] : [change.instanceId] };
}
