/**
 * Keeps when a machine of the fleet was there, from EC2's state changes: what the billed cost is computed from. Called by the function of
 * that rule; events of other machines are passed over, repeats and disorder change nothing.
 */
import { instanceChange } from '../core/machine-event.ts';
import type { InstanceRecord } from '../core/instance-record.ts';
import type { InstanceStore } from '../core/ports.ts';

export interface InstancePorts {
  /** Null for a machine that is not of this deployment. */
  readonly findInstance: (
    instanceId: string,
  ) => Promise<Pick<InstanceRecord, 'instanceType' | 'className' | 'market' | 'launchedAtMs'> | null>;
  readonly instances: Pick<InstanceStore, 'putInstance'>;
}

/** Billing ends when a machine begins to shut down; a stopped one is not billed either. */
const ENDED = new Set(['shutting-down', 'terminated', 'stopping', 'stopped']);

/** The record as this event tells it; null when it tells nothing. */
export async function noteInstance(event: unknown, { findInstance, instances }: InstancePorts): Promise<InstanceRecord | null> {
  const change = instanceChange(event);
  if (change === null) return null;
  const found = await findInstance(change.instanceId);
  if (found === null) return null;
  const { instanceType, className, market, launchedAtMs } = found;
  const terminatedAtMs = ENDED.has(change.state) ? change.atMs : null;
  const record: InstanceRecord = {
    schema: 1,
    instanceId: change.instanceId,
    instanceType,
    className,
    market,
    launchedAtMs,
    terminatedAtMs,
  };
  await instances.putInstance(record);
  return record;
}
