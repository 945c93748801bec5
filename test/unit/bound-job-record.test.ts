/** A job's record stays far below what a table takes, and its figures stay true. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundJobRecord, MAX_KEPT_TASKS } from '../../lib/core/bound-job-record.ts';
import { jobCost } from '../../lib/core/cost.ts';
import type { JobRecord, TaskFacts, TaskPlace } from '../../lib/core/job.ts';
import { jobRecord, stageRecord } from '../fixtures/run-records.ts';

/** DynamoDB takes 400 KB an item, names of attributes included. */
const MAX_BYTES = 380_000;

const where = (fromMs: number, untilMs: number, usdPerHour = 1): TaskPlace => ({
  ...{
    className: 'g6-xlarge',
    instanceType: 'g6.xlarge',
    market: 'spot',
    usdPerHour,
    priceDate: '2026-11-20',
    instanceId: 'i-0123456789abcdef0',
  },
  occupied: { fromMs, untilMs },
});
const task = (n: number, change: Partial<TaskFacts> = {}): TaskFacts => ({
  ...{ taskId: `arn:aws:ecs:us-east-1:111122223333:task/cluster/${String(n).padStart(32, '0')}`, stage: 'infer', attempt: n + 1 },
  ...{ startedAtMs: n * 1000, endedAtMs: n * 1000 + 500, phasesMs: { wait: 100, infer: 400 }, driverExitCode: 1 },
  server: { exitCode: 1, signal: null, reason: null, peakRssMiB: 1, cpuSeconds: 1, sampleHz: 1, logTail: 'x'.repeat(20_000) },
  error: { class: 'infra', code: 'spot-interrupted', message: 'y'.repeat(4000) },
  where: where(n * 1000 + 100, n * 1000 + 500),
  ...change,
});
const sizeOf = (record: JobRecord): number => Buffer.byteLength(JSON.stringify(record));
const folded = (record: JobRecord): number => record.tasks.reduce((sum, each) => sum + (each.folded ?? 1), 0);
const summed = (record: JobRecord, phase: string): number => record.tasks.reduce((sum, each) => sum + (each.phasesMs[phase] ?? 0), 0);

/** As Advance grows it: one task more, bounded each time. */
function grown(tasks: number): JobRecord {
  let record = jobRecord();
  for (let n = 0; n < tasks; n += 1) record = boundJobRecord({ ...record, tasks: [...record.tasks, task(n)] });
  return record;
}

describe('a record that grows', () => {
  it('stays small over a thousand tasks, and keeps their number, time and dollars', () => {
    const record = grown(1000);

    expect(sizeOf(record)).toBeLessThan(MAX_BYTES);
    expect(record.tasks.length).toBeLessThanOrEqual(MAX_KEPT_TASKS);
    expect(folded(record)).toBe(1000);
    expect(summed(record, 'wait')).toBe(100_000);
    expect(jobCost(record).usd).toBeCloseTo((1000 * 0.4) / 3600, 9);
    expect(record.tasks.reduce((sum, each) => sum + each.endedAtMs - each.startedAtMs, 0)).toBe(500_000);
  });

  it('never folds tasks of two stages, or of two prices, into one', () => {
    const tasks = Array.from({ length: 400 }, (_, n) =>
      task(n, { stage: n % 2 === 0 ? 'infer' : 'evaluate:eval', where: where(n, n + 1, n % 3) }),
    );
    const record = boundJobRecord(jobRecord({ tasks }));

    expect(folded(record)).toBe(400);
    const cents = (each: JobRecord) => jobCost(each).usd;
    expect(cents(record)).toBeCloseTo(cents(jobRecord({ tasks }))!, 12);
    for (const stage of ['infer', 'evaluate:eval']) {
      const ofStage = { ...record, tasks: record.tasks.filter((each) => each.stage === stage) };
      expect(folded(ofStage)).toBe(200);
    }
  });

  it('keeps the last log of a stage, and as much of it as fits', () => {
    const record = boundJobRecord(jobRecord({ tasks: [task(0), task(1)] }));
    expect(record.tasks.map(({ server }) => server.logTail?.length ?? null)).toEqual([null, 4000]);
  });

  it('keeps the suspects that died most, in their order', () => {
    const failure = { class: 'model_error', code: 'server-died', message: 'z'.repeat(4000) } as const;
    const suspects = Array.from({ length: 4096 }, (_, n) => ({ sampleId: `item-${n}.0`, deaths: n % 3, failure }));
    const record = boundJobRecord(jobRecord({ stages: [stageRecord({ suspects })] }));

    expect(sizeOf(record)).toBeLessThan(MAX_BYTES);
    expect(record.stages[0]?.suspects.every(({ deaths }) => deaths === 2)).toBe(true);
    const numbers = record.stages[0]?.suspects.map(({ sampleId }) => Number(sampleId.slice(5, -2))) ?? [];
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  it('changes nothing in a small one, and nothing more in one that is bounded', () => {
    const small = jobRecord({ tasks: [task(0, { server: { ...task(0).server, logTail: 'short' } })] });
    expect(boundJobRecord(small)).toEqual(small);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), (count) => {
        const once = boundJobRecord(jobRecord({ tasks: Array.from({ length: count }, (_, n) => task(n)) }));
        expect(boundJobRecord(once)).toEqual(once);
      }),
      { numRuns: 30 },
    );
  });
});
