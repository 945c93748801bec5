/** Jobs as the API tells them: live progress only where it is true, and the same numbers however many jobs a run has. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobPageSchema, type JobSummary } from '../../lib/api/schemas/job.ts';
import { runSchema } from '../../lib/api/schemas/run.ts';
import { keys } from '../../lib/core/object-key.ts';
import { ordinalLines } from '../../lib/workflow/job-ordinals.ts';
import { type ApiFixture, apiFixture, storeRun } from '../fixtures/api-fixture.ts';
import { unprepared } from '../fixtures/cloud.ts';
import { beat, jobRecord, runRecord, stageRecord } from '../fixtures/run-records.ts';

let api: ApiFixture;
beforeEach(async () => {
  api = await apiFixture();
});
afterEach(() => api.close());

const jobsOf = async (runId: string): Promise<JobSummary[]> => {
  return jobPageSchema.parse(await (await api.request(`/v1/runs/${runId}/jobs?limit=100`)).json()).items;
};

describe('live progress', () => {
  const store = async (job: Parameters<typeof jobRecord>[0], sign: Parameters<typeof beat>[0] = {}): Promise<JobSummary | undefined> => {
    await api.stores.runs.createRun(runRecord());
    await api.stores.runs.createJob(jobRecord(job));
    await api.stores.runs.putBeat(beat(sign));
    return (await jobsOf('demo-1'))[0];
  };

  it('is that of the current attempt', async () => {
    expect((await store({}))?.progress).toMatchObject({ stage: 'infer', attempt: 1, done: 20, planned: 100, ratePerSecond: 4 });
  });

  it('is none for a job at its end, whatever its last beat said', async () => {
    expect((await store({ state: 'cancelled' }))?.progress).toBeNull();
  });

  it('is none for an attempt that a newer one has replaced', async () => {
    expect((await store({ stages: [stageRecord({ attempt: 2 })] }))?.progress).toBeNull();
  });

  it('is none for a stage that has ended', async () => {
    expect((await store({ stages: [stageRecord({ status: 'finished' })] }))?.progress).toBeNull();
  });
});

describe('a run of many jobs', () => {
  const grow = async (count: number, running: readonly number[] = []): Promise<void> => {
    await storeRun(api, { runId: 'done-1' });
    const { runs, objects } = api.stores;
    const [known] = await runs.listJobs('done-1');
    for (let ordinal = 2; ordinal < count && known !== undefined; ordinal++) {
      const state = running.includes(ordinal) ? 'running' : 'pending';
      await runs.createJob({ ...known, jobId: `more-${ordinal}`, ordinal, version: 1, state, stages: [stageRecord()] });
    }
    await objects.put(keys.ordinals('done-1'), ordinalLines((await runs.listJobs('done-1')).map(({ jobId }) => jobId)));
  };

  it('has the same numbers as one of few', async () => {
    await storeRun(api, { runId: 'few-1' });
    const few = await jobsOf('few-1');
    await grow(120);

    const many = await jobsOf('done-1');

    expect(few[0]?.metrics.length).toBeGreaterThan(3);
    expect(many.slice(0, 2).map(({ metrics }) => metrics)).toEqual(few.map(({ metrics }) => metrics));
    expect(many).toHaveLength(100);
    expect(many[2]).toMatchObject({ state: 'pending', metrics: [], samples: null, model: null });
  });

  it('is listed page by page without reading more than the page', async () => {
    await grow(120);
    const reads: string[] = [];
    const { getJob } = api.stores.runs;
    Object.assign(api.ports, {
      runs: {
        ...api.stores.runs,
        getJob: (runId: string, jobId: string) => {
          reads.push(jobId);
          return getJob(runId, jobId);
        },
        ...{ listJobs: unprepared('a listing of all jobs'), listBeats: unprepared('beats'), listMetrics: unprepared('all numbers') },
      },
    });

    const page = jobPageSchema.parse(await (await api.request('/v1/runs/done-1/jobs?limit=7')).json());

    expect(page.items.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(reads).toHaveLength(7);
    const next = jobPageSchema.parse(await (await api.request(`/v1/runs/done-1/jobs?limit=7&cursor=${page.cursor}`)).json());
    expect(next.items.map(({ ordinal }) => ordinal)).toEqual([7, 8, 9, 10, 11, 12, 13]);
  });

  it('shows in its own answer those that run, before those that wait or are done', async () => {
    await grow(150, [120, 149]);
    const run = runSchema.parse(await (await api.request('/v1/runs/done-1')).json());

    expect(run.jobCounts).toEqual({ succeeded: 2, pending: 146, running: 2 });
    expect(run.jobs).toHaveLength(100);
    expect(run.jobs.filter(({ state }) => state === 'running').map(({ ordinal }) => ordinal)).toEqual([120, 149]);
    expect(run.jobs.map(({ ordinal }) => ordinal)).toEqual(run.jobs.map(({ ordinal }) => ordinal).toSorted((a, b) => a - b));
  });

  it('is listed too where an earlier version has planned it, without its ordinals', async () => {
    await grow(120);
    await api.stores.objects.remove(keys.ordinals('done-1'));
    expect(await jobsOf('done-1')).toHaveLength(100);
  });
});
