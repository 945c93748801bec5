/** The steps that settle a run, on real stores: what they may touch, and what they leave to a newer start. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalStores, openLocalStores } from '../../lib/compose/local.ts';
import type { JobRecord, RunRecord } from '../../lib/core/job.ts';
import { reportStep, settleStragglers } from '../../lib/workflow/steps/report-step.ts';
import { settleStep } from '../../lib/workflow/steps/settle-step.ts';

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

    expect(end).toEqual({ state: 'running' });
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

    expect(await settleStep({ run: RUN, start: 1, error }, { runs: stores.runs, clock })).toEqual({ state: 'failed' });
    const failure = { class: 'infra', code: 'workflow-failed', message: 'RunFailed: the disk is gone' };
    expect(await stores.runs.getRun(RUN)).toMatchObject({ state: 'failed', owner: null, finishedAtMs: 1_000, failure });
  });

  it.each([
    ['a run that has settled', runRecord({ state: 'incomplete' })],
    ['a run with a newer start', runRecord({ start: 2 })],
  ])('changes nothing in %s', async (_, record) => {
    await stores.runs.createRun(record);

    expect(await settleStep({ run: RUN, start: 1, error }, { runs: stores.runs, clock })).toEqual({ state: record.state });
    expect(await stores.runs.getRun(RUN)).toEqual(record);
  });
});
