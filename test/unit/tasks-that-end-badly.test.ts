/**
 * A run on AWS's ports in which tasks end as ECS records it, or do not end: the right state, the cause on record, nothing finished repeated,
 * nothing left alive.
 */
import { describe, expect, it } from 'vitest';
import { resumeRun } from '../../lib/workflow/resume-run.ts';
import {
  FINISHED,
  RUN,
  SPEC,
  WELL,
  advance,
  cannotStart,
  clock,
  cloud,
  driverWrites,
  executions,
  jobs,
  launch,
  payloadFor,
  plan,
  playJob,
  playRun,
  report,
  run,
  started,
  stopper,
} from '../fixtures/run-on-aws.ts';

describe('a task that ends badly', () => {
  it.each([
    'spot-interruption',
    'spot-stopped-by-us',
    'termination-notice',
    'host-gone',
    'driver-died',
    'resource-initialization',
    'timeout',
  ])('(%s) is followed by another attempt, and the run succeeds', async (payload) => {
    await playRun([{ payload }, WELL]);

    expect(started).toEqual(['infer 1', 'infer 2']);
    expect(await run()).toMatchObject({ state: 'succeeded', failure: null });
  });

  it.each(['sidecar-137-after-good-run', 'sidecar-143-after-good-run', 'spot-interruption', 'timeout', 'garbage'])(
    '(%s) after its stage was finished changes nothing',
    async (payload) => {
      await playRun([{ payload, wrote: FINISHED }]);

      expect(started).toEqual(['infer 1']);
      expect(await run()).toMatchObject({ state: 'succeeded' });
    },
  );

  it.each([
    ['cannot-pull', 'image-pull-failed', ['image-pull-failed']],
    ['inactive-definition', 'task-definition-inactive', ['task-definition-inactive']],
    ['access-denied', 'run-task-refused', ['run-task-refused']],
  ])('(%s) is not tried again: only the user can mend it', async (payload, code, told) => {
    await playRun([{ payload }]);

    expect(started).toEqual(['infer 1']);
    expect(await run()).toMatchObject({ state: 'incomplete' });
    expect((await jobs())[0]).toMatchObject({ state: 'failed', failure: { class: 'infra', code } });
    expect(cannotStart).toEqual(told);
  });

  it('for lack of memory is named so, on the evidence of ECS', async () => {
    const failure = { class: 'model_error', code: 'server-died', message: 'gone' } as const;
    await playRun([{ payload: 'out-of-memory', wrote: { attemptEnd: { kind: 'server-died', failure, newRows: 0 } } }]);

    expect(started).toHaveLength(5);
    expect((await jobs())[0]).toMatchObject({ state: 'failed', failure: { class: 'oom_host', code: 'out-of-memory' } });
  });

  it.each(['placement-gpu', 'placement-empty-provider', 'throttled', 'server-exception'])(
    '(%s) waits a minute at a time, within a budget of hours, and is no attempt',
    async (payload) => {
      await launch(SPEC());
      await plan();
      const { waits } = await playJob(0, [{ payload }]);

      expect(waits).toBe(240);
      expect((await jobs())[0]).toMatchObject({ state: 'failed', stages: [{ attemptsThisStart: 0, fruitless: 0 }, {}] });
    },
  );

  it('of a machine that never came counts the time that the task itself waited', async () => {
    await launch(SPEC());
    await plan();
    const { waits } = await playJob(0, [{ payload: 'provisioning-timeout' }]);

    // 700 s in PROVISIONING and a minute more each time: 18 of them in four hours.
    expect(waits).toBe(18);
    expect((await jobs())[0]?.failure).toMatchObject({ code: 'no-capacity', message: expect.stringMatching(/waited 24\d minutes/) });
  });

  it('gets its machine at last', async () => {
    await playRun([{ payload: 'placement-gpu' }, { payload: 'provisioning-timeout' }, WELL]);
    expect(await run()).toMatchObject({ state: 'succeeded' });
  });
});

describe('a task that may be alive though nobody waits for it', () => {
  it.each(['timeout', 'garbage', 'task-still-running'])('(%s) is stopped before another begins', async (payload) => {
    await playRun([{ payload }, WELL]);
    const [job] = await jobs();
    expect(stopper.stopped).toEqual([`${RUN}/${job?.jobId}`]);
  });

  it('is stopped even when nothing follows', async () => {
    await playRun([{ payload: 'timeout', wrote: FINISHED }]);
    expect(stopper.stopped).toHaveLength(1);
  });

  it('of an execution that was stopped is stopped by the resume', async () => {
    await launch(SPEC());
    await plan();
    await advance(0, null);
    await cloud.stores.runs.replaceRun({ ...(await run()), version: (await run()).version + 1, state: 'failed' });
    executions.live.clear();

    expect(await resumeRun(RUN, { runs: cloud.stores.runs, executions, clock })).toEqual({ start: 2 });
    await plan(2);
    await playJob(0, [WELL], 2);

    expect(stopper.stopped).toEqual([`${RUN}/${(await jobs())[0]?.jobId}`]);
    expect(started).toEqual(['infer 2']);
    expect(await report(2)).toMatchObject({ state: 'succeeded' });
  });

  it('wakes up late, and can write nothing any more', async () => {
    await launch(SPEC());
    await plan();
    const first = await advance(0, null);
    const second = await advance(0, payloadFor('timeout', first.task!));
    expect(second).toMatchObject({ action: 'run', task: { attempt: '2' } });

    expect(await driverWrites(first.task!, FINISHED)).toBe(false);
    expect((await jobs())[0]?.stages[0]).toMatchObject({ status: 'running', attempt: 2, claim: null });
  });
});
