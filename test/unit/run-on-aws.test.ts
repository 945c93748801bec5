/**
 * A whole run on AWS's ports, from Plan to Report: that it goes well, that what was finished stays, and what cancels, budgets, failed reports
 * and upgrades make of it. tasks-that-end-badly.test.ts has the ends of tasks.
 */
import { describe, expect, it } from 'vitest';
import { BUILTIN_SCORERS } from '../../lib/core/builtin-scorers.ts';
import { sha256Hex } from '../../lib/core/canonical-json.ts';
import { keys } from '../../lib/core/object-key.ts';
import { parseSpec } from '../../lib/core/parse-spec.ts';
import { cancelRun } from '../../lib/workflow/cancel-run.ts';
import { reportSchema } from '../../lib/report/report-model.ts';
import { readJsonObject } from '../../lib/workflow/read-json-object.ts';
import { readPlacements } from '../../lib/workflow/place-run.ts';
import { resumeRun } from '../../lib/workflow/resume-run.ts';
import { reportStep } from '../../lib/workflow/steps/report-step.ts';
import { jobCost } from '../../lib/core/cost.ts';
import { testRegistry } from '../fixtures/registry-fixture.ts';
import {
  FINISHED,
  FLEET,
  RIDGE,
  RUN,
  SPEC,
  WELL,
  advance,
  budget,
  clock,
  cloud,
  deployDigest,
  events,
  executions,
  jobs,
  launch,
  payloadFor,
  plan,
  playJob,
  playRun,
  putAnswer,
  report,
  run,
  started,
  stopper,
  taskDefinitions,
} from '../fixtures/run-on-aws.ts';

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

it('is judged by the gates of its spec with its report, against what the table knows of earlier runs', async () => {
  const gates = 'gates: [{ metric: numbers.mae, max: 0.5 }, { metric: numbers.mae, maxRegression: 1 }]';
  await launch(SPEC(gates));
  for (const ordinal of (await plan()).ordinals) await playJob(ordinal, [{ ...WELL, meanwhile: () => putAnswer(3) }]);

  await report();

  const key = keys.report(RUN, 'report.json');
  const { gates: verdict } = await readJsonObject(cloud.stores.objects, key, reportSchema);
  expect(verdict).toMatchObject({ state: 'succeeded', outcome: 'failed' });
  expect(verdict?.judgements.map(({ outcome }) => outcome.reason)).toEqual([
    'above 0.5',
    expect.stringContaining('no earlier run of ridge-check'),
  ]);
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

describe('what was finished', () => {
  it('is not run again by a resume', async () => {
    await launch(SPEC('', '[1, 2]'));
    await plan();
    await playJob(0, [WELL]);
    await playJob(1, [{ payload: 'cannot-pull' }]);
    await report();
    expect(await run()).toMatchObject({ state: 'incomplete' });
    executions.live.clear();
    started.length = 0;

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
    deployDigest('f'.repeat(64));
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

describe('a trace', () => {
  const traced = (load: string): string => SPEC().replace('load: { mode: closed, warmup: 0 }', `load: { mode: trace, warmup: 0, ${load} }`);

  it('lies with the run where the driver reads it, and its digest in the job', async () => {
    expect(await launch(traced('timesMs: [12.5, 40]'))).toMatchObject({ kind: 'started' });
    await plan();
    const [job] = await jobs();
    const frozen = JSON.parse(Buffer.from((await cloud.stores.objects.get(keys.job(RUN, job!.jobId)))!).toString());
    const stored = Buffer.from((await cloud.stores.objects.get(frozen.load.traceKey))!).toString();

    expect(JSON.parse(stored)).toEqual({ timesMs: [12.5] });
    expect(frozen.load).toMatchObject({ mode: 'trace', arrivals: 1, traceKey: `runs/${RUN}/trace.json`, traceSha256: sha256Hex(stored) });
  });

  it('in a file that did not come along is refused at launch, with what to do', async () => {
    expect(await launch(traced('file: monday.txt'))).toMatchObject({
      kind: 'rejected',
      problems: [{ code: 'trace-file-not-read', path: 'load.file', remedy: expect.stringContaining('bakeoff submit') }],
    });
  });
});
