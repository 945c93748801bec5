/** A run's cost from what ECS and EC2 recorded: both figures, by job, sample and minute of video, and who pays for a shared machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sqliteRunStore } from '../../lib/adapters/local/sqlite-run-store.ts';
import { newJobRecord } from '../../lib/core/advance.ts';
import type { InstanceRecord } from '../../lib/core/instance-record.ts';
import type { JobRecord, TaskFacts } from '../../lib/core/job.ts';
import type { PlacedClass } from '../../lib/core/placements.ts';
import { runCost } from '../../lib/core/run-cost.ts';
import type { DescribedTask } from '../../lib/core/task-end.ts';
import { readRunCost } from '../../lib/workflow/read-run-cost.ts';
import { taskFactsOf } from '../../lib/workflow/task-facts.ts';
import { runRecord } from '../fixtures/run-records.ts';

const MACHINE = 'i-0abc0abc0abc0abc0';
const PLACED: PlacedClass = {
  ...{ name: 'g6-xlarge', instanceType: 'g6.xlarge', market: 'spot', capacityProvider: 'bakeoff-service-g6-xlarge' },
  ...{ usdPerHour: 0.5525, priceDate: '2026-11-20' },
};
const at = (time: string): number => Date.parse(`2026-11-20T${time}Z`);

/** Times of a task as ECS tells them: it waited for its machine from 10:00:00 to 10:04:30. */
function described(stage: string, pullStarted: string, stopped: string): DescribedTask {
  return {
    ...{ kind: 'task', taskId: `arn:aws:ecs:us-east-1:111122223333:task/c/${stage}`, stage, attempt: 1, isStopped: true },
    containerInstance: 'arn:aws:ecs:us-east-1:111122223333:container-instance/c/1',
    ...{ createdAtMs: at('10:00:00'), pullStartedAtMs: at(pullStarted), pullStoppedAtMs: at(pullStarted) + 60_000 },
    ...{ startedAtMs: at(pullStarted) + 61_000, stoppedAtMs: at(stopped), driverExitCode: 0, error: null },
    server: { exitCode: 143, signal: 'SIGTERM', reason: null },
  };
}

function facts(stage: string, pullStarted: string, stopped: string, instanceId: string | null = MACHINE): TaskFacts {
  const found = taskFactsOf(described(stage, pullStarted, stopped), { notes: null, placed: PLACED, instanceId });
  if (found === null) throw new Error('the task is no evidence');
  return found;
}

/** 30 minutes on the machine: 20 of infer, 10 of evaluate; 40 answers. */
function job(runId: string, jobId: string, tasks: readonly TaskFacts[], ordinal = 0): JobRecord {
  const blank = newJobRecord(runId, jobId, ordinal, ['infer', 'score'], 1);
  const outcome = { planned: 41, succeeded: 40, failed: 1, stopped: null };
  return { ...blank, tasks: [...tasks], stages: blank.stages.map((stage) => (stage.name === 'infer' ? { ...stage, outcome } : stage)) };
}

const instance: InstanceRecord = {
  ...{ schema: 1, instanceId: MACHINE, instanceType: 'g6.xlarge', className: 'g6-xlarge', market: 'spot' },
  ...{ launchedAtMs: at('10:02:00'), terminatedAtMs: at('11:02:00') },
};
const tasks = [facts('infer', '10:04:30', '10:24:30'), facts('evaluate:video', '10:24:30', '10:34:30')];
const known = { runId: 'run-1', instances: [instance], othersTasks: [], videoSeconds: 240, nowMs: at('12:00:00') };

describe('the cost of a run', () => {
  it('is its time on the machine, and the hour that EC2 bills for it', () => {
    expect(runCost({ ...known, jobs: [job('run-1', 'a', tasks)] })).toEqual({
      ...{ taskSeconds: 1800, taskUsd: expect.closeTo(0.27625, 10), billedUsd: 0.5525, idleUsd: expect.closeTo(0.27625, 10) },
      ...{ billedSoFarAtMs: null, priceDate: '2026-11-20', reason: null, jobsUsd: { a: expect.closeTo(0.27625, 10) } },
      perSample: { usd: expect.closeTo(0.27625 / 40, 10), reason: null },
      perVideoMinute: { usd: expect.closeTo(0.27625 / 4, 10), reason: null },
    });
  });

  it('keeps its own figure where the machine is not known, and says why the bill is missing', () => {
    const lost = [facts('infer', '10:04:30', '10:24:30', null)];
    expect(runCost({ ...known, jobs: [job('run-1', 'a', lost)] })).toMatchObject({
      taskUsd: expect.closeTo(0.5525 / 3, 10),
      ...{ billedUsd: null, idleUsd: null, reason: 'the machine of 1 of 1 tasks is not recorded' },
    });
  });

  it('is not known on one machine', () => {
    const here = tasks.map(({ where, ...rest }) => rest);
    expect(runCost({ ...known, jobs: [job('run-1', 'a', here)] })).toMatchObject({
      ...{ taskUsd: null, billedUsd: null, idleUsd: null, priceDate: null, jobsUsd: { a: null }, reason: 'this machine is not billed' },
      perSample: { usd: null, reason: 'this machine is not billed' },
    });
  });

  it('has no dollars for a minute of video where there is none', () => {
    const { perVideoMinute } = runCost({ ...known, videoSeconds: null, jobs: [job('run-1', 'a', tasks)] });
    expect(perVideoMinute).toEqual({ usd: null, reason: 'there is no video of known duration' });
  });
});

describe('reading it', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bakeoff-run-cost-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('lets a run that used the same machine later pay its part', async () => {
    const runs = sqliteRunStore(join(folder, 'records.sqlite'));
    const first = runRecord({ runId: 'run-1', createdAtMs: at('10:00:00'), finishedAtMs: at('10:35:00') });
    await runs.createRun(first);
    await runs.createRun(runRecord({ runId: 'run-2', createdAtMs: at('10:36:00'), finishedAtMs: at('10:50:00') }));
    await runs.createRun(runRecord({ runId: 'run-3', createdAtMs: at('08:00:00'), finishedAtMs: at('09:00:00') }));
    await runs.createJob(job('run-1', 'a', tasks));
    await runs.createJob(job('run-2', 'a', [facts('infer', '10:37:00', '10:47:00')]));
    const listInstances = async () => [instance];

    const cost = await readRunCost(first, { runs, instances: { listInstances }, clock: { nowMs: () => at('12:00:00') } });

    expect(cost).toMatchObject({ taskUsd: expect.closeTo(0.27625, 10), billedUsd: expect.closeTo(0.5525 * 0.75, 10), reason: null });
    runs.close();
  });
});
