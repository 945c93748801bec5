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

  it('takes the length of a schedule instead of what sending took, from a run under any load', () => {
    const load = { mode: 'constant', ratePerSecond: 1, maxInFlight: 8, stopOnSaturation: true, warmup: 0, arrivals: 100 } as const;
    const open = { ...planned, job: { ...planned.job, load }, lastDueMs: 99_000 };

    expect(forecastJob(open, [earlier()])).toEqual({ ms: 300 + 99_000 + 200 + 100 * 2, fromRunId: 'run-1' });
    expect(forecastJob({ ...open, lastDueMs: null }, [earlier()]).ms).toBeNull();
  });

  it('is bounded by the duration of a closed load, and scales from a run that ended by it', () => {
    const load = { mode: 'closed', concurrency: 1, warmup: 2, durationMs: 1_500 } as const;
    const before = earlier({ job: { load } });
    const ended = before.record.stages.map((stage) => (stage.outcome === null ? stage : { ...stage, outcome: byDuration(stage.outcome) }));
    const closed = { ...planned, job: { ...planned.job, load } };

    expect(forecastJob(closed, [{ ...before, record: { ...before.record, stages: ended } }]).ms).toBe(300 + 1_500 + 200 + 100 * 4);
  });

  it('takes two traces for one load when their times are the same, wherever they lie', () => {
    const trace = (run: string, traceSha256: string) => ({
      ...({ mode: 'trace', maxInFlight: 8, stopOnSaturation: true, warmup: 0, arrivals: 100, traceKey: `runs/${run}/trace.json` } as const),
      traceSha256,
    });
    const open = { ...planned, job: { ...planned.job, load: trace('run-9', 'aa') } };

    expect(forecastJob(open, [earlier({ job: { load: trace('run-1', 'aa') } })]).fromRunId).toBe('run-1');
    expect(forecastJob(open, [earlier({ job: { load: trace('run-1', 'bb') } })]).fromRunId).toBeNull();
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

function byDuration(outcome: NonNullable<JobRecord['stages'][number]['outcome']>) {
  return { ...outcome, stopped: 'duration' as const };
}

function stoppedEarly(stage: JobRecord['stages'][number]): JobRecord['stages'][number] {
  return { ...stage, outcome: stage.outcome === null ? null : { ...stage.outcome, stopped: 'error-rate' } };
}
