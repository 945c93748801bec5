/** Cancelling, resuming and settling a run: what each may touch, how often it is asked, and in which order events come. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunRecord } from '../../lib/core/job.ts';
import { cancelRun } from '../../lib/workflow/cancel-run.ts';
import { endedExecution } from '../../lib/workflow/ended-execution.ts';
import { resumeRun } from '../../lib/workflow/resume-run.ts';
import { settleStep } from '../../lib/workflow/steps/settle-step.ts';
import { type Cloud, eventLog, fakeExecutions, fakeStopper, openCloud } from '../fixtures/cloud.ts';
import { jobRecord, runRecord } from '../fixtures/run-records.ts';

const RUN = 'demo-1';
const clock = { nowMs: () => 5000 };
let cloud: Cloud;
let stopper: ReturnType<typeof fakeStopper>;
let executions: ReturnType<typeof fakeExecutions>;
let events: ReturnType<typeof eventLog>;
beforeEach(async () => {
  cloud = await openCloud();
  [stopper, executions, events] = [fakeStopper(), fakeExecutions(), eventLog()];
});
afterEach(() => cloud.close());

const given = (change: Partial<RunRecord> = {}) => cloud.stores.runs.createRun(runRecord(change));
const stored = () => cloud.stores.runs.getRun(RUN);

describe('a cancel', () => {
  const cancel = () => cancelRun(RUN, { runs: cloud.stores.runs, stopper, clock });

  it('sets the flag, then stops the tasks; again, it stops what is left', async () => {
    await given();

    expect(await cancel()).toMatchObject({ cancelRequested: true, state: 'running' });
    await cancel();

    expect(stopper.stopped).toEqual(['demo-1/*', 'demo-1/*']);
    expect(await stored()).toMatchObject({ cancelRequested: true, version: 2 });
  });

  it.each(['succeeded', 'failed', 'rejected', 'cancelled'] as const)('is refused for a run that is %s', async (state) => {
    await given({ state });

    await expect(cancel()).rejects.toMatchObject({ code: 'run-settled' });
    expect(stopper.stopped).toEqual([]);
  });

  it('is refused for a run that nobody knows', async () => {
    await expect(cancel()).rejects.toMatchObject({ code: 'run-missing' });
  });
});

describe('a resume', () => {
  const resume = () => resumeRun(RUN, { runs: cloud.stores.runs, executions, clock });

  it.each(['failed', 'incomplete', 'cancelled', 'stopped-budget', 'running'] as const)(
    'begins the next start of a run that is %s',
    async (state) => {
      const failure = { class: 'infra', code: 'x', message: 'x' } as const;
      await given({ state, cancelRequested: state === 'cancelled', finishedAtMs: 9, failure });

      expect(await resume()).toEqual({ start: 2 });
      expect(executions.started).toEqual(['demo-1-2']);
      expect(await stored()).toMatchObject({ state: 'accepted', start: 2, cancelRequested: false, finishedAtMs: null, failure: null });
    },
  );

  it('is refused while the execution of the current start goes on', async () => {
    await given();
    executions.live.add('demo-1-1');

    await expect(resume()).rejects.toMatchObject({ code: 'run-live' });
    expect(await stored()).toMatchObject({ start: 1 });
  });

  it('is refused for a run that nobody knows', async () => {
    await expect(resume()).rejects.toMatchObject({ code: 'run-missing' });
  });

  it.each(['rejected', 'succeeded'] as const)('is refused for a run that has %s', async (state) => {
    await given({ state, finishedAtMs: 9 });
    await expect(resume()).rejects.toMatchObject({ code: `run-${state}` });
    expect(executions.started).toEqual([]);
    expect(await stored()).toMatchObject({ state, start: 1 });
  });

  it('begins the start that was put on record by one that died before it began it', async () => {
    await given({ state: 'failed' });
    const dying = { ...executions, start: () => Promise.reject(new Error('killed')) };
    await expect(resumeRun(RUN, { runs: cloud.stores.runs, executions: dying, clock })).rejects.toThrow('killed');

    expect(await resume()).toEqual({ start: 2 });
    expect(executions.started).toEqual(['demo-1-2']);
  });

  it('asked for five times at once begins one start', async () => {
    await given({ state: 'failed' });

    const ends = await Promise.allSettled(Array.from({ length: 5 }, resume));

    expect(executions.started).toEqual(['demo-1-2']);
    expect(await stored()).toMatchObject({ start: 2 });
    for (const end of ends) {
      if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'run-live' });
      else expect(end.value).toEqual({ start: 2 });
    }
  });
});

/** As EventBridge delivers it. */
const statusChange = (name: string, status: string, change: object = {}) => ({
  ...{ version: '0', id: '315c1398-40ff-a850-213b-158f73e60175', 'detail-type': 'Step Functions Execution Status Change' },
  ...{ source: 'aws.states', account: '111122223333', time: '2026-11-20T12:00:00Z', region: 'us-east-1' },
  resources: [`arn:aws:states:us-east-1:111122223333:execution:bakeoff:${name}`],
  detail: {
    executionArn: `arn:aws:states:us-east-1:111122223333:execution:bakeoff:${name}`,
    stateMachineArn: 'arn:aws:states:us-east-1:111122223333:stateMachine:bakeoff',
    ...{ name, status, startDate: 1_795_190_400_000, stopDate: 1_795_190_500_000, input: '{}', output: null },
    ...change,
  },
});

describe('the end of an execution', () => {
  const settle = async (event: unknown) => {
    const input = endedExecution(event);
    if (input === null) return null;
    return settleStep(input, { runs: cloud.stores.runs, clock, cluster: { stopper, events } });
  };

  it.each([
    ['ABORTED', 'execution-aborted', /stopped from outside/],
    ['TIMED_OUT', 'execution-timed-out', /out of time/],
    ['FAILED', 'execution-failed', /DataLimitExceeded/],
  ])('%s fails its run with the cause, and stops what would outlive it', async (status, code, message) => {
    await given();
    await cloud.stores.runs.createJob(jobRecord());
    const told = status === 'FAILED' ? { error: 'States.DataLimitExceeded', cause: 'too large' } : { error: null, cause: null };

    expect(await settle(statusChange('demo-1-1', status, told))).toEqual({ state: 'failed', settled: true });

    expect(await stored()).toMatchObject({
      state: 'failed',
      finishedAtMs: 5000,
      failure: { code, message: expect.stringMatching(message) },
    });
    expect(stopper.stopped).toEqual(['demo-1/*']);
    expect(events.events).toMatchObject([{ state: 'failed', failure: { code }, jobs: { running: 1 } }]);
  });

  it('delivered twice is told once, and stops again what the first may have missed', async () => {
    await given();
    await settle(statusChange('demo-1-1', 'ABORTED'));

    expect(await settle(statusChange('demo-1-1', 'ABORTED'))).toEqual({ state: 'failed', settled: false });
    expect(events.states()).toEqual(['failed']);
    expect(stopper.stopped).toEqual(['demo-1/*', 'demo-1/*']);
  });

  it('changes nothing in a run that has settled by itself', async () => {
    await given({ state: 'incomplete', finishedAtMs: 7 });

    expect(await settle(statusChange('demo-1-1', 'FAILED'))).toEqual({ state: 'incomplete', settled: false });
    expect(await stored()).toMatchObject({ state: 'incomplete', finishedAtMs: 7 });
    expect(events.states()).toEqual([]);
  });

  it('that comes after a resume touches neither the run nor its tasks', async () => {
    await given({ start: 2, state: 'running' });

    expect(await settle(statusChange('demo-1-1', 'ABORTED'))).toEqual({ state: 'running', settled: false });
    expect(stopper.stopped).toEqual([]);
  });

  it('of a run that nobody knows is nothing', async () => {
    expect(await settle(statusChange('other-1', 'ABORTED'))).toEqual({ state: null, settled: false });
    expect(stopper.stopped).toEqual([]);
  });

  it.each([statusChange('demo-1-1', 'SUCCEEDED'), statusChange('no-start', 'FAILED'), statusChange('', 'FAILED'), {}, null, 'x'])(
    'is passed over where it is none of ours',
    async (event) => {
      expect(await settle(event)).toBeNull();
    },
  );

  it('takes the message of a function for the cause, and its error for the code where that is ours', async () => {
    await given();
    const cause = JSON.stringify({ errorType: 'package-not-deployed', errorMessage: 'ridge has no task definition', trace: ['at x'] });
    const error = { Error: 'package-not-deployed', Cause: cause };

    await settleStep({ run: RUN, start: 1, error }, { runs: cloud.stores.runs, clock, cluster: { stopper, events } });

    expect(await stored()).toMatchObject({ failure: { code: 'package-not-deployed', message: 'ridge has no task definition' } });
  });
});
