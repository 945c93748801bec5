/** Jobs as the API tells them: live progress only where it is true, and the same numbers however many jobs a run has. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobPageSchema, type JobSummary } from '../../lib/api/schemas/job.ts';
import { type ApiFixture, apiFixture, storeRun } from '../fixtures/api-fixture.ts';
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

describe('numbers of jobs', () => {
  it('are the same whether the run has few jobs or many', async () => {
    await storeRun(api, { runId: 'done-1' });
    const few = await jobsOf('done-1');
    const [known] = await api.stores.runs.listJobs('done-1');
    for (let ordinal = 2; ordinal < 120 && known !== undefined; ordinal++) {
      await api.stores.runs.createJob({ ...known, jobId: `more-${ordinal}`, ordinal, version: 1, state: 'pending', stages: [] });
    }

    const many = await jobsOf('done-1');

    expect(few[0]?.metrics.length).toBeGreaterThan(3);
    expect(many.slice(0, 2)).toEqual(few);
    expect(many).toHaveLength(100);
    expect(many[2]).toMatchObject({ state: 'pending', metrics: [], samples: null, model: null });
  });
});
