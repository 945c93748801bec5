/** Which samples a load meant to send: what was not due is neither planned nor a gap. */
import { describe, expect, it } from 'vitest';
import { hasGaps, NOT_DUE, SUCCEEDED } from '../../lib/core/columns.ts';
import { compareJobs } from '../../lib/core/compare-jobs.ts';
import { dueSamples, markNotDue, slotAtPlace } from '../../lib/core/latency/due-samples.ts';
import { scoreJob } from '../../lib/core/score-job.ts';
import { pickColumn } from '../../lib/workflow/align-columns.ts';
import { columnsOf, meanColumn, suiteOf } from '../fixtures/scoring/columns.ts';
import { closedJob, openJob, POISSON } from '../fixtures/scoring/load-rows.ts';

const options = { confidence: 0.95, score: null, contended: false };

describe('what a load with a duration meant to send', () => {
  const items = 4;
  const job = closedJob(items, { durationMs: 60_000 }, { repeats: 2 });
  /** By place in the order of issue: item 0 to 3 of repeat 0, then of repeat 1. */
  const stateWith = (places: readonly number[]) => {
    const state = new Uint8Array(8);
    for (const place of places) state[slotAtPlace(place, job)] = SUCCEEDED;
    return state;
  };

  it('ends with the last sample on record, in order of issue, once the time is over', () => {
    const state = stateWith([0, 1, 2, 3, 5]);

    const due = dueSamples(state, job, 60_004);

    expect(due).toBe(6);
    expect(markNotDue(state, job, due)).toBe(true);
    // Slots are item * 2 + repeat: repeat 1 of item 0 is missing, of items 2 and 3 it was not due.
    expect([...state]).toEqual([1, 0, 1, 1, 1, NOT_DUE, 1, NOT_DUE]);
  });

  it('is everything while the time is not over, as after any other stop', () => {
    expect(dueSamples(stateWith([0, 1]), job, 31_000)).toBe(8);
    expect(dueSamples(stateWith([]), job, 0)).toBe(8);
  });

  it('counts the time over when the last answer came a second before: its files were still to be stored', () => {
    expect(dueSamples(stateWith([0, 1]), job, 59_100)).toBe(2);
  });

  it('is everything after a stop at the beginning of a load of less than a second', () => {
    const short = closedJob(items, { durationMs: 900 }, { repeats: 2 });

    expect(dueSamples(stateWith([0, 1]), short, 200)).toBe(8);
    expect(dueSamples(stateWith([0, 1]), short, 700)).toBe(2);
  });

  it('is everything in a closed load without a duration, and the arrivals in an open loop', () => {
    expect(dueSamples(stateWith([0]), closedJob(items, {}, { repeats: 2 }), 1e9)).toBe(8);
    expect(dueSamples(new Uint8Array(8), openJob(4, { repeats: 2, load: { ...POISSON, arrivals: 5 } }), 0)).toBe(5);
  });

  it('is what scores count as planned, in all and by metric, and no gap of a comparison', () => {
    const state = Uint8Array.from({ length: 40 }, (_, slot) => (slot < 30 ? SUCCEEDED : NOT_DUE));
    const values = Array.from({ length: 40 }, (_, slot) => (slot < 30 ? 0.5 + 0.01 * (slot % 7) : null));
    const column = { ...meanColumn('s.score', values), states: state };
    const better = meanColumn(
      's.score',
      Array.from({ length: 40 }, (_, slot) => 0.6 + 0.01 * (slot % 5)),
    );

    const scores = scoreJob(columnsOf('j', [column], { state }), suiteOf(40), { mode: 'closed', concurrency: 1, warmup: 0 }, options);
    const comparison = compareJobs({ jobId: 'a', column }, { jobId: 'b', column: better }, suiteOf(40), 0.95);

    expect(scores).toMatchObject({ planned: 30, succeeded: 30, missing: 0, metrics: [{ n: 30, planned: 30 }] });
    expect(hasGaps(column)).toBe(false);
    expect(comparison).toMatchObject({ verdict: 'b', commonItems: 30, leftOut: 10 });
    // With gaps in their place the verdict does not stand: they could be worth 1.
    expect(
      compareJobs({ jobId: 'a', column: meanColumn('s.score', values) }, { jobId: 'b', column: better }, suiteOf(40), 0.95).verdict,
    ).toBe('not separable');
  });

  it('stays with its slots where two runs are aligned', () => {
    const states = Uint8Array.from([SUCCEEDED, NOT_DUE, 0]);
    const column = { ...meanColumn('s.score', [1, null, null]), states };

    expect(hasGaps(pickColumn(column, Uint32Array.from([1, 0])))).toBe(false);
    expect(hasGaps(pickColumn(column, Uint32Array.from([2, 0])))).toBe(true);
  });
});
