/** What a report says of a run's budget. */
import { describe, expect, it } from 'vitest';
import type { TaskFacts } from '../../lib/core/job.ts';
import { budgetWarnings } from '../../lib/report/budget-warnings.ts';
import { jobRecord } from '../fixtures/run-records.ts';
import { jobOf } from '../fixtures/scoring/stored-run.ts';

const budgeted = (id: string, reserveUsd: number) => jobOf(id, 10, { budget: { maxUsd: 10, reserveUsd } });
/** Held a machine of $3.60 an hour for so many seconds. */
const task = (seconds: number): TaskFacts => ({
  ...{ taskId: 't', stage: 'infer', attempt: 1, startedAtMs: 0, endedAtMs: seconds * 1000, phasesMs: {}, driverExitCode: 0, error: null },
  server: { exitCode: 0, signal: null, reason: null, peakRssMiB: null, cpuSeconds: null, sampleHz: null, logTail: null },
  where: {
    ...{ className: 'l4', instanceType: 'g6.xlarge', market: 'spot', usdPerHour: 3.6, priceDate: '2026-11-20', instanceId: null },
    occupied: { fromMs: 0, untilMs: seconds * 1000 },
  },
});

describe('the budget in a report', () => {
  it('is silent where there is none, and where every job began within it', () => {
    expect(budgetWarnings({ jobs: [jobOf('a', 10)], records: [jobRecord({ jobId: 'a' })] })).toEqual([]);
    expect(budgetWarnings({ jobs: [budgeted('a', 5)], records: [jobRecord({ jobId: 'a', tasks: [task(5000)] })] })).toEqual([]);
  });

  it('names the jobs that it stopped, what was set aside and what was spent', () => {
    const jobs = [budgeted('a', 6), budgeted('b', 7)];
    const records = [jobRecord({ jobId: 'a', tasks: [task(2000)] }), jobRecord({ jobId: 'b', state: 'stopped' })];
    expect(budgetWarnings({ jobs, records })).toEqual([
      {
        code: 'budget-stopped',
        jobIds: ['b'],
        text: expect.stringMatching(/of \$10\b.*\$7\b.* or more aside.*had set \$6\b.* aside and cost \$2\b/),
      },
    ]);
  });

  it('states by how much it was passed by jobs in flight', () => {
    const records = [jobRecord({ jobId: 'a', tasks: [task(12_000)] })];
    expect(budgetWarnings({ jobs: [budgeted('a', 6)], records })).toMatchObject([
      { code: 'budget-passed', text: expect.stringMatching(/^The run is \$2\b.*above its budget of \$10\b/) },
    ]);
  });
});
