/** What the API tells of a run's cost: tasks and machines of real records, and why a figure is missing. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InstanceRecord } from '../../lib/core/instance-record.ts';
import type { JobRecord, TaskFacts, TaskPlace } from '../../lib/core/job.ts';
import { runSchema } from '../../lib/api/schemas/run.ts';
import { type ApiFixture, apiFixture } from '../fixtures/api-fixture.ts';
import { jobRecord, runRecord, STARTED_MS } from '../fixtures/run-records.ts';

const HOUR = 3_600_000;
const MACHINE = 'i-0123456789abcdef0';
let instances: InstanceRecord[] = [];
let api: ApiFixture;
beforeEach(async () => {
  instances = [];
  api = await apiFixture({ instances: { listInstances: async () => instances }, clock: { nowMs: () => STARTED_MS + 10 * HOUR } });
});
afterEach(() => api.close());

const place = (fromHour: number, untilHour: number, given: Partial<TaskPlace> = {}): TaskPlace => ({
  ...{ className: 'gpu', instanceType: 'g6.xlarge', market: 'on-demand', usdPerHour: 1, priceDate: '2026-11-20', instanceId: MACHINE },
  occupied: { fromMs: STARTED_MS + fromHour * HOUR, untilMs: STARTED_MS + untilHour * HOUR },
  ...given,
});

function task(where: TaskPlace): TaskFacts {
  return {
    ...{
      taskId: 'arn:task/1',
      stage: 'infer',
      attempt: 1,
      startedAtMs: 0,
      endedAtMs: 1,
      phasesMs: {},
      driverExitCode: 0,
      error: null,
      where,
    },
    server: { exitCode: 0, signal: null, reason: null, peakRssMiB: null, cpuSeconds: null, sampleHz: null, logTail: null },
  };
}

const machine = (given: Partial<InstanceRecord> = {}): InstanceRecord => ({
  ...{ schema: 1, instanceId: MACHINE, instanceType: 'g6.xlarge', className: 'gpu', market: 'on-demand', launchedAtMs: STARTED_MS },
  terminatedAtMs: STARTED_MS + 4 * HOUR,
  ...given,
});

async function store(runId: string, tasks: TaskFacts[], given: Partial<JobRecord> = {}): Promise<void> {
  await api.stores.runs.createRun(runRecord({ runId, state: 'succeeded', finishedAtMs: STARTED_MS + 5 * HOUR }));
  await api.stores.runs.createJob(jobRecord({ runId, state: 'succeeded', tasks, ...given }));
}
const costOf = async (runId: string) => runSchema.parse(await (await api.request(`/v1/runs/${runId}`)).json()).cost;

describe('the cost of a run', () => {
  it('has its tasks at the price of the plan, and its machine with the idle time', async () => {
    instances = [machine()];
    await store('one', [task(place(0, 1))]);

    const { taskUsd, billedUsd, idleUsd, jobsUsd, priceDate, reason } = await costOf('one');

    expect([taskUsd, priceDate, reason]).toEqual([1, '2026-11-20', null]);
    expect(jobsUsd).toEqual({ 'ridge-8d6305ef': 1 });
    // Four hours are billed, one of them was used.
    expect((billedUsd ?? 0) / ((billedUsd ?? 0) - (idleUsd ?? 0))).toBeCloseTo(4, 9);
  });

  it('shares a machine with the run that used it too', async () => {
    instances = [machine()];
    await store('one', [task(place(0, 1))]);
    const alone = (await costOf('one')).billedUsd ?? 0;
    await store('two', [task(place(1, 4))]);

    const [one, two] = [(await costOf('one')).billedUsd ?? 0, (await costOf('two')).billedUsd ?? 0];

    expect(one).toBeCloseTo(alone / 4, 9);
    expect(one + two).toBeCloseTo(alone, 9);
  });

  it('is not told in part: one machine or one price that is not known leaves the figure out', async () => {
    await store('no-record', [task(place(0, 1))]);
    await store('no-price', [task(place(0, 1, { usdPerHour: null }))]);

    expect(await costOf('no-record')).toMatchObject({ taskUsd: 1, billedUsd: null, reason: expect.stringContaining('not recorded') });
    expect(await costOf('no-price')).toMatchObject({ taskUsd: null, reason: expect.stringContaining('price') });
  });

  it('of machines is told when the run is at its end', async () => {
    await api.stores.runs.createRun(runRecord({ runId: 'live' }));
    await api.stores.runs.createJob(jobRecord({ runId: 'live', tasks: [task(place(0, 1))] }));
    expect(await costOf('live')).toMatchObject({ taskUsd: 1, billedUsd: null, reason: expect.stringContaining('at its end') });
  });
});
