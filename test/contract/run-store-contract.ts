/** What every RunStore does. Each adapter's test file calls this with a way to make an empty store. */
import { describe, expect, it } from 'vitest';
import type { Beat, JobRecord } from '../../lib/core/job.ts';
import type { RunStore } from '../../lib/core/ports.ts';
import { runRecord as run } from './contract-records.ts';

const job = (runId: string, jobId: string, ordinal: number): JobRecord => ({
  schema: 1,
  runId,
  jobId,
  ordinal,
  version: 1,
  start: 1,
  state: 'pending',
  stages: [],
  tasks: [],
  failure: null,
});

const beat = (jobId: string, done: number): Beat => ({
  runId: 'r1',
  jobId,
  stage: 'infer',
  attempt: 1,
  phase: 'drive',
  planned: 10,
  done,
  failed: 0,
  ratePerSecond: null,
  atMs: 5,
});

export function runStoreContract(name: string, makeStore: () => Promise<RunStore>): void {
  describe(`${name} as a run store`, () => {
    it('creates a run once, however often it is asked', async () => {
      const store = await makeStore();
      expect(await store.createRun(run('r1'))).toBe(true);
      expect(await store.createRun({ ...run('r1'), state: 'failed' })).toBe(false);
      expect(await store.getRun('r1')).toEqual(run('r1'));
      expect(await store.getRun('r2')).toBeNull();
    });

    it('replaces a run only from the version that was read', async () => {
      const store = await makeStore();
      await store.createRun(run('r1'));
      expect(await store.replaceRun({ ...run('r1'), version: 2, state: 'running' })).toBe(true);
      expect(await store.replaceRun({ ...run('r1'), version: 2, state: 'failed' })).toBe(false);
      expect(await store.replaceRun({ ...run('unknown'), version: 2 })).toBe(false);
      expect((await store.getRun('r1'))?.state).toBe('running');
    });

    it('lets exactly one of twenty concurrent writers of a version win', async () => {
      const store = await makeStore();
      await store.createJob(job('r1', 'j1', 0));
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, start) => store.replaceJob({ ...job('r1', 'j1', 0), version: 2, start: start + 1 })),
      );
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect((await store.getJob('r1', 'j1'))?.start).toBe(claims.indexOf(true) + 1);
    });

    it('lists runs newest first and bounded', async () => {
      const store = await makeStore();
      for (const [id, at] of [
        ['old', 1],
        ['new', 3],
        ['middle', 2],
      ] as const)
        await store.createRun(run(id, at));
      expect((await store.listRuns(2)).map((entry) => entry.runId)).toEqual(['new', 'middle']);
    });

    it('lists the jobs of one run by ordinal', async () => {
      const store = await makeStore();
      for (const [id, ordinal] of [
        ['b', 1],
        ['a', 2],
        ['c', 0],
      ] as const)
        await store.createJob(job('r1', id, ordinal));
      await store.createJob(job('r2', 'other', 0));
      expect((await store.listJobs('r1')).map((entry) => entry.jobId)).toEqual(['c', 'b', 'a']);
      expect(await store.createJob(job('r1', 'a', 9))).toBe(false);
    });

    it('replaces the metrics of a job as a whole', async () => {
      const store = await makeStore();
      const metric = (jobId: string, name: string, value: number | null) => ({
        runId: 'r1',
        jobId,
        name,
        unit: 'ms',
        value,
        reason: null,
        n: 1,
      });
      await store.putMetrics('r1', 'j1', [metric('j1', 'b', 1), metric('j1', 'a', null)]);
      await store.putMetrics('r1', 'j2', [metric('j2', 'a', 5)]);
      await store.putMetrics('r1', 'j1', [metric('j1', 'c', 2), metric('j1', 'a', 3)]);
      expect(await store.listMetrics('r1')).toEqual([metric('j1', 'a', 3), metric('j1', 'c', 2), metric('j2', 'a', 5)]);
    });

    it('keeps the last beat of each job', async () => {
      const store = await makeStore();
      await store.putBeat(beat('j1', 1));
      await store.putBeat(beat('j1', 2));
      await store.putBeat(beat('j2', 7));
      expect((await store.listBeats('r1')).map((entry) => entry.done)).toEqual([2, 7]);
      expect(await store.listBeats('r9')).toEqual([]);
    });
  });
}
