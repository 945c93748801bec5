/**
 * Which machines of the fleet run without having joined the cluster: they cost money and do nothing, and nothing else tells. Called five
 * minutes after a machine began to run.
 */
import { queuedChanges } from '../core/machine-event.ts';

export interface RegistrationPorts {
  /** Null for a machine that is not of this deployment, or is gone. */
  readonly findInstance: (instanceId: string) => Promise<{ readonly state: string } | null>;
  /** Null when it has not registered. */
  readonly findByInstanceId: (instanceId: string) => Promise<string | null>;
}

/** Ids of those that are missing, and how many were ours. A machine that ended meanwhile is not missing. */
export async function checkRegistrations(
  event: unknown,
  { findInstance, findByInstanceId }: RegistrationPorts,
): Promise<{ readonly checked: number; readonly missing: readonly string[] }> {
  const missing: string[] = [];
  let checked = 0;
  for (const { instanceId } of queuedChanges(event)) {
    const found = await findInstance(instanceId);
    if (found === null || found.state !== 'running') continue;
    checked += 1;
    if ((await findByInstanceId(instanceId)) === null) missing.push(instanceId);
  }
  return { checked, missing };
}
