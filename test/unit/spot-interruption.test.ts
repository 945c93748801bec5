/** The functions that answer events of machines: a Spot warning, a change of state, a machine that did not join. Each event is as EC2 sends it. */
import { describe, expect, it } from 'vitest';
import { instanceChange, interruptedInstance } from '../../lib/core/machine-event.ts';
import type { InstanceRecord } from '../../lib/core/instance-record.ts';
import { checkRegistrations } from '../../lib/workflow/check-registrations.ts';
import { noteInstance } from '../../lib/workflow/note-instance.ts';
import { stopInterrupted } from '../../lib/workflow/stop-interrupted.ts';
import { unprepared } from '../fixtures/cloud.ts';

const ID = 'i-0abcdef1234567890';
const head = { version: '0', id: '12345678-1234-1234-1234-123456789012', source: 'aws.ec2', account: '111122223333', region: 'us-east-1' };
const warning = {
  ...{ ...head, 'detail-type': 'EC2 Spot Instance Interruption Warning', time: '2026-11-20T12:00:00Z' },
  resources: [`arn:aws:ec2:us-east-1a:instance/${ID}`],
  detail: { 'instance-id': ID, 'instance-action': 'terminate' },
};
const change = (state: string, time = '2026-11-20T12:00:00Z') => ({
  ...{ ...head, 'detail-type': 'EC2 Instance State-change Notification', time },
  resources: [`arn:aws:ec2:us-east-1:111122223333:instance/${ID}`],
  detail: { 'instance-id': ID, state },
});

describe("Spot's warning", () => {
  it('stops every task on the machine', async () => {
    const machines = {
      findByInstanceId: async (id: string) => (id === ID ? 'arn:container-instance' : null),
      stopInterrupted: async (arn: string) => (arn === 'arn:container-instance' ? 1 : unprepared('another machine')()),
    };
    expect(await stopInterrupted(warning, machines)).toEqual({ kind: 'stopped', instanceId: ID, tasks: 1 });
  });

  it('is nothing to us for a machine of somebody else', async () => {
    const machines = { findByInstanceId: async () => null, stopInterrupted: unprepared('a stop') };
    expect(await stopInterrupted(warning, machines)).toEqual({ kind: 'not-ours', instanceId: ID });
  });

  it.each([
    { ...warning, source: 'mine' },
    { ...warning, detail: { 'instance-id': 'i-0abc; drop', 'instance-action': 'terminate' } },
    { ...warning, detail: {} },
    change('terminated'),
    null,
    'text',
  ])('is passed over where it is none', async (event) => {
    expect(interruptedInstance(event)).toBeNull();
    expect(await stopInterrupted(event, { findByInstanceId: unprepared('a look'), stopInterrupted: unprepared('a stop') })).toEqual({
      kind: 'ignored',
    });
  });
});

describe('a change of state', () => {
  const found = { instanceType: 'g6.xlarge', className: 'g6-xlarge', market: 'spot', launchedAtMs: 1000 } as const;

  it.each([
    ['running', null],
    ['shutting-down', Date.UTC(2026, 10, 20, 12)],
    ['terminated', Date.UTC(2026, 10, 20, 12)],
  ])('to %s is kept with the time at which billing ended', async (state, terminatedAtMs) => {
    const kept: InstanceRecord[] = [];
    await noteInstance(change(state), {
      findInstance: async () => found,
      instances: { putInstance: async (record) => void kept.push(record) },
    });
    expect(kept).toEqual([{ schema: 1, instanceId: ID, ...found, terminatedAtMs }]);
  });

  it('of a machine that is not ours is not kept', async () => {
    const ports = { findInstance: async () => null, instances: { putInstance: unprepared('a record') } };
    expect(await noteInstance(change('running'), ports)).toBeNull();
    expect(await noteInstance(warning, { ...ports, findInstance: unprepared('a look') })).toBeNull();
  });

  it('is read only where it is one', () => {
    expect(instanceChange(change('exploded'))).toBeNull();
    expect(instanceChange(change('running', 'yesterday'))).toBeNull();
  });
});

describe('the check of registrations', () => {
  const running = async () => ({ state: 'running' });

  it('tells the machines that run and have not joined', async () => {
    expect(await checkRegistrations(change('running'), { findInstance: running, findByInstanceId: async () => null })).toEqual({
      ...{ checked: 1, missing: [ID] },
    });
    expect(await checkRegistrations(change('running'), { findInstance: running, findByInstanceId: async () => 'arn' })).toEqual({
      ...{ checked: 1, missing: [] },
    });
  });

  it.each([async () => null, async () => ({ state: 'terminated' })])('leaves out what is not ours or is gone', async (findInstance) => {
    const ports = { findInstance, findByInstanceId: unprepared('a look') };
    expect(await checkRegistrations(change('running'), ports)).toEqual({ checked: 0, missing: [] });
  });

  it('passes over events that are none', async () => {
    const ports = { findInstance: unprepared('a look'), findByInstanceId: unprepared('a look') };
    for (const event of ['{', {}, { Records: [] }, null])
      expect(await checkRegistrations(event, ports)).toEqual({ checked: 0, missing: [] });
  });
});
