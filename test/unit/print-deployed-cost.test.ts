/** The line of a deployed run's cost: no figure that is not one yet. */
import { describe, expect, it } from 'vitest';
import { costLine } from '../../lib/cli/print-deployed-run.ts';

const unknown = { taskUsd: 0, billedUsd: null, idleUsd: null, soFarAtMs: null, priceDate: null, jobsUsd: {}, reason: 'not at its end' };

describe('the cost of a run', () => {
  it('is not told while no task has ended', () => {
    expect(costLine({ cost: unknown, finishedAtMs: null })).toBe(null);
  });

  it('is that of the ended tasks while the run goes on', () => {
    const cost = { ...unknown, taskUsd: 0.5, priceDate: '2026-01-02' };
    expect(costLine({ cost, finishedAtMs: null })).toBe(
      'cost: $0.50 for the tasks that have ended (price sheet of 2026-01-02); the rest is not known: not at its end',
    );
  });

  it('says of instances that still run that their bill grows', () => {
    const cost = { ...unknown, taskUsd: 0.5, billedUsd: 1, reason: null };
    expect(costLine({ cost: { ...cost, soFarAtMs: 7 }, finishedAtMs: 5 })).toBe(
      'cost: $0.50 for the tasks, $1.00 billed for the instances so far, some still run',
    );
    expect(costLine({ cost, finishedAtMs: 5 })).toBe('cost: $0.50 for the tasks, $1.00 billed for the instances');
  });

  it('is zero for a run that ended without a task', () => {
    const cost = { ...unknown, billedUsd: 0, reason: null };
    expect(costLine({ cost, finishedAtMs: 5 })).toBe('cost: $0.00 for the tasks, $0.00 billed for the instances');
  });
});
