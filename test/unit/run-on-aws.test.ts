/**
 * A whole run on AWS's ports, from Plan to Report: the steps as the state machine calls them, with recorded payloads as what "Run task" hands
 * on. Held for each way in which a task can end badly: the right state, the cause on record, nothing finished repeated, nothing left alive.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTaskEnd } from '../../lib/adapters/aws/ecs-task-facts.ts';
import { BUILTIN_SCORERS } from '../../lib/core/builtin-scorers.ts';
import type { JobRecord, RunRecord, StageRecord } from '../../lib/core/job.ts';
import { keys } from '../../lib/core/object-key.ts';
import type { DeployedFleet } from '../../lib/core/deployed-fleet.ts';
import { parseSpec } from '../../lib/core/parse-spec.ts';
import { familyOf } from '../../lib/core/task-definition.ts';
import { cancelRun } from '../../lib/workflow/cancel-run.ts';
import { launchRun } from '../../lib/workflow/launch-run.ts';
import { readPlacements } from '../../lib/workflow/place-run.ts';
import { resumeRun } from '../../lib/workflow/resume-run.ts';
import { type AdvanceAnswer, advanceStep } from '../../lib/workflow/steps/advance-step.ts';
import { planStep } from '../../lib/workflow/steps/plan-step.ts';
import { reportStep } from '../../lib/workflow/steps/report-step.ts';
import { scoreStep } from '../../lib/workflow/steps/score-step.ts';
import { jobCost } from '../../lib/core/cost.ts';
import { type Cloud, eventLog, fakeBudget, fakeExecutions, fakeStopper, fakeTaskDefinitions, openCloud } from '../fixtures/cloud.ts';
import { testRegistry } from '../fixtures/registry-fixture.ts';
import { succeededRow } from '../fixtures/scoring/stored-run.ts';

const RUN = 'ridge-0123456789ab';
const SPEC = (more = '', alphas = '[1]') => `apiVersion: bakeoff/v1
name: ridge-check
items: [{ id: one, input: { row: { a: 1 } }, reference: { value: 2 } }]
models: [{ model: ridge, matrix: { alpha: ${alphas} } }]
scorers: [numbers]
load: { mode: closed, warmup: 0 }
${more}`;
const FLEET: DeployedFleet = [{ name: 'cpu', instanceType: 'm7i.xlarge', market: 'on-demand', maxInstances: 4, rootVolumeGiB: 100 }];
const RIDGE = testRegistry.models.get('ridge')!;

let cloud: Cloud;
let stopper: ReturnType<typeof fakeStopper>;
let executions: ReturnType<typeof fakeExecutions>;
let events: ReturnType<typeof eventLog>;
let budget: ReturnType<typeof fakeBudget>;
let taskDefinitions: ReturnType<typeof fakeTaskDefinitions>;
let cannotStart: string[];
let started: string[];
let nowMs = 0;
const clock = { nowMs: () => nowMs };
beforeEach(async () => {
  cloud = await openCloud();
  [stopper, executions, events, budget] = [fakeStopper(), fakeExecutions(), eventLog(), fakeBudget()];
  taskDefinitions = fakeTaskDefinitions({ [familyOf('bakeoff', 'ridge')]: RIDGE.digest });
  [cannotStart, started, nowMs] = [[], [], 1_795_190_000_000];
});
afterEach(() => cloud.close());

const readRegistry = async () => testRegistry;
const softwareVersion = '1.0.0';
const launch = (spec: string) => {
  const { objects, runs } = cloud.stores;
  return launchRun(
    { runId: RUN, specText: spec, fileName: 'ridge.yaml' },
    { objects, runs, executions, events, clock, readRegistry, softwareVersion, fleet: FLEET },
  );
};
const plan = (start = 1) => {
  const { objects, runs } = cloud.stores;
  const models = { getImage: async () => null };
  const cluster = { taskDefinitions, models, fleet: FLEET, stack: 'bakeoff', index: cloud.index };
  const storeSuiteFile = () => Promise.reject(new Error('the test did not prepare a suite'));
  return planStep({ run: RUN, start }, { objects, runs, clock, events, readRegistry, storeSuiteFile, softwareVersion, cluster });
};
const advance = (ordinal: number, result: unknown, start = 1) => {
  const { objects, runs } = cloud.stores;
  const instanceIdOf = async () => 'i-0abcdef1234567890';
  const cluster = { stopper, budget, readTaskEnd, instanceIdOf, onCannotStart: (code: string) => void cannotStart.push(code) };
  return advanceStep({ run: RUN, start, ordinal, result }, { objects, runs, compute: stopper, cluster });
};
const report = (start = 1) => {
  const { objects, runs } = cloud.stores;
  const publication = { index: cloud.index, events };
  return reportStep({ run: RUN, start }, { objects, runs, clock, host: null, environment: 'aws', publication });
};
const jobs = (): Promise<JobRecord[]> => cloud.stores.runs.listJobs(RUN);
const run = async (): Promise<RunRecord> => (await cloud.stores.runs.getRun(RUN))!;

/** A recorded payload as that of this very task. */
function payloadFor(name: string, task: NonNullable<AdvanceAnswer['task']>): unknown {
  const text = readFileSync(join(import.meta.dirname, `../fixtures/ecs/${name}.json`), 'utf8');
  const own = text
    .replaceAll('0f9de17a6465404e8b1b2356dc13c2f8', `${task.jobId}-${task.attempt}`)
    .replaceAll(/(BAKEOFF_ATTEMPT[^}]*?Value[^}]*?)2(?=\\?")/g, `$1${task.attempt}`);
  return JSON.parse(own);
}

const arnOf = (task: NonNullable<AdvanceAnswer['task']>): string =>
  `arn:aws:ecs:us-east-1:111122223333:task/bakeoff-cluster/${task.jobId}-${task.attempt}`;

/** What a driver writes of its stage, conditionally on its attempt as the real one does. False when it is not current any more. */
async function driverWrites(task: NonNullable<AdvanceAnswer['task']>, change: Partial<StageRecord>): Promise<boolean> {
  const record = (await cloud.stores.runs.getJob(RUN, String(task.jobId)))!;
  const stage = record.stages.find(({ name }) => name === task.stage)!;
  if (stage.attempt !== Number(task.attempt) || (stage.claim !== null && stage.claim !== arnOf(task))) return false;
  const stages = record.stages.map((each) => (each === stage ? { ...each, claim: arnOf(task), ...change } : each));
  return cloud.stores.runs.replaceJob({ ...record, version: record.version + 1, stages });
}

const FINISHED: Partial<StageRecord> = { status: 'finished', outcome: { planned: 1, succeeded: 1, failed: 0, stopped: null } };

/** One "Run task": what the driver wrote before the end, and the payload of that end. */
type End = { readonly payload: string; readonly wrote?: Partial<StageRecord>; readonly meanwhile?: () => Promise<unknown> };
const WELL: End = { payload: 'succeeded', wrote: FINISHED };

/** Takes one job through the states that follow Advance; `ends` are used up one by one, the last one again and again. */
async function playJob(ordinal: number, ends: readonly End[], start = 1): Promise<{ readonly waits: number }> {
  let step = await advance(ordinal, null, start);
  let waits = 0;
  for (let n = 0; step.action !== 'done'; ) {
    if (n > 400) throw new Error('the job does not end');
    let result: unknown = null;
    if (step.action === 'run' && step.task !== null) {
      started.push(`${step.task.stage} ${step.task.attempt}`);
      const end = ends[Math.min(n, ends.length - 1)]!;
      n += 1;
      if (end.wrote !== undefined) await driverWrites(step.task, end.wrote);
      await end.meanwhile?.();
      result = payloadFor(end.payload, step.task);
    }
    if (step.action === 'wait') waits += 1;
    if (step.action === 'score') result = await scoreStep({ run: RUN, start, ordinal }, cloud.stores);
    step = await advance(ordinal, result, start);
  }
  return { waits };
}

async function playRun(ends: readonly End[], spec = SPEC()): Promise<void> {
  await launch(spec);
  for (const ordinal of (await plan()).ordinals) await playJob(ordinal, ends);
  await report();
}

/** The one row of the one sample, as a driver writes it. */
async function putAnswer(value: number): Promise<void> {
  const [record] = await jobs();
  const row = succeededRow({ itemId: 'one', ordinal: 0 }, { value });
  await cloud.stores.objects.put(keys.samplePart(RUN, record!.jobId, 1, 0), `${JSON.stringify(row)}\n`);
}

describe('a run that goes well', () => {
  it('is accepted, running, succeeded, with its figures where they outlive it', async () => {
    await playRun([WELL]);

    expect(events.states()).toEqual(['accepted', 'running', 'succeeded']);
    expect(started).toEqual(['infer 1']);
    const [job] = await jobs();
    expect(job).toMatchObject({ state: 'succeeded', tasks: [{ stage: 'infer', attempt: 1, phasesMs: { wait: 100_000, pull: 60_000 } }] });
    expect(job?.tasks[0]?.where).toEqual({
      ...{ className: 'cpu', instanceType: 'm7i.xlarge', market: 'on-demand', usdPerHour: 0.2016 },
      ...{ priceDate: expect.any(String), instanceId: 'i-0abcdef1234567890' },
      occupied: { fromMs: 1_795_190_500_000, untilMs: 1_795_191_100_000 },
    });
    expect(await cloud.stores.objects.get(keys.report(RUN, 'index.html'))).not.toBeNull();
    expect(stopper.stopped).toEqual([]);
  });

  it.each(['spot-interruption', 'out-of-memory'])('keeps what the cluster told of each task, whole: %s', async (payload) => {
    await playRun([{ payload }, WELL]);
    const [job] = await jobs();
    const told = async (attempt: number): Promise<unknown> =>
      JSON.parse(Buffer.from((await cloud.stores.objects.get(keys.taskEnd(RUN, job!.jobId, 'infer', attempt)))!).toString());
    const task = { jobId: job!.jobId, attempt: '1' };

    expect(await told(1)).toEqual(payloadFor(payload, task));
    expect(await told(2)).toEqual(payloadFor('succeeded', { ...task, attempt: '2' }));
  });

  it('tells "Run task" all that it takes, as text, and the same again when asked again', async () => {
    await launch(SPEC());
    await plan();
    const { task, timeoutSeconds } = await advance(0, null);

    const [job] = await jobs();
    expect(task).toEqual({
      ...{ runId: RUN, jobId: job?.jobId, stage: 'infer', attempt: '1', capacityProvider: 'bakeoff-cpu' },
      instance: expect.stringMatching(/^1-[0-9a-f]{16}$/),
      port: expect.stringMatching(/^2\d{4}$/),
      taskDefinitionArn: 'arn:aws:ecs:us-east-1:111122223333:task-definition/bakeoff-ridge:1',
    });
    expect(timeoutSeconds).toBe(6 * 3600 + 15 * 60 + 2 * 3600);
  });

  it('is planned once, however often Plan is called', async () => {
    await launch(SPEC('', '[1, 2, 3]'));
    const first = await plan();
    const [before] = await jobs();

    expect(await plan()).toEqual(first);
    expect((await jobs())[0]).toEqual(before);
    expect(events.states()).toEqual(['accepted', 'running']);
  });

  it('begins no more jobs than its class has machines: the rest would use up their time of waiting', async () => {
    await launch(SPEC('compute: { maxParallelJobs: 64 }', '[1, 2, 3, 4, 5, 6]'));
    expect(await plan()).toMatchObject({ maxConcurrency: 4, ordinals: [0, 1, 2, 3, 4, 5] });
  });

  it('begins no more jobs than the spec asks for', async () => {
    await launch(SPEC('compute: { maxParallelJobs: 2 }', '[1, 2, 3, 4, 5, 6]'));
    expect(await plan()).toMatchObject({ maxConcurrency: 2 });
  });

  it('gives every job a machine of its own: side by side is not contended', async () => {
    await launch(SPEC('compute: { maxParallelJobs: 3 }', '[1, 2, 3]'));
    await plan();
    const facts = JSON.parse(Buffer.from((await cloud.stores.objects.get(keys.scoring(RUN)))!).toString());
    expect(facts).toMatchObject({ sideBySide: false });
  });
});

it('leaves its results where they outlive it, by metric and with the version of its scorer, once however often it is reported', async () => {
  await launch(SPEC());
  await plan();
  await playJob(0, [{ ...WELL, meanwhile: () => putAnswer(2.5) }]);
  await report();
  await report();

  const { items } = await cloud.index.modelHistory({ modelId: 'ridge', limit: 50, cursor: null });
  const mae = items.filter(({ metric }) => metric === 'numbers.mae');
  expect(mae).toMatchObject([
    {
      runId: RUN,
      modelDigest: RIDGE.digest,
      value: 0.5,
      n: 1,
      coverage: 1,
      direction: 'lower',
      metricVersion: BUILTIN_SCORERS.get('numbers')?.version,
    },
  ]);
});

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

describe('what was finished', () => {
  it('is not run again by a resume', async () => {
    await launch(SPEC('', '[1, 2]'));
    await plan();
    await playJob(0, [WELL]);
    await playJob(1, [{ payload: 'cannot-pull' }]);
    await report();
    expect(await run()).toMatchObject({ state: 'incomplete' });
    executions.live.clear();
    started = [];

    await resumeRun(RUN, { runs: cloud.stores.runs, executions, clock });
    await plan(2);
    await playJob(0, [WELL], 2);
    await playJob(1, [WELL], 2);
    await report(2);

    expect(started).toEqual(['infer 2']);
    expect(await run()).toMatchObject({ state: 'succeeded', start: 2 });
  });

  it('stays when an execution of an earlier start goes on beside a newer one', async () => {
    await launch(SPEC());
    await plan();
    await cloud.stores.runs.replaceRun({ ...(await run()), version: (await run()).version + 1, start: 2, state: 'accepted' });
    await plan(2);

    expect(await plan(1)).toMatchObject({ ordinals: [] });
    await advance(0, null, 2);
    expect(await advance(0, null, 1)).toMatchObject({ action: 'done' });
    expect(await report(1)).toMatchObject({ state: 'running' });
  });
});

describe('a cancel', () => {
  it('in the middle stops the tasks, begins nothing more, and still gives a report', async () => {
    const cancel = () => cancelRun(RUN, { runs: cloud.stores.runs, stopper, clock });
    await playRun([{ payload: 'user-initiated', meanwhile: cancel }], SPEC('', '[1, 2]'));

    expect(started).toEqual(['infer 1']);
    expect(stopper.stopped).toEqual([`${RUN}/*`]);
    expect(await run()).toMatchObject({ state: 'cancelled' });
    expect((await jobs()).map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
    expect(await cloud.stores.objects.get(keys.report(RUN, 'report.json'))).not.toBeNull();
  });
});

describe('a budget', () => {
  it('stops what it does not cover before its first task; what began goes on', async () => {
    // Without an earlier run a job sets its limits aside: 6 h 15 m of an m7i.xlarge are $1.26.
    await launch(SPEC('budget: { maxUsd: 3 }', '[1, 2, 3]'));
    await plan();
    const others = [() => advance(1, null), () => advance(2, null)];
    const meanwhile = async () => {
      for (const other of others.splice(0)) await other();
    };
    await playJob(0, [{ payload: 'spot-interruption', meanwhile }, WELL]);

    expect(started).toEqual(['infer 1', 'infer 2']);
    expect((await jobs()).map(({ state }) => state)).toEqual(['succeeded', 'running', 'stopped']);
    await playJob(1, [WELL]);
    await report();
    const records = await jobs();
    expect(records.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'stopped']);
    expect(records[2]).toMatchObject({ failure: { code: 'budget-exceeded' }, tasks: [] });
    expect(await run()).toMatchObject({ state: 'stopped-budget' });
    expect(events.events.at(-1)).toMatchObject({ state: 'stopped-budget', jobs: { succeeded: 2, stopped: 1 } });
    const { warnings } = JSON.parse(Buffer.from((await cloud.stores.objects.get(keys.report(RUN, 'report.json')))!).toString());
    expect(warnings.find(({ code }: { code: string }) => code === 'budget-stopped')).toMatchObject({
      jobIds: [records[2]?.jobId],
      text: expect.stringMatching(
        /^The budget of \$3\b.* \$1\.26 or more aside\. Jobs that began had set \$2\.52 aside and cost \$0\.\d+;/,
      ),
    });
  });

  it('gets back what a job did not spend: one after the other all fit', async () => {
    await playRun([WELL], SPEC('budget: { maxUsd: 3 }', '[1, 2, 3]'));

    const records = await jobs();
    expect(records.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect([...budget.reserved]).toEqual(records.map((record) => [record.jobId, jobCost(record).usd]));
    expect(await run()).toMatchObject({ state: 'succeeded' });
  });

  it('keeps the share of a job of which an end was not understood: what it cost nobody knows', async () => {
    await launch(SPEC('budget: { maxUsd: 3 }'));
    await plan();
    await playJob(0, [{ payload: 'garbage', wrote: FINISHED }]);

    expect(await jobs()).toMatchObject([{ state: 'succeeded', tasks: [] }]);
    expect([...budget.reserved.values()]).toEqual([1.26]);
  });

  it('gets the whole share back of a job that waited in vain for a machine', async () => {
    await launch(SPEC('budget: { maxUsd: 3 }'));
    await plan();
    await playJob(0, [{ payload: 'throttled' }]);
    expect([...budget.reserved.values()]).toEqual([0]);
  });
});

describe('a report that fails', () => {
  it('leaves the scores where they are, and the run to Settle', async () => {
    await launch(SPEC());
    await plan();
    await playJob(0, [WELL]);
    const { objects, runs } = cloud.stores;
    const full = {
      ...objects,
      put: async (key: string, ...rest: [Uint8Array | string]) => (key.includes('/report/') ? fail() : objects.put(key, ...rest)),
    };
    const fail = (): never => {
      throw new Error('the store is full');
    };

    await expect(
      reportStep(
        { run: RUN, start: 1 },
        { objects: full, runs, clock, host: null, environment: 'aws', publication: { index: cloud.index, events } },
      ),
    ).rejects.toThrow('the store is full');

    expect(await run()).toMatchObject({ state: 'running' });
    expect(await objects.get(keys.jobScores(RUN, (await jobs())[0]!.jobId))).not.toBeNull();
  });

  it('or comes too late, changes nothing in a run that was ended from outside', async () => {
    await launch(SPEC());
    await plan();
    const found = await run();
    await cloud.stores.runs.replaceRun({ ...found, version: found.version + 1, state: 'failed' });

    expect(await report()).toEqual({ state: 'failed', costUsd: null });
    expect(await run()).toMatchObject({ state: 'failed', version: found.version + 1 });
  });
});

describe('an upgrade', () => {
  it('that makes a revision inactive: the next start registers it anew, with the same digest', async () => {
    await launch(SPEC());
    await plan();
    taskDefinitions.deactivate('bakeoff-ridge');
    await cloud.stores.runs.replaceRun({ ...(await run()), version: (await run()).version + 1, state: 'failed' });
    executions.live.clear();
    await resumeRun(RUN, { runs: cloud.stores.runs, executions, clock });

    await plan(2);

    expect(taskDefinitions.registered).toEqual(['arn:aws:ecs:us-east-1:111122223333:task-definition/bakeoff-ridge:2']);
    expect((await readPlacements(cloud.stores.objects, RUN)).packages.ridge).toMatchObject({
      taskDefinitionArn: taskDefinitions.registered[0],
    });
  });

  it('goes on with a run that an earlier version planned: no ordinals, no scoring facts', async () => {
    await launch(SPEC());
    await plan();
    await cloud.stores.objects.remove(keys.ordinals(RUN));
    await cloud.stores.objects.remove(keys.scoring(RUN));

    await playJob(0, [WELL]);

    expect(await report()).toMatchObject({ state: 'succeeded' });
  });

  it('to other packages is told by name, all of them, before anything starts', async () => {
    taskDefinitions = fakeTaskDefinitions({ [familyOf('bakeoff', 'ridge')]: 'f'.repeat(64) });
    await launch(SPEC());

    await expect(plan()).rejects.toMatchObject({
      code: 'package-not-deployed',
      message: expect.stringMatching(/ridge is deployed with digest f{12}/),
    });
    expect(await jobs()).toEqual([]);
  });
});

it('a spec that fits no class is refused at launch, with the nearest one', async () => {
  expect(await launch(SPEC('compute: { class: gpu-huge }'))).toMatchObject({ kind: 'rejected', problems: [{ code: 'unknown-class' }] });
  expect(parseSpec(SPEC(), { registry: testRegistry, fleet: FLEET })).toMatchObject({ ok: true });
});
