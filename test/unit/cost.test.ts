/** Both figures of cost: the tasks' own, and what EC2 bills with its idle time. Golden cases by hand, then what must always hold. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BilledTask, billOf, runBill } from '../../lib/core/bill.ts';
import { costFigures, jobCost, ONE_MACHINE_REASON, sumCosts, taskCost } from '../../lib/core/cost.ts';
import type { InstanceRecord } from '../../lib/core/instance-record.ts';
import type { TaskFacts, TaskPlace } from '../../lib/core/job.ts';

const G6_SPOT_USD = 0.5525;

function place(fromSeconds: number, untilSeconds: number, changes: Partial<TaskPlace> = {}): TaskPlace {
  return {
    ...{ className: 'g6-xlarge', instanceType: 'g6.xlarge', market: 'spot', usdPerHour: G6_SPOT_USD, priceDate: '2026-11-20' },
    instanceId: 'i-0000000000000001',
    occupied: { fromMs: fromSeconds * 1000, untilMs: untilSeconds * 1000 },
    ...changes,
  };
}

function task(where: TaskPlace | undefined): TaskFacts {
  return {
    ...{ taskId: 'arn:task', stage: 'infer', attempt: 1, startedAtMs: 0, endedAtMs: 1, phasesMs: {}, driverExitCode: 0, error: null },
    server: { exitCode: 0, signal: null, reason: null, peakRssMiB: null, cpuSeconds: null, sampleHz: null, logTail: null },
    ...(where === undefined ? {} : { where }),
  };
}

function instance(launchSeconds: number, endSeconds: number | null, changes: Partial<InstanceRecord> = {}): InstanceRecord {
  return {
    ...{ schema: 1, instanceId: 'i-0000000000000001', instanceType: 'g6.xlarge', className: 'g6-xlarge', market: 'spot' },
    launchedAtMs: launchSeconds * 1000,
    terminatedAtMs: endSeconds === null ? null : endSeconds * 1000,
    ...changes,
  };
}

const used = (runId: string, from: number, until: number, instanceId: string | null = 'i-0000000000000001'): BilledTask => ({
  ...{ runId, instanceId },
  occupied: { fromMs: from * 1000, untilMs: until * 1000 },
});

describe("a job's own cost", () => {
  it('is the time on the machine times the price of the class: 1,800 s of a g6.xlarge on Spot are $0.27625', () => {
    expect(taskCost({ where: place(100, 1900) })).toEqual({ seconds: 1800, usd: 0.27625, reason: null });
  });

  it('counts every attempt, and nothing for a task that never got a machine', () => {
    const tasks = [task(place(0, 600)), task(place(0, 0, { occupied: null })), task(place(700, 1900))];
    expect(jobCost({ tasks })).toEqual({ seconds: 1800, usd: expect.closeTo(0.27625, 12), reason: null });
  });

  it('is null on one machine, and says why', () => {
    expect(jobCost({ tasks: [task(undefined)] })).toEqual({ seconds: null, usd: null, reason: ONE_MACHINE_REASON });
  });

  it('is null as soon as one price is missing, and keeps the seconds', () => {
    const unpriced = place(0, 600, { instanceType: 'g4dn.2xlarge', usdPerHour: null });
    expect(jobCost({ tasks: [task(place(0, 600)), task(unpriced)] })).toEqual({
      ...{ seconds: 1200, usd: null },
      reason: 'the price sheet of 2026-11-20 has no spot price of g4dn.2xlarge',
    });
  });

  it('is told for each sample and each minute of video', () => {
    const cost = sumCosts([taskCost({ where: place(0, 3600) })]);
    const figures = costFigures(cost, { answeredSamples: 100, videoSeconds: 300 });
    expect(figures.perSample).toEqual({ usd: G6_SPOT_USD / 100, reason: null });
    expect(figures.perVideoMinute).toEqual({ usd: G6_SPOT_USD / 5, reason: null });
  });

  it('has no figure for a unit that there is none of', () => {
    const figures = costFigures(taskCost({ where: place(0, 60) }), { answeredSamples: 0, videoSeconds: null });
    expect(figures.perSample).toEqual({ usd: null, reason: 'there is no answered sample' });
    expect(figures.perVideoMinute).toEqual({ usd: null, reason: 'there is no video of known duration' });
  });
});

describe('the bill', () => {
  it('runs from launch to termination; what no task used is idle', () => {
    const bill = billOf([instance(0, 3600)], [used('a', 300, 2100)], 9_999_000);
    expect(bill.instances[0]).toMatchObject({
      seconds: 3600,
      taskSeconds: 1800,
      idleSeconds: 1800,
      usd: G6_SPOT_USD,
      idleUsd: G6_SPOT_USD / 2,
    });
    expect(bill).toMatchObject({ usd: G6_SPOT_USD, soFarAtMs: null, unattributedUsd: 0 });
  });

  it('is split over runs by their time on the machine', () => {
    const tasks = [used('a', 0, 600), used('b', 600, 900), used('a', 900, 1500)];
    const bill = billOf([instance(0, 3600)], tasks, 3_600_000);
    expect([...bill.usdByRun]).toEqual([
      ['a', expect.closeTo(G6_SPOT_USD * 0.8, 12)],
      ['b', expect.closeTo(G6_SPOT_USD * 0.2, 12)],
    ]);
    expect(runBill('b', bill, tasks)).toEqual({
      usd: expect.closeTo(G6_SPOT_USD * 0.2, 12),
      idleUsd: expect.closeTo(G6_SPOT_USD * 0.2 * (2100 / 3600), 12),
      ...{ reason: null, soFarAtMs: null },
    });
  });

  it('charges a minute at least', () => {
    expect(billOf([instance(0, 10)], [], 10_000).instances[0]).toMatchObject({ seconds: 60, usd: expect.closeTo(G6_SPOT_USD / 60, 12) });
  });

  it('says "so far", and up to when, while a machine is there', () => {
    const bill = billOf([instance(0, null)], [used('a', 0, 900)], 1_800_000);
    expect(bill).toMatchObject({ seconds: 1800, soFarAtMs: 1_800_000 });
    expect(runBill('a', bill, [used('a', 0, 900)])).toMatchObject({ usd: G6_SPOT_USD / 2, soFarAtMs: 1_800_000 });
  });

  it('charges a machine that no task used to nobody', () => {
    const bill = billOf([instance(0, 3600)], [], 3_600_000);
    expect(bill).toMatchObject({ usd: G6_SPOT_USD, idleUsd: G6_SPOT_USD, unattributedUsd: G6_SPOT_USD });
    expect(bill.usdByRun.size).toBe(0);
  });

  it.each([
    ['a machine without a price', instance(0, 60, { instanceType: 'g4dn.2xlarge' }), 'no Spot price of g4dn.2xlarge'],
    ['a type that the sheet lacks', instance(0, 60, { instanceType: 'x9.huge' }), 'x9.huge is not in the price sheet'],
  ])('has no dollars for %s, but its seconds', (_, record, reason) => {
    const tasks = [used('a', 0, 60)];
    const bill = billOf([record], tasks, 60_000);
    expect(bill).toMatchObject({ seconds: 60, usd: null, idleUsd: null, reason: expect.stringContaining(reason) });
    expect(runBill('a', bill, tasks)).toMatchObject({ usd: null, reason: expect.stringContaining(reason) });
  });

  it.each([
    ['is not known', null],
    ['has no record', 'i-00000000000000ff'],
  ])('has no figure for a run whose machine %s', (_, instanceId) => {
    const tasks = [used('a', 0, 600), used('a', 600, 900, instanceId)];
    const bill = billOf([instance(0, 3600)], tasks, 3_600_000);
    expect(runBill('a', bill, tasks)).toMatchObject({ usd: null, reason: 'the machine of 1 of 2 tasks is not recorded' });
  });
});

describe('always', () => {
  /** Machines with tasks that follow one another, as one task holds a machine at a time; some go on. */
  const machines = fc.array(
    fc.record({
      launch: fc.integer({ min: 0, max: 100_000 }),
      lengths: fc.array(fc.tuple(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 5000 })), { maxLength: 6 }),
      after: fc.integer({ min: 0, max: 2000 }),
      isOpen: fc.boolean(),
      instanceType: fc.constantFrom('g6.xlarge', 'g6e.xlarge', 'm7i.xlarge'),
    }),
    { maxLength: 5 },
  );
  const NOW = 1_000_000;

  function scene(drawn: typeof machines extends fc.Arbitrary<infer T> ? T : never) {
    const instances: InstanceRecord[] = [];
    const tasks: BilledTask[] = [];
    for (const [index, { launch, lengths, after, isOpen, instanceType }] of drawn.entries()) {
      const instanceId = `i-${String(index).padStart(17, '0')}`;
      let at = launch;
      for (const [turn, [gap, length]] of lengths.entries()) {
        tasks.push(used(`run-${(index + turn) % 3}`, at + gap, at + gap + length, instanceId));
        at += gap + length;
      }
      instances.push(instance(launch, isOpen ? null : at + after, { instanceId, instanceType, market: 'on-demand' }));
    }
    return { instances, tasks, bill: billOf(instances, tasks, NOW * 1000) };
  }
  const total = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value, 0);

  it('the parts of the bill make the whole: runs and what is nobody’s, tasks and idle time', () => {
    fc.assert(
      fc.property(machines, (drawn) => {
        const { bill } = scene(drawn);
        expect(total(bill.usdByRun.values()) + (bill.unattributedUsd ?? Number.NaN)).toBeCloseTo(bill.usd ?? Number.NaN, 6);
        for (const one of bill.instances) {
          expect(one.taskSeconds + one.idleSeconds).toBeCloseTo(one.seconds, 6);
          expect(one.idleSeconds).toBeGreaterThanOrEqual(0);
        }
        expect(total(bill.instances.map(({ usd }) => usd ?? Number.NaN))).toBeCloseTo(bill.usd ?? Number.NaN, 6);
      }),
    );
  });

  it('a run is billed its tasks at least, and the difference is its idle time', () => {
    fc.assert(
      fc.property(machines, (drawn) => {
        const { bill, tasks } = scene(drawn);
        for (const runId of ['run-0', 'run-1', 'run-2']) {
          const own = bill.instances.map((one) => {
            const mine = tasks.filter((entry) => entry.runId === runId && entry.instanceId === one.instanceId);
            const seconds = total(mine.map(({ occupied }) => ((occupied?.untilMs ?? 0) - (occupied?.fromMs ?? 0)) / 1000));
            return (seconds * (one.usd ?? Number.NaN)) / one.seconds;
          });
          const { usd, idleUsd } = runBill(runId, bill, tasks);
          expect(usd ?? Number.NaN).toBeGreaterThanOrEqual(total(own) - 1e-9);
          expect((usd ?? Number.NaN) - (idleUsd ?? Number.NaN)).toBeCloseTo(total(own), 6);
        }
      }),
    );
  });

  it('the bill never falls as time goes on, nor with another machine', () => {
    fc.assert(
      fc.property(machines, fc.integer({ min: 0, max: 10_000 }), (drawn, laterSeconds) => {
        const { instances, tasks, bill } = scene(drawn);
        const later = billOf(instances, tasks, (NOW + laterSeconds) * 1000);
        const larger = billOf([...instances, instance(0, 60, { instanceId: 'i-00000000000000ff' })], tasks, NOW * 1000);
        expect(later.usd ?? Number.NaN).toBeGreaterThanOrEqual(bill.usd ?? Number.NaN);
        expect(larger.usd ?? Number.NaN).toBeGreaterThan(bill.usd ?? Number.NaN);
      }),
    );
  });

  it('a job with one task more never costs less', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 8 }),
        fc.integer({ min: 0, max: 100_000 }),
        (lengths, extra) => {
          const tasks = lengths.map((length) => task(place(0, length)));
          const more = [...tasks, task(place(0, extra))];
          expect(jobCost({ tasks: more }).usd ?? Number.NaN).toBeGreaterThanOrEqual(jobCost({ tasks }).usd ?? Number.NaN);
        },
      ),
    );
  });
});
