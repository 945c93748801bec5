/** What a driver writes into its job's record stays small, whatever happened to its attempt. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attemptRecord } from '../../lib/driver/attempt-record.ts';
import { type Cloud, openCloud } from '../fixtures/cloud.ts';
import { jobRecord, runRecord, stageRecord } from '../fixtures/run-records.ts';

let cloud: Cloud;
beforeEach(async () => {
  cloud = await openCloud();
});
afterEach(() => cloud.close());

describe("an attempt's record", () => {
  it('takes the end of a server that died with 4,096 samples in flight, far below the 400 KB of a table', async () => {
    const { runs } = cloud.stores;
    const stage = stageRecord({ name: 'infer', status: 'running', attempt: 1, claim: null });
    const job = jobRecord({ stages: [stage] });
    await runs.createRun(runRecord({ runId: job.runId }));
    await runs.createJob(job);
    const record = attemptRecord(runs, { runId: job.runId, jobId: job.jobId, stage: 'infer', attempt: 1, taskId: 'arn:task/1' });
    expect(await record.claim()).toMatchObject({ claim: 'arn:task/1' });

    const failure = { class: 'model_error', code: 'server-died', message: 'x'.repeat(4000) } as const;
    const suspects = Array.from({ length: 4096 }, (_, n) => ({ sampleId: `item-${n}.0`, deaths: 1, failure }));
    expect(await record.amend((current) => ({ ...current, suspects }))).toBe(true);

    const stored = await runs.getJob(job.runId, job.jobId);
    expect(Buffer.byteLength(JSON.stringify(stored))).toBeLessThan(380_000);
    expect(stored?.stages[0]?.suspects.length).toBeGreaterThan(0);
  });
});
