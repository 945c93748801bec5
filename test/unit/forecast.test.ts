/** How long a job will take, from what it took before. */
import { describe, expect, it } from 'vitest';
import { newJobRecord } from '../../lib/core/advance.ts';
import { type EarlierJob, forecastJob } from '../../lib/core/forecast.ts';
import type { JobRecord, StageName } from '../../lib/core/job.ts';
import { reportFixture } from '../fixtures/report-fixture.ts';

const [job] = reportFixture('video').jobs;
if (job === undefined) throw new Error('the fixture has no job');
const stages: StageName[] = ['infer', 'evaluate:eval-video', 'score'];
const planned = { job: { ...job, itemCount: 100, repeats: 2 }, stages, suiteDigest: 'suite' };
const outcome = (done: number) => ({ planned: done, succeeded: done, failed: 0, stopped: null });

function earlier(changes: Partial<Omit<EarlierJob, 'record'>> & { readonly record?: Partial<JobRecord> } = {}): EarlierJob {
  const blank = newJobRecord('run-1', planned.job.jobId, 0, stages, 1);
  const task = (stage: StageName, phasesMs: Record<string, number>) => ({
    ...{ taskId: stage, stage, attempt: 1, startedAtMs: 0, endedAtMs: 1, phasesMs, driverExitCode: 0, error: null },
    server: { exitCode: 0, signal: null, reason: null, peakRssMiB: null, cpuSeconds: null, sampleHz: null, logTail: null },
  });
  const record: JobRecord = {
    ...blank,
    stages: blank.stages.map((stage) => ({ ...stage, status: 'finished', outcome: stage.name === 'score' ? null : outcome(50) })),
    tasks: [task('infer', { install: 9_000, load: 300, infer: 500 }), task('evaluate:eval-video', { load: 200, evaluate: 100 })],
    ...changes.record,
  };
  return { job: { load: job?.load ?? planned.job.load }, suiteDigest: 'suite', ...changes, record };
}

describe('a forecast', () => {
  it('scales what grows with the samples, takes the rest as it was, and counts no install', () => {
    expect(forecastJob(planned, [earlier()])).toEqual({ ms: 300 + 500 * 4 + 200 + 100 * 4, fromRunId: 'run-1' });
  });

  it('takes the newest run that fits', () => {
    const newer = earlier({ record: { runId: 'run-2' } });
    expect(forecastJob(planned, [newer, earlier()]).fromRunId).toBe('run-2');
  });

  it.each([
    ['another job', earlier({ record: { jobId: 'other-00000000' } })],
    ['another suite', earlier({ suiteDigest: 'another' })],
    ['another load', earlier({ job: { load: { mode: 'offline', maxInFlight: 4, warmup: 2 } } })],
    ['a stage that was stopped early', earlier({ record: { stages: earlier().record.stages.map(stoppedEarly) } })],
    ['a stage that never ran', earlier({ record: { stages: earlier().record.stages.slice(0, 1) } })],
  ])('is not made from %s', (_name, other) => {
    expect(forecastJob(planned, [other])).toEqual({ ms: null, fromRunId: null });
  });
});

function stoppedEarly(stage: JobRecord['stages'][number]): JobRecord['stages'][number] {
  return { ...stage, outcome: stage.outcome === null ? null : { ...stage.outcome, stopped: 'error-rate' } };
}
