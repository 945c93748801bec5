/**
 * A run on AWS's ports that is evaluated again: nothing is sent to a model, what was there stays, the later pass counts, and kills, cancels and
 * budgets make of it what they make of a run.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../lib/core/canonical-json.ts';
import type { StageRecord } from '../../lib/core/job.ts';
import { keys } from '../../lib/core/object-key.ts';
import type { EvaluationRow } from '../../lib/core/sample.ts';
import { type Report, reportSchema } from '../../lib/report/report-model.ts';
import { cancelRun } from '../../lib/workflow/cancel-run.ts';
import { readPlacements } from '../../lib/workflow/place-run.ts';
import { readJsonObject } from '../../lib/workflow/read-json-object.ts';
import { resumeRun } from '../../lib/workflow/resume-run.ts';
import { type StartedEvaluation, startEvaluation } from '../../lib/workflow/start-evaluation.ts';
import { testRegistry } from '../fixtures/registry-fixture.ts';
import {
  type End,
  FINISHED,
  FLEET,
  RUN,
  SPEC,
  WELL,
  budget,
  clock,
  cloud,
  deployPackages,
  executions,
  jobs,
  launch,
  plan,
  playJob,
  playRun,
  putAnswer,
  report,
  run,
  started,
  stopper,
} from '../fixtures/run-on-aws.ts';

const FRAMES = testRegistry.evaluators.get('frames')!;
const NEWER = 'c'.repeat(64);
const newerRegistry = { ...testRegistry, evaluators: new Map([...testRegistry.evaluators, ['frames', { ...FRAMES, digest: NEWER }]]) };

beforeEach(() => deployPackages({ frames: FRAMES.digest }));

const ask = (scorers: readonly string[], more: { again?: boolean; registry?: typeof testRegistry; fleet?: typeof FLEET } = {}) => {
  const { again = false, registry = testRegistry, fleet = FLEET } = more;
  return startEvaluation(RUN, { scorers, again }, { ...cloud.stores, executions, clock, registry, fleet, softwareVersion: '2.0.0' });
};
const ended = (start: number): void => void executions.live.delete(`${RUN}-${start}`);
const reported = (): Promise<Report> => readJsonObject(cloud.stores.objects, keys.report(RUN, 'report.json'), reportSchema);
const scoreOf = async (name: string): Promise<number | null | undefined> =>
  (await reported()).jobs[0]?.scores?.metrics.find((metric) => metric.name === name)?.value;

/** What an evaluator's driver wrote: one row for the one sample. */
async function putScore(owner: string, value: number): Promise<void> {
  const [record] = await jobs();
  const values = { 'shapes.alignment': value, 'shapes.area-stability': value, 'shapes.drift': value };
  const head = { schema: 1, sampleId: 'one.0', ordinal: 0, evaluator: 'frames', attempt: 1 } as const;
  const row: EvaluationRow = { ...head, state: 'evaluated', values, errors: {} };
  await cloud.stores.objects.put(keys.scorePart(RUN, record!.jobId, owner, 1, 0), `${JSON.stringify(row)}\n`);
}

/** A run of one answer, at its end. */
async function evaluatedOnce(ends: readonly End[] = [WELL], spec = SPEC()): Promise<void> {
  await playRun([{ ...ends[0]!, meanwhile: () => putAnswer(2) }, ...ends.slice(1)], spec);
  ended(1);
  started.length = 0;
}

/** Drives the start of an evaluation to its report. */
async function play({ start }: Pick<StartedEvaluation, 'start'>, ends: readonly End[]): Promise<void> {
  for (const ordinal of (await plan(start)).ordinals) await playJob(ordinal, ends, start);
  await report(start);
  ended(start);
}

const scoring = (owner: string, value: number): End => ({ ...WELL, meanwhile: () => putScore(owner, value) });

describe('a run that is evaluated again', () => {
  it('starts the evaluator alone, and reports what it says beside what was there', async () => {
    await evaluatedOnce();
    const [first] = await jobs();
    const frozen = [keys.plan(RUN), keys.spec(RUN), keys.job(RUN, first!.jobId), keys.scoring(RUN)];
    const digests = async () => Promise.all(frozen.map(async (key) => sha256Hex((await cloud.stores.objects.get(key))!)));
    const before = { digests: await digests(), ranking: (await reported()).ranking.metric, mae: await scoreOf('numbers.mae') };

    const asked = await ask(['shapes']);
    await play(asked, [scoring('frames', 0.5)]);

    expect(asked).toEqual({ start: 2, evaluation: 1 });
    expect(executions.started).toEqual([`${RUN}-1`, `${RUN}-2`]);
    expect(started).toEqual(['evaluate:frames 1']);
    expect(await run()).toMatchObject({ state: 'succeeded', start: 2 });
    expect({ digests: await digests(), ranking: (await reported()).ranking.metric, mae: await scoreOf('numbers.mae') }).toEqual(before);
    expect(await scoreOf('shapes.alignment')).toBe(0.5);
    expect((await reported()).evaluations).toMatchObject([
      { n: 1, scorers: ['shapes'], softwareVersion: '2.0.0', replaces: [], replacedBy: [], evaluators: [{ id: 'frames' }] },
    ]);
    const [job] = await jobs();
    expect(job?.stages.map(({ name, status, attempt }) => `${name} ${status} ${attempt}`)).toEqual([
      'infer finished 1',
      'evaluate:frames finished 1',
      'score finished 0',
    ]);
    expect((await readPlacements(cloud.stores.objects, RUN)).packages).toMatchObject({
      frames: { packageId: 'frames', taskDefinitionArn: expect.stringContaining('frames'), class: { name: 'cpu' } },
    });
  });

  it('is asked for what is built in as well: nothing runs, and it is scored', async () => {
    await evaluatedOnce([WELL], SPEC().replace('[numbers]', '[latency]'));
    expect((await reported()).ranking.metric).toBe('none');

    await play(await ask(['numbers']), []);

    expect(started).toEqual([]);
    expect(await scoreOf('numbers.mae')).toBe(0);
    expect((await reported()).ranking.metric).toMatch(/^numbers\./);
  });

  it('is refused what it has: by the same evaluator, and what is built in', async () => {
    await evaluatedOnce();
    await play(await ask(['shapes']), [scoring('frames', 0.5)]);

    await expect(ask(['shapes'])).rejects.toMatchObject({ code: 'already-scored', message: expect.stringContaining('frames 1.0.0') });
    await expect(ask(['shapes', 'numbers'])).rejects.toMatchObject({ code: 'already-scored', remedy: expect.stringContaining('rescore') });
    await expect(ask(['numbers'], { again: true })).rejects.toMatchObject({ code: 'already-scored' });
    expect((await run()).start).toBe(2);
  });

  it.each([
    ['a name that nobody offers', ['shappes'], 'did you mean shapes?'],
    ['a name that two packages offer', ['twice'], 'frames, other'],
    ['a scorer of another task', ['text'], 'tabular-regression'],
    ['the same name twice', ['video', 'video'], 'twice'],
  ])('is refused %s, and stays as it is', async (_, scorers, told) => {
    await evaluatedOnce();
    const before = await run();

    await expect(ask(scorers)).rejects.toMatchObject({ code: 'evaluation-invalid', message: expect.stringContaining(told) });
    expect(await run()).toEqual(before);
    expect(await cloud.stores.objects.list(keys.evaluations(RUN))).toEqual([]);
  });

  it('is refused an evaluator that fits no class, before anything is on record', async () => {
    await evaluatedOnce();
    const { requirements } = FRAMES.manifest;
    const large = { ...FRAMES, manifest: { ...FRAMES.manifest, requirements: { ...requirements, memoryMiB: 900_000 } } };
    const registry = { ...testRegistry, evaluators: new Map([...testRegistry.evaluators, ['frames', large]]) };

    await expect(ask(['shapes'], { registry })).rejects.toMatchObject({ code: 'no-class-fits' });
    expect(await run()).toMatchObject({ state: 'succeeded', start: 1 });
  });

  it('is not begun while the run goes on, nor before it has come to its end', async () => {
    await launch(SPEC());
    await plan();
    await expect(ask(['shapes'])).rejects.toMatchObject({ code: 'run-live' });
    ended(1);
    await expect(ask(['shapes'])).rejects.toMatchObject({ code: 'run-unfinished' });
  });
});

describe('another version of an evaluator', () => {
  it('has stages, rows and a place of its own, and counts', async () => {
    await evaluatedOnce();
    await play(await ask(['shapes', 'video']), [scoring('frames', 0.5)]);
    deployPackages({ frames: NEWER });

    await play(await ask(['shapes'], { registry: newerRegistry }), [scoring('frames:2', 0.75)]);

    expect(started).toEqual(['evaluate:frames 1', 'evaluate:frames:2 1']);
    expect(await scoreOf('shapes.alignment')).toBe(0.75);
    const { jobs: reportedJobs, evaluations } = await reported();
    expect(reportedJobs[0]?.evaluators).toMatchObject([
      { digest: FRAMES.digest, scorers: ['video'] },
      { digest: NEWER, scorers: ['shapes'], pass: 2 },
    ]);
    expect(evaluations).toMatchObject([
      { n: 1, replacedBy: ['shapes'] },
      { n: 2, replaces: ['shapes'] },
    ]);
    expect((await readPlacements(cloud.stores.objects, RUN)).packages['frames:2']).toMatchObject({ packageId: 'frames', digest: NEWER });
    expect(await cloud.stores.objects.get(keys.scorePart(RUN, (await jobs())[0]!.jobId, 'frames', 1, 0))).not.toBeNull();
  });

  it('takes the place of one that failed: the run is whole', async () => {
    await evaluatedOnce();
    const refused = { status: 'running' as const, attemptEnd: attemptEnd('refused', 'invalid_input') };
    await play(await ask(['shapes']), [{ payload: 'succeeded', wrote: refused }]);
    expect((await run()).state).toBe('incomplete');
    deployPackages({ frames: NEWER });

    await play(await ask(['shapes'], { registry: newerRegistry }), [scoring('frames:2', 0.75)]);

    expect((await run()).state).toBe('succeeded');
    expect((await jobs())[0]?.stages.map(({ name }) => name)).toEqual(['infer', 'evaluate:frames:2', 'score']);
  });

  it('is the same one where that is asked for', async () => {
    await evaluatedOnce();
    await play(await ask(['shapes']), [scoring('frames', 0.5)]);

    const asked = await ask(['shapes'], { again: true });
    await play(asked, [scoring('frames:2', 1)]);

    expect(asked.evaluation).toBe(2);
    expect(await scoreOf('shapes.alignment')).toBe(1);
  });
});

const attemptEnd = (kind: 'refused' | 'server-died', failureClass: 'invalid_input' | 'infra'): StageRecord['attemptEnd'] => ({
  kind,
  newRows: 0,
  failure: { class: failureClass, code: kind, message: kind },
});

describe('jobs that are not whole', () => {
  it('are evaluated on what they answered, and stay what they were; what never began is left alone', async () => {
    await launch(SPEC('', '[1, 2]'));
    await plan();
    const diedAgain: End = {
      payload: 'succeeded',
      wrote: { attemptEnd: attemptEnd('refused', 'invalid_input') },
      meanwhile: () => putAnswer(2),
    };
    await playJob(0, [diedAgain]);
    // The second job's workflow never came to begin it.
    await report();
    ended(1);
    started.length = 0;

    await play(await ask(['shapes']), [scoring('frames', 0.25)]);

    expect(started).toEqual(['evaluate:frames 1']);
    const [first, second] = await jobs();
    expect(first).toMatchObject({
      state: 'failed',
      failure: { code: 'refused' },
      stages: [{ name: 'infer', status: 'failed', attempt: 1 }, {}, {}],
    });
    expect(second).toMatchObject({ state: 'failed', failure: { code: 'not-inferred' }, stages: [{ attempt: 0 }, { attempt: 0 }, {}] });
    expect((await run()).state).toBe('incomplete');
    expect(await scoreOf('shapes.alignment')).toBe(0.25);
  });

  it('are sent to their model by a resume, when the evaluation is over', async () => {
    await evaluatedOnce([{ payload: 'succeeded', wrote: { attemptEnd: attemptEnd('refused', 'invalid_input') } }]);
    await play(await ask(['shapes']), [scoring('frames', 0.25)]);
    started.length = 0;

    const { start } = await resumeRun(RUN, { ...cloud.stores, executions, clock });
    await play({ start }, [WELL]);

    expect(started).toEqual(['infer 2']);
    expect((await run()).state).toBe('succeeded');
  });
});

describe('an evaluation that does not come to its end', () => {
  it('goes on as an evaluation when the run is resumed, and when it is asked for again', async () => {
    await evaluatedOnce([{ payload: 'succeeded', wrote: { attemptEnd: attemptEnd('refused', 'invalid_input') } }]);
    const first = await ask(['shapes']);
    await plan(first.start);
    ended(first.start);

    const resumed = await resumeRun(RUN, { ...cloud.stores, executions, clock });
    ended(resumed.start);
    const again = await ask(['shapes']);
    await play(again, [scoring('frames', 0.5)]);

    expect([first.evaluation, resumed.start, again]).toEqual([1, 3, { start: 4, evaluation: null }]);
    expect(started).toEqual(['evaluate:frames 1']);
    expect(await scoreOf('shapes.alignment')).toBe(0.5);
  });

  it('is cancelled like a run, keeps what was scored, and goes on when asked for again', async () => {
    await evaluatedOnce();
    const stopped = { planned: 1, succeeded: 0, failed: 0, stopped: 'cancelled' as const };
    const cancel = () => cancelRun(RUN, { ...cloud.stores, stopper, clock });
    await play(await ask(['shapes']), [{ payload: 'succeeded', wrote: { status: 'finished', outcome: stopped }, meanwhile: cancel }]);
    expect((await run()).state).toBe('cancelled');
    expect(await scoreOf('numbers.mae')).toBe(0);

    const again = await ask(['shapes']);
    await play(again, [scoring('frames', 0.5)]);

    expect(again.evaluation).toBeNull();
    expect(started).toEqual(['evaluate:frames 1', 'evaluate:frames 2']);
    expect(await run()).toMatchObject({ state: 'succeeded', cancelRequested: false });
  });

  it('is begun by the next who asks, where the one before died between its record and its start', async () => {
    await evaluatedOnce();
    const dying = { ...executions, start: () => Promise.reject(new Error('killed')) };
    const ports = { ...cloud.stores, executions: dying, clock, registry: testRegistry, fleet: FLEET, softwareVersion: '2.0.0' };
    await expect(startEvaluation(RUN, { scorers: ['shapes', 'video'], again: false }, ports)).rejects.toThrow('killed');

    const asked = await ask(['shapes', 'video']);
    await play(asked, [scoring('frames', 0.5)]);

    expect(asked).toEqual({ start: 3, evaluation: null });
    expect(await scoreOf('shapes.alignment')).toBe(0.5);
  });
});

describe('the budget of a run', () => {
  const BUDGETED = (usd: number) => SPEC(`limits: { ready: 1m, sample: 1m, job: 1h }\nbudget: { maxUsd: ${usd}, onExceed: stop }`);

  it('gives an evaluation a share, and takes back what it did not cost', async () => {
    await evaluatedOnce([WELL], BUDGETED(5));
    const [job] = await jobs();
    const before = budget.reserved.get(job!.jobId)!;

    const seen: (number | undefined)[] = [];
    const share = 'evaluation-2-0';
    await play(await ask(['shapes']), [{ ...WELL, meanwhile: async () => void seen.push(budget.reserved.get(share)) }]);

    // One hour and one minute of m7i.xlarge, 0.2016 dollars an hour.
    expect(seen).toEqual([expect.closeTo(0.2016 * (61 / 60), 4)]);
    expect(budget.reserved.get(share)).toBe(0);
    expect(budget.reserved.get(job!.jobId)).toBeCloseTo(2 * before, 6);
  });

  it('stops one that it does not cover: nothing runs, and the scores stay', async () => {
    await evaluatedOnce([WELL], BUDGETED(0.21));

    await play(await ask(['shapes']), [WELL]);

    expect(started).toEqual([]);
    expect((await run()).state).toBe('stopped-budget');
    expect(await scoreOf('numbers.mae')).toBe(0);
    expect((await jobs())[0]).toMatchObject({ state: 'stopped', failure: { code: 'budget-exceeded' }, stages: [FINISHED, {}, {}] });
  });
});
