/** The steps that settle a run, on real stores: what they may touch, and what they leave to a newer start. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalStores, openLocalStores } from '../../lib/compose/local.ts';
import { newJobRecord } from '../../lib/core/advance.ts';
import type { JobRecord, RunRecord, TaskFacts } from '../../lib/core/job.ts';
import { keys } from '../../lib/core/object-key.ts';
import { advanceStep } from '../../lib/workflow/steps/advance-step.ts';
import { reportStep, settleStragglers } from '../../lib/workflow/steps/report-step.ts';
import { settleStep } from '../../lib/workflow/steps/settle-step.ts';
import { jobOf } from '../fixtures/scoring/stored-run.ts';

const RUN = 'demo-1';
const clock = { nowMs: () => 1_000 };

let dir = '';
let stores: LocalStores;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bakeoff-steps-'));
  stores = openLocalStores(dir);
});
afterEach(async () => {
  stores.close();
  await rm(dir, { recursive: true, force: true });
});

const runRecord = (change: Partial<RunRecord> = {}): RunRecord => ({
  ...{ schema: 1, runId: RUN, name: 'demo', version: 1, start: 1, state: 'running', specSha256: 'a'.repeat(64) },
  ...{ createdAtMs: 1, updatedAtMs: 1, finishedAtMs: null, cancelRequested: false, owner: 'me', failure: null },
  ...change,
});
const jobRecord = (change: Partial<JobRecord> = {}): JobRecord => ({
  ...{ schema: 1, runId: RUN, jobId: 'job-1', ordinal: 0, version: 1, start: 1, state: 'running', stages: [], tasks: [], failure: null },
  ...change,
});
const jobStates = async (): Promise<string[]> => (await stores.runs.listJobs(RUN)).map((job) => job.state);

describe('the report of a start that a newer one has replaced', () => {
  it('leaves the jobs of the newer one alone', async () => {
    await stores.runs.createRun(runRecord({ start: 2 }));
    await stores.runs.createJob(jobRecord({ start: 2 }));

    const end = await reportStep({ run: RUN, start: 1 }, { ...stores, clock, host: null, environment: 'process' });

    expect(end).toEqual({ state: 'running', costUsd: null });
    expect(await jobStates()).toEqual(['running']);
  });
});

describe('a job whose workflow ended before it did', () => {
  it('is failed by infrastructure', async () => {
    await stores.runs.createJob(jobRecord());

    const [settled] = await settleStragglers({ run: RUN, start: 1 }, stores.runs);

    expect(settled).toMatchObject({ state: 'failed', failure: { class: 'infra', code: 'unsettled' } });
    expect(await stores.runs.getJob(RUN, 'job-1')).toEqual(settled);
  });

  it('keeps the end that it comes to at the last moment', async () => {
    await stores.runs.createJob(jobRecord());
    const late = {
      ...stores.runs,
      replaceJob: async (record: JobRecord): Promise<boolean> => {
        if (record.failure?.code === 'unsettled') await stores.runs.replaceJob(jobRecord({ version: 2, state: 'succeeded' }));
        return stores.runs.replaceJob(record);
      },
    };

    const [settled] = await settleStragglers({ run: RUN, start: 1 }, late);

    expect(settled?.state).toBe('succeeded');
    expect(await jobStates()).toEqual(['succeeded']);
  });

  it('is left alone when it belongs to a newer start', async () => {
    await stores.runs.createJob(jobRecord({ start: 2 }));

    expect(await settleStragglers({ run: RUN, start: 1 }, stores.runs)).toEqual([jobRecord({ start: 2 })]);
    expect(await jobStates()).toEqual(['running']);
  });
});

describe('an error outside every job', () => {
  const error = { Error: 'RunFailed', Cause: 'the disk is gone' };

  it('fails the run, in the words of the error, and nobody owns it any more', async () => {
    await stores.runs.createRun(runRecord());

    expect(await settleStep({ run: RUN, start: 1, error }, { runs: stores.runs, clock })).toEqual({ state: 'failed', settled: true });
    const failure = { class: 'infra', code: 'workflow-failed', message: 'RunFailed: the disk is gone' };
    expect(await stores.runs.getRun(RUN)).toMatchObject({ state: 'failed', owner: null, finishedAtMs: 1_000, failure });
  });

  it.each([
    ['a run that has settled', runRecord({ state: 'incomplete' })],
    ['a run with a newer start', runRecord({ start: 2 })],
  ])('changes nothing in %s', async (_, record) => {
    await stores.runs.createRun(record);

    expect(await settleStep({ run: RUN, start: 1, error }, { runs: stores.runs, clock })).toEqual({ state: record.state, settled: false });
    expect(await stores.runs.getRun(RUN)).toEqual(record);
  });
});

describe('the step that advances a job', () => {
  const stages = ['evaluate:eval', 'score'] as const;
  const suite = { id: 's', version: '1', digest: 'a'.repeat(64), title: 'S', task: 'image-to-text', categories: [] };
  const stopped: string[] = [];
  const compute = {
    runTask: () => Promise.reject(new Error('not prepared for this call')),
    stopTask: async (taskId: string): Promise<void> => {
      stopped.push(taskId);
    },
  };
  const step = (result: unknown, start = 1) => advanceStep({ run: RUN, start, ordinal: 0, result }, { ...stores, compute });
  const killedDriver = (attempt: number): { kind: 'task'; facts: TaskFacts } => {
    const server = { exitCode: 0, signal: null, reason: null, peakRssMiB: null, cpuSeconds: null, sampleHz: null, logTail: null };
    const times = { startedAtMs: 0, endedAtMs: 1, phasesMs: {} };
    return {
      kind: 'task',
      facts: { taskId: `t-${attempt}`, stage: 'evaluate:eval', attempt, ...times, driverExitCode: null, server, error: null },
    };
  };
  const stage = async () => (await stores.runs.getJob(RUN, 'job-1'))?.stages[0];

  beforeEach(async () => {
    stopped.splice(0);
    const plan = { schema: 1, runId: RUN, name: 'demo', specSha256: 'a'.repeat(64), suite, itemCount: 1, repeats: 1, softwareVersion: '0' };
    await stores.objects.put(keys.plan(RUN), JSON.stringify({ ...plan, jobs: [{ jobId: 'job-1', stages }] }));
    await stores.objects.put(keys.job(RUN, 'job-1'), JSON.stringify({ ...jobOf('job-1', 1), runId: RUN }));
    await stores.runs.createRun(runRecord());
    await stores.runs.createJob(newJobRecord(RUN, 'job-1', 0, stages, 1));
  });

  it('counts as progress the rows of the attempt itself, not those of an evaluator with a longer name', async () => {
    await step(null);
    await stores.objects.put(keys.scorePart(RUN, 'job-1', 'eval-1', 5, 0), '{}\n');
    await step(killedDriver(1));
    expect(await stage()).toMatchObject({ attempt: 2, fruitless: 1 });

    await stores.objects.put(keys.scorePart(RUN, 'job-1', 'eval', 2, 0), '{}\n');
    await step(killedDriver(2));

    expect(await stage()).toMatchObject({ attempt: 3, fruitless: 0 });
  });

  it('stops the task on record before it starts another', async () => {
    await step(null);
    const record = await stores.runs.getJob(RUN, 'job-1');
    const claimed = (record?.stages ?? []).map((each) => (each.attempt === 1 ? { ...each, claim: 't-1' } : each));
    await stores.runs.replaceJob({ ...jobRecord(), ...record, version: (record?.version ?? 0) + 1, stages: claimed });

    // The workflow lost sight of the task: what it caught is no evidence.
    const answer = await step({ Error: 'States.Timeout' });

    expect(stopped).toEqual(['t-1']);
    expect(answer).toMatchObject({ action: 'run', task: { attempt: 2 } });
  });

  it('decides nothing for a start that a newer one has replaced', async () => {
    await step(null, 2);
    const before = await stores.runs.getJob(RUN, 'job-1');

    expect(await step(null, 1)).toMatchObject({ action: 'done', task: null });
    expect((await stores.runs.getJob(RUN, 'job-1'))?.stages).toEqual(before?.stages);
  });
});
