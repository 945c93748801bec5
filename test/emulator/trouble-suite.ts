/** Runs that something happens to: a killed driver, a cancel in flight, a resume, an execution that is stopped from outside, an upgrade. */
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { SOFTWARE_VERSION } from '../../lib/cli/software-version.ts';
import { keys } from '../../lib/core/object-key.ts';
import { containersOfRun, findRun, listKeys, runInState, storedRows, uploadSpec } from './deployed-runs.ts';
import { runCommand } from './run-command.ts';
import { withMissingImage } from './missing-image.ts';
import { quickSpec, slowSpec } from './specs.ts';
import { waitFor } from './wait-for.ts';
import type { World } from './world.ts';

const LIMIT = 24;

export function troubleSuite(world: () => World): void {
  describe('a run in trouble', () => {
    it('goes on after its driver was killed, and records every sample once', async () => {
      const { runId } = await uploadSpec(world(), 'killed.json', slowSpec('killed', LIMIT));
      const { jobId, driver } = await inTheMiddle(world(), runId);
      await runCommand('docker', ['kill', '-s', 'KILL', driver]);
      const run = await runInState(world(), runId, ['succeeded']);
      const ids = (await storedRows(world(), runId, jobId)).map(({ sampleId }) => sampleId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toHaveLength(LIMIT);
      const detail = await world().api.call(`/v1/runs/${runId}/jobs/${jobId}`);
      expect(detail.json).toMatchObject({ stages: [{ name: 'infer', status: 'finished', attempts: 2 }, { name: 'score' }] });
      expect(run.jobCounts).toEqual({ succeeded: 1 });
      expect(await containersOfRun(world(), runId)).toEqual([]);
    });

    it('goes on after its model was killed: the cause is on record, and what it worked on is tried once more', async () => {
      const { runId } = await uploadSpec(world(), 'model-killed.json', slowSpec('model-killed', LIMIT));
      const { jobId, model } = await inTheMiddle(world(), runId);
      await runCommand('docker', ['kill', '-s', 'KILL', model]);
      await runInState(world(), runId, ['succeeded']);
      const rows = await storedRows(world(), runId, jobId);
      expect(new Set(rows.map(({ sampleId }) => sampleId)).size).toBe(rows.length);
      expect(rows).toHaveLength(LIMIT);
      const detail = await world().api.call(`/v1/runs/${runId}/jobs/${jobId}`);
      expect(detail.json).toMatchObject({ stages: [{ name: 'infer', status: 'finished', attempts: 2 }, {}] });
    });

    it('ends with the cause when its image cannot be pulled, and leaves no task', async () => {
      const run = await withMissingImage(world(), 'mean-baseline', async () => {
        const { runId } = await uploadSpec(world(), 'no-image.json', quickSpec('no-image'));
        return runInState(world(), runId, ['failed', 'incomplete']);
      });
      expect(run.jobs.map(({ state }) => state)).toEqual(['failed']);
      expect(run.jobs[0]!.failure?.message).toMatch(/pull|image/i);
      // The emulator calls a task stopped before it has stopped the driver that waited beside the missing model.
      await waitFor('no container of the run', async () => (await containersOfRun(world(), run.runId)).length === 0, { limitMs: 60_000 });
    });

    it('is cancelled in flight: its containers stop, and it has its report; resumed, it does the rest once', async () => {
      const { runId } = await uploadSpec(world(), 'cancelled.json', slowSpec('cancelled', LIMIT));
      const { jobId } = await inTheMiddle(world(), runId);
      const answer = await world().api.call(`/v1/runs/${runId}`, { method: 'DELETE' });
      expect(answer.status).toBe(202);
      await waitFor('no container of the run', async () => (await containersOfRun(world(), runId)).length === 0, { limitMs: 60_000 });
      const cancelled = await runInState(world(), runId, ['cancelled']);
      expect(cancelled.links.report).not.toBeNull();
      const done = (await storedRows(world(), runId, jobId)).length;
      expect(done).toBeGreaterThan(0);
      expect(done).toBeLessThan(LIMIT);
      expect(await containersOfRun(world(), runId)).toEqual([]);

      const resumed = await world().api.call(`/v1/runs/${runId}/starts`, { method: 'POST' });
      expect(resumed.status).toBe(202);
      const run = await waitFor('the resumed run to end', async () => {
        const now = await findRun(world(), runId);
        return now?.start === 2 && now.state === 'succeeded' && now;
      });
      const ids = (await storedRows(world(), runId, jobId)).map(({ sampleId }) => sampleId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toHaveLength(LIMIT);
      expect(run.jobCounts).toEqual({ succeeded: 1 });
    });

    it('is settled when its execution is stopped from outside, and no task survives', async () => {
      const { runId } = await uploadSpec(world(), 'stopped.json', slowSpec('stopped', LIMIT));
      await inTheMiddle(world(), runId);
      const executionArn = `${world().outputs.StateMachineArn.replace(':stateMachine:', ':execution:')}:${runId}-1`;
      await world().aws.states.send(new StopExecutionCommand({ executionArn }));
      const run = await waitFor('the run to be settled', async () => {
        const now = await findRun(world(), runId);
        return now !== null && now.state !== 'running' && now.state !== 'accepted' && now;
      });
      expect(['failed', 'cancelled']).toContain(run.state);
      expect(run.failure).not.toBeNull();
      await waitFor('no container of the run', async () => (await containersOfRun(world(), runId)).length === 0, { limitMs: 60_000 });
    });

    it('goes on while another version is deployed over it, and records every sample once', async () => {
      const { runId } = await uploadSpec(world(), 'upgraded.json', slowSpec('upgraded', 64, 2));
      const { jobId } = await inTheMiddle(world(), runId);
      const upgraded = await world().upgrade(`${SOFTWARE_VERSION}-next`);
      expect((await findRun(world(), runId))?.state).toBe('running');
      expect(upgraded.BakeoffVersion).toBe(`${SOFTWARE_VERSION}-next`);
      const run = await runInState(world(), runId, ['succeeded']);
      const ids = (await storedRows(world(), runId, jobId)).map(({ sampleId }) => sampleId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toHaveLength(128);
      const detail = await world().api.call(`/v1/runs/${runId}/jobs/${jobId}`);
      expect(detail.json).toMatchObject({ stages: [{ name: 'infer', status: 'finished', attempts: 1 }, { name: 'score' }] });
      expect(run.jobCounts).toEqual({ succeeded: 1 });
      await world().upgrade(SOFTWARE_VERSION);
    });
  });
}

/** Waits until the only job of a run has made some answers durable while its containers run. */
async function inTheMiddle(world: World, runId: string): Promise<{ jobId: string; driver: string; model: string }> {
  return waitFor(`the middle of ${runId}`, async () => {
    const [jobId] = (await listKeys(world, `runs/${runId}/jobs/`)).map((key) => key.split('/')[3]);
    if (jobId === undefined || (await listKeys(world, keys.sampleParts(runId, jobId))).length === 0) return null;
    if ((await storedRows(world, runId, jobId)).length === 0) return null;
    const containers = await containersOfRun(world, runId);
    const [driver, model] = ['driver', 'model'].map((name) => containers.find((container) => container.name === name)?.id);
    return driver === undefined || model === undefined ? null : { jobId, driver, model };
  });
}
