/** What the terminal shows of a run that goes on. */
import { describe, expect, it } from 'vitest';
import { changedLines, formatDuration, formatRate, type ProgressState, progressLines } from '../../lib/cli/progress-view.ts';
import { beat, jobRecord, runRecord, STARTED_MS, stageRecord } from '../fixtures/run-records.ts';

function state(given: Partial<ProgressState> = {}): ProgressState {
  return { run: runRecord(), jobs: [jobRecord()], beats: [beat()], nowMs: STARTED_MS + 5_000, ...given };
}

const jobLine = (given: Partial<ProgressState>, columns = 100): string | undefined => progressLines(state(given), columns)[1];

describe('live lines', () => {
  it('say how many jobs are over, how long the run has taken, and one line a job', () => {
    const jobs = [jobRecord({ state: 'succeeded' }), jobRecord({ jobId: 'b' }), jobRecord({ jobId: 'c', state: 'pending' })];

    const lines = progressLines(state({ jobs }), 80);

    expect(lines[0]).toBe('demo-1  1/3 jobs  5s');
    expect(lines).toHaveLength(4);
    expect(lines[3]).toBe('· c               waiting');
  });

  it('show samples, rate and what is left while samples are measured', () => {
    expect(jobLine({})).toBe('> ridge-8d6305ef  infer  20/100  4.0/s  ETA 20s');
  });

  it('show neither a rate nor a count while the model loads', () => {
    const loading = beat({ phase: 'load', done: 0, ratePerSecond: 0 });

    expect(jobLine({ beats: [loading] })).toBe('> ridge-8d6305ef  infer  loading');
  });

  it('show what an earlier start has done while the model loads again', () => {
    expect(jobLine({ beats: [beat({ phase: 'load', ratePerSecond: null })] })).toBe('> ridge-8d6305ef  infer  loading  20/100');
  });

  it('never show 0/0', () => {
    expect(jobLine({ beats: [beat({ phase: 'sync', planned: 0, done: 0, ratePerSecond: null })] })).toBe('> ridge-8d6305ef  infer');
  });

  it('promise no end while nothing ends', () => {
    expect(jobLine({ beats: [beat({ ratePerSecond: 0 })] })).toBe('> ridge-8d6305ef  infer  20/100');
  });

  it('leave out the beat of an earlier attempt', () => {
    const jobs = [jobRecord({ stages: [stageRecord({ attempt: 2 })] })];

    expect(jobLine({ jobs })).toBe('> ridge-8d6305ef  infer  starting');
  });

  it('name failures, later attempts and a driver that has gone silent', () => {
    const jobs = [jobRecord({ stages: [stageRecord({ attempt: 2 })] })];

    const line = jobLine({ jobs, beats: [beat({ attempt: 2, failed: 3, ratePerSecond: null })], nowMs: STARTED_MS + 70_000 });

    expect(line).toBe('> ridge-8d6305ef  infer  20/100  3 failed  attempt 2  no sign of life for 1m10s');
  });

  it('show the outcome of a job that is over, with its cause', () => {
    const outcome = { planned: 100, succeeded: 90, failed: 10, stopped: null };
    const failure = { class: 'infra' as const, code: 'server-died', message: 'the server\nended' };
    const stages = [stageRecord({ status: 'finished', outcome })];

    expect(jobLine({ jobs: [jobRecord({ state: 'incomplete', stages, failure })] })).toBe(
      '! ridge-8d6305ef  incomplete  90/100 samples, 10 failed  server-died: the server ended',
    );
  });

  it('tell siblings apart by their labels', () => {
    const labels = new Map([['ridge-8d6305ef', 'ridge · alpha 10']]);

    expect(jobLine({ labels })).toMatch(/^> ridge · alpha 10 {2}infer/);
  });

  it('say of an interrupted run that nothing goes on', () => {
    const lines = progressLines(state({ isInterrupted: true, jobs: [jobRecord(), jobRecord({ jobId: 'b', state: 'pending' })] }), 80);

    expect(lines).toEqual([
      'demo-1  0/2 jobs  5s  interrupted',
      '> ridge-8d6305ef  interrupted in infer 20/100',
      '· b               not begun',
    ]);
  });

  it.each([20, 40, 80])('are at most %i columns wide', (columns) => {
    const jobs = [jobRecord({ jobId: `model-${'x'.repeat(60)}`, state: 'pending' }), jobRecord()];

    const lines = progressLines(state({ jobs, beats: [beat({ failed: 7 })] }), columns);

    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    expect(lines[1]).toContain('…');
  });
});

describe('plain lines', () => {
  /** The lines of a log over several looks at a run. */
  function log(looks: readonly Partial<ProgressState>[]): string[] {
    let seen = new Map<string, string>();
    return looks.flatMap((look) => {
      const changed = changedLines(seen, state(look));
      seen = changed.seen;
      return changed.lines;
    });
  }

  it('tell each phase and each quarter once', () => {
    const loading = beat({ phase: 'load', done: 0, ratePerSecond: null });
    const looks = [loading, loading, beat({ done: 1 }), beat({ done: 2 }), beat({ done: 30 }), beat({ done: 31 }), beat({ done: 99 })];

    expect(log(looks.map((each) => ({ beats: [{ ...each, ratePerSecond: null }] })))).toEqual([
      '> ridge-8d6305ef  infer  loading',
      '> ridge-8d6305ef  infer  1/100',
      '> ridge-8d6305ef  infer  30/100',
      '> ridge-8d6305ef  infer  99/100',
    ]);
  });

  it('are silent about what is over in a moment', () => {
    const stages = [stageRecord({ attempt: 0 })];

    expect(log([{ jobs: [jobRecord({ stages })], beats: [] }, { beats: [beat({ phase: 'sync', planned: 0, done: 0 })] }])).toEqual([]);
  });

  it('give a sign of life a minute', () => {
    const looks = [10, 20, 70, 80].map((seconds) => ({
      nowMs: STARTED_MS + seconds * 1_000,
      beats: [beat({ atMs: STARTED_MS + seconds * 1_000 })],
    }));

    expect(log(looks)).toHaveLength(2);
  });

  it('tell the end of a job once', () => {
    const over = { jobs: [jobRecord({ state: 'failed', stages: [] })] };

    expect(log([over, over])).toEqual(['✗ ridge-8d6305ef  failed']);
  });
});

describe('numbers for people', () => {
  it.each([
    [0, '0s'],
    [59_600, '1m00s'],
    [125_000, '2m05s'],
    [3_725_000, '1h02m'],
  ])('%i ms is %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });

  it.each([
    [340.4, '340/s'],
    [99.6, '100/s'],
    [12.3, '12/s'],
    [1.46, '1.5/s'],
    [0.07, '4.2/min'],
  ])('%d a second is %s', (ratePerSecond, text) => {
    expect(formatRate(ratePerSecond)).toBe(text);
  });
});
