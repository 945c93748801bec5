/** What Advance decides, by example and by property: it always ends, stays within its limits and repeats nothing finished. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Action,
  type AdvanceContext,
  type AdvanceLimits,
  advance,
  newJobRecord,
  type StepResult,
  withStages,
} from '../../lib/core/advance.ts';
import type { AttemptEnd, JobRecord, StageOutcome, StageRecord, TaskFacts } from '../../lib/core/job.ts';

const limits: AdvanceLimits = { maxFruitless: 3, maxAttempts: 8, maxWaitMs: 180_000, waitStepMs: 60_000 };
const calm = { start: 1, cancelRequested: false };
const fresh = (): JobRecord => newJobRecord('r1', 'j1', 0, ['infer', 'evaluate:eval-video', 'score'], 1);

const facts = (action: Action, change: Partial<TaskFacts> = {}): TaskFacts => {
  if (action.type !== 'run') throw new Error(`no task was started: ${action.type}`);
  const server = { exitCode: 0, signal: null, reason: null, peakRssMiB: 10, cpuSeconds: 1, sampleHz: 10, logTail: null };
  const head = {
    taskId: `t-${action.stage}-${action.attempt}`,
    stage: action.stage,
    attempt: action.attempt,
    startedAtMs: 0,
    endedAtMs: 1,
  };
  return { ...head, phasesMs: {}, driverExitCode: 0, server, error: null, ...change };
};

const inStage = (record: JobRecord, name: string, change: Partial<StageRecord>): JobRecord => ({
  ...record,
  stages: record.stages.map((stage) => (stage.name === name ? { ...stage, ...change } : stage)),
});

/** What a driver writes that did all its work. */
const finishedBy = (record: JobRecord, action: Action, failed = 0, stopped: StageOutcome['stopped'] = null): JobRecord => {
  if (action.type !== 'run') throw new Error('no task was started');
  const outcome = { planned: 4, succeeded: (stopped === null ? 4 : 3) - failed, failed, stopped };
  return inStage(record, action.stage, { status: 'finished', claim: `t-${action.stage}-${action.attempt}`, outcome });
};

const died = (kind: AttemptEnd['kind'], newRows = 0): AttemptEnd => ({
  kind,
  newRows,
  failure: { class: 'infra', code: kind, message: `the attempt ended: ${kind}` },
});

const task = (action: Action, change: Partial<TaskFacts> = {}): StepResult => ({
  kind: 'task',
  facts: facts(action, change),
  madeRows: false,
});

describe('a job that goes well', () => {
  it('runs each stage once, scores, and is done', () => {
    const infer = advance(fresh(), null, calm, limits);
    expect(infer.action).toEqual({ type: 'run', stage: 'infer', attempt: 1, stopTaskId: null });
    const evaluate = advance(finishedBy(infer.record, infer.action), task(infer.action), calm, limits);
    expect(evaluate.action).toEqual({ type: 'run', stage: 'evaluate:eval-video', attempt: 1, stopTaskId: null });
    const score = advance(finishedBy(evaluate.record, evaluate.action), task(evaluate.action), calm, limits);
    expect(score.action).toEqual({ type: 'score' });
    const done = advance(score.record, { kind: 'score', failure: null }, calm, limits);
    expect(done).toMatchObject({ action: { type: 'done' }, record: { state: 'succeeded', failure: null } });
    expect(done.record.tasks.map((entry) => entry.taskId)).toEqual(['t-infer-1', 't-evaluate:eval-video-1']);
  });

  it('is finished because the record says so, whatever the exit codes', () => {
    const infer = advance(fresh(), null, calm, limits);
    const killed = task(infer.action, { driverExitCode: 137 });
    expect(advance(finishedBy(infer.record, infer.action), killed, calm, limits).action).toMatchObject({ stage: 'evaluate:eval-video' });
  });

  it('is incomplete when a sample failed', () => {
    let step = advance(fresh(), null, calm, limits);
    for (const failed of [1, 0]) step = advance(finishedBy(step.record, step.action, failed), task(step.action), calm, limits);
    expect(advance(step.record, { kind: 'score', failure: null }, calm, limits).record.state).toBe('incomplete');
  });
});

describe('a stage that ended before its last sample', () => {
  const endedBy = (stopped: StageOutcome['stopped'], failed = 0): JobRecord => {
    const infer = advance(fresh(), null, calm, limits);
    const evaluate = advance(finishedBy(infer.record, infer.action, failed, stopped), task(infer.action), calm, limits);
    const score = advance(finishedBy(evaluate.record, evaluate.action), task(evaluate.action), calm, limits);
    return advance(score.record, { kind: 'score', failure: null }, calm, limits).record;
  };

  it('is whole when the time of its load was over', () => {
    expect(endedBy('duration')).toMatchObject({ state: 'succeeded', failure: null });
  });

  it('is whole no more when a sample failed before', () => {
    expect(endedBy('duration', 1).state).toBe('incomplete');
  });

  it.each(['saturated', 'error-rate', 'job-deadline'] as const)('is incomplete when it stopped for: %s', (stopped) => {
    expect(endedBy(stopped).state).toBe('incomplete');
  });
});

describe('an attempt that fails', () => {
  it('is followed by another, which first stops the task that is on record', () => {
    const first = advance(fresh(), null, calm, limits);
    const record = inStage(first.record, 'infer', { claim: 't-infer-1', attemptEnd: died('server-died', 2) });
    expect(advance(record, task(first.action), calm, limits).action).toEqual({
      type: 'run',
      stage: 'infer',
      attempt: 2,
      stopTaskId: 't-infer-1',
    });
  });

  it('is given up after so many without an answer, and the job is scored all the same', () => {
    let step = advance(fresh(), null, calm, limits);
    for (let n = 0; n < 3; n += 1)
      step = advance(inStage(step.record, 'infer', { attemptEnd: died('server-died') }), task(step.action), calm, limits);
    expect(step.action).toEqual({ type: 'score' });
    const done = advance(step.record, { kind: 'score', failure: null }, calm, limits);
    expect(done.record).toMatchObject({ state: 'failed', failure: { class: 'model_error', code: 'server-died' } });
  });

  it('counts as progress when it made answers', () => {
    let step = advance(fresh(), null, calm, limits);
    for (let n = 0; n < 5; n += 1)
      step = advance(inStage(step.record, 'infer', { attemptEnd: died('server-died', 1) }), task(step.action), calm, limits);
    expect(step.action).toMatchObject({ type: 'run', attempt: 6 });
  });

  it('is not repeated when only the user can mend it', () => {
    const first = advance(fresh(), null, calm, limits);
    const error = { class: 'infra', code: 'install-failed', message: 'no such version' } as const;
    const step = advance(first.record, task(first.action, { error }), calm, limits);
    expect(step.action.type).toBe('score');
    expect(step.record.stages[0]).toMatchObject({ status: 'failed', failure: error });
  });

  it('leaves the suspects of another attempt the cause that they had', () => {
    const first = advance(fresh(), null, calm, limits);
    const suspect = {
      sampleId: 's.0',
      deaths: 2,
      failure: { class: 'model_error', code: 'server-died', message: 'signal SIGSEGV' },
    } as const;
    const record = inStage(first.record, 'infer', { suspects: [suspect] });
    const error = { class: 'infra', code: 'port-taken', message: 'another process took the port' } as const;

    const step = advance(record, task(first.action, { error }), calm, limits);

    expect(step.record.stages[0]?.suspects).toEqual([suspect]);
  });

  it('is named out of memory on the evidence of the watchdog, and so are its suspects', () => {
    const first = advance(fresh(), null, calm, limits);
    const suspect = { sampleId: 's.0', deaths: 1, failure: { class: 'model_error', code: 'server-died', message: 'gone' } } as const;
    const record = inStage(first.record, 'infer', { attemptEnd: died('server-died', 1), suspects: [suspect] });
    const oom = { ...facts(first.action).server, reason: 'OutOfMemoryError', peakRssMiB: 999.6 };
    const step = advance(record, task(first.action, { server: oom }), calm, limits);
    expect(step.record.stages[0]?.suspects[0]?.failure).toMatchObject({ class: 'oom_host', code: 'out-of-memory' });
  });
});

describe('waiting, cancelling, resuming', () => {
  it('waits for capacity within a budget of its own', () => {
    let step = advance(fresh(), null, calm, limits);
    const error = { class: 'infra', code: 'no-capacity', message: 'RESOURCE:GPU' } as const;
    for (let n = 0; n < 3; n += 1) {
      step = advance(step.record, task(step.action, { error, endedAtMs: 0 }), calm, limits);
      expect(step.action).toEqual({ type: 'wait', seconds: 60 });
      step = advance(step.record, null, calm, limits);
    }
    expect(advance(step.record, task(step.action, { error }), calm, limits).action.type).toBe('score');
  });

  it('starts nothing once the run is cancelled, but still scores', () => {
    const step = advance(fresh(), null, { start: 1, cancelRequested: true }, limits);
    expect(step.action).toEqual({ type: 'score' });
    expect(advance(step.record, { kind: 'score', failure: null }, calm, limits).record.state).toBe('cancelled');
  });

  it('of one evaluator leaves the others their turn', () => {
    const stages = ['infer', 'evaluate:first', 'evaluate:second', 'score'] as const;
    const infer = advance(newJobRecord('r1', 'j1', 0, stages, 1), null, calm, limits);
    const first = advance(finishedBy(infer.record, infer.action), task(infer.action), calm, limits);
    const error = { class: 'infra', code: 'install-failed', message: 'no such package' } as const;
    const second = advance(first.record, task(first.action, { error }), calm, limits);
    expect(second.action).toMatchObject({ type: 'run', stage: 'evaluate:second' });
    const score = advance(finishedBy(second.record, second.action), task(second.action), calm, limits);
    const done = advance(score.record, { kind: 'score', failure: null }, calm, limits);
    expect(done.record).toMatchObject({ state: 'incomplete', failure: { code: 'install-failed' } });
  });

  it('does not try again what needs another machine', () => {
    const first = advance(fresh(), null, calm, limits);
    const failure = { class: 'infra', code: 'device-unfit', message: 'too little memory' } as const;
    const record = inStage(first.record, 'infer', { attemptEnd: { kind: 'refused', failure, newRows: 0 } });
    const step = advance(record, task(first.action), calm, limits);
    expect(step.action).toEqual({ type: 'score' });
    expect(step.record.stages[0]).toMatchObject({ status: 'failed', failure });
  });

  it('gives a failed stage its attempts back on a resume, with a higher attempt number', () => {
    const first = advance(fresh(), null, calm, limits);
    const error = { class: 'infra', code: 'disk-full', message: 'no space' } as const;
    const failed = advance(first.record, task(first.action, { error }), calm, limits);
    const done = advance(failed.record, { kind: 'score', failure: null }, calm, limits);
    expect(advance(done.record, null, { start: 2, cancelRequested: false }, limits).action).toMatchObject({ type: 'run', attempt: 2 });
  });

  it('does nothing for an execution that a later start has replaced', () => {
    const later = advance(fresh(), null, { start: 2, cancelRequested: false }, limits);
    const stale = advance(later.record, null, { start: 1, cancelRequested: false }, limits);
    expect(stale).toEqual({ record: later.record, action: { type: 'done' } });
  });

  it('ignores the result of an attempt that is not the current one', () => {
    const first = advance(fresh(), null, calm, limits);
    const second = advance(first.record, null, calm, limits);
    const late = advance(
      second.record,
      task(first.action, { error: { class: 'infra', code: 'install-failed', message: '' } }),
      calm,
      limits,
    );
    expect(late.action).toEqual({ type: 'run', stage: 'infer', attempt: 3, stopTaskId: null });
  });
});

const endArbitrary = fc.option(
  fc.record({
    kind: fc.constantFrom('server-died', 'server-hung', 'not-ready', 'wrong-instance', 'refused', 'stopped', 'driver-error'),
    newRows: fc.nat(3),
    failure: fc.constant({ class: 'infra', code: 'x', message: 'x' }),
  }),
  { nil: null },
);
const worldArbitrary = fc.record({
  finishes: fc.boolean(),
  failed: fc.nat(2),
  stopped: fc.option(fc.constantFrom('error-rate', 'job-deadline', 'cancelled', 'duration', 'saturated'), { nil: null }),
  end: endArbitrary,
  code: fc.option(fc.constantFrom('no-capacity', 'service-busy', 'spot-interrupted', 'install-failed', 'port-taken'), { nil: null }),
  /** "Run task" failed without a task to show. */
  noTask: fc.boolean(),
  budgetExceeded: fc.boolean(),
  madeRows: fc.boolean(),
  answerLost: fc.boolean(),
  cancel: fc.boolean(),
});
type World = typeof worldArbitrary extends fc.Arbitrary<infer T> ? T : never;

/** Plays the workflow against a world that may do anything; returns the actions taken and the last record. */
function play(
  worlds: readonly World[],
  first: Partial<AdvanceContext> = {},
  from: JobRecord = fresh(),
): { actions: Action[]; record: JobRecord; reran: boolean } {
  const { start = 1, onlyEvaluates = false } = first;
  const actions: Action[] = [];
  let cancelRequested = false;
  let reran = false;
  let step = advance(from, null, { ...calm, ...first }, limits);
  for (let n = 0; step.action.type !== 'done'; n += 1) {
    if (n > 500) throw new Error('the job does not end');
    actions.push(step.action);
    const world = worlds[n % worlds.length]!;
    cancelRequested ||= world.cancel;
    const { action } = step;
    let { record } = step;
    let result: StepResult | null = null;
    if (action.type === 'run') {
      reran ||= record.stages.find((stage) => stage.name === action.stage)?.status === 'finished';
      if (world.finishes) record = finishedBy(record, action, world.failed, world.stopped);
      else record = inStage(record, action.stage, { attemptEnd: world.end as AttemptEnd | null });
      const error = world.code === null || world.finishes ? null : ({ class: 'infra', code: world.code, message: '' } as const);
      if (!world.answerLost && world.noTask && error !== null) result = { kind: 'no-task', failure: error, madeRows: world.madeRows };
      else if (!world.answerLost) result = { kind: 'task', facts: facts(action, { error }), madeRows: world.madeRows };
    } else if (action.type === 'score') {
      result = { kind: 'score', failure: null };
    }
    step = advance(record, result, { start, cancelRequested, onlyEvaluates, budgetExceeded: world.budgetExceeded }, limits);
  }
  return { actions, record: step.record, reran };
}

/** Nothing gets in the way. */
const QUIET: World = {
  ...{ finishes: false, failed: 0, stopped: null, end: null, code: null, noTask: false },
  ...{ budgetExceeded: false, madeRows: false, answerLost: false, cancel: false },
};

describe('a budget', () => {
  const exceeded = { ...calm, budgetExceeded: true };

  it('that does not cover a job stops it before its first task, with nothing to score', () => {
    const step = advance(fresh(), null, exceeded, limits);

    expect(step.action).toEqual({ type: 'done' });
    expect(step.record).toMatchObject({ state: 'stopped', failure: { class: 'infra', code: 'budget-exceeded' }, tasks: [] });
  });

  it('is not asked again once a job has begun', () => {
    const first = advance(fresh(), null, calm, limits);
    expect(advance(first.record, task(first.action), exceeded, limits).action).toMatchObject({ type: 'run', attempt: 2 });
  });

  it('gives way to a cancel, and a resume asks it anew', () => {
    expect(advance(fresh(), null, { ...exceeded, cancelRequested: true }, limits).action).toEqual({ type: 'score' });
    const stopped = advance(fresh(), null, exceeded, limits);
    expect(advance(stopped.record, null, { start: 2, cancelRequested: false }, limits).action).toMatchObject({ type: 'run', attempt: 1 });
    expect(advance(stopped.record, null, { ...exceeded, start: 2 }, limits).record.state).toBe('stopped');
  });

  it('stops a job before any task, or never', () => {
    fc.assert(
      fc.property(fc.array(worldArbitrary, { minLength: 1, maxLength: 12 }), fc.boolean(), (worlds, budgetExceeded) => {
        const { actions, record } = play(worlds, { budgetExceeded });
        expect(record.state === 'stopped').toBe(budgetExceeded);
        if (record.state === 'stopped') expect({ actions, tasks: record.tasks }).toEqual({ actions: [], tasks: [] });
      }),
      { numRuns: 200 },
    );
  });
});

describe('a start that only evaluates', () => {
  const names = ['infer', 'evaluate:eval-video', 'evaluate:eval-video:2', 'score'] as const;
  const worlds = fc.array(worldArbitrary, { minLength: 1, maxLength: 12 });
  const inferOf = ({ stages }: JobRecord) => stages.find(({ name }) => name === 'infer');
  const asked = (before: JobRecord): JobRecord => withStages(before, names, new Set());

  it('evaluates what a job answered before it broke off, and the job stays broken', () => {
    const infer = advance(fresh(), null, calm, limits);
    const refused = inStage(infer.record, 'infer', { attemptEnd: { ...died('not-ready'), newRows: 3 } });
    const broken = advance(refused, task(infer.action), calm, limits);
    const failed = advance(broken.record, { kind: 'score', failure: null }, calm, limits).record;

    const { actions, record } = play([{ ...QUIET, finishes: true }], { start: 2, onlyEvaluates: true }, asked(failed));

    expect(actions.map((action) => (action.type === 'run' ? action.stage : action.type))).toEqual([...names.slice(1, 3), 'score']);
    expect(record).toMatchObject({ state: 'failed', failure: { code: 'not-ready' } });
  });

  it('never runs a model, whatever happened before and happens now, and leaves what was inferred as it is', () => {
    fc.assert(
      fc.property(worlds, worlds, fc.boolean(), (earlier, now, budgetExceeded) => {
        const before = play(earlier, { budgetExceeded }).record;
        const { actions, record, reran } = play(now, { start: 2, onlyEvaluates: true }, asked(before));

        const stages = actions.flatMap((action) => (action.type === 'run' ? [action.stage] : []));
        expect(stages).not.toContain('infer');
        expect(reran).toBe(false);
        if (inferOf(before)?.attempt === 0) expect(stages).toEqual([]);
        if (inferOf(before)?.status === 'finished') expect(inferOf(record)).toEqual(inferOf(before));
        else expect(inferOf(record)).toMatchObject({ status: 'failed', attempt: inferOf(before)?.attempt });
        for (const stage of record.stages) expect(stage.attemptsThisStart).toBeLessThanOrEqual(limits.maxAttempts);
        expect(record.state).not.toBe('running');
      }),
      { numRuns: 300 },
    );
  });

  it('leaves to a resume what it would not do', () => {
    fc.assert(
      fc.property(worlds, worlds, (earlier, now) => {
        const evaluated = play(now, { start: 2, onlyEvaluates: true }, asked(play(earlier).record)).record;
        const { actions } = play([{ ...QUIET, finishes: true }], { start: 3 }, evaluated);

        const isInferred = actions.some((action) => action.type === 'run' && action.stage === 'infer');
        expect(isInferred).toBe(inferOf(evaluated)?.status !== 'finished');
      }),
      { numRuns: 200 },
    );
  });
});

describe('whatever happens', () => {
  it('ends, within its limits, running nothing finished again', () => {
    fc.assert(
      fc.property(fc.array(worldArbitrary, { minLength: 1, maxLength: 12 }), (worlds) => {
        const { actions, record, reran } = play(worlds);
        expect(reran).toBe(false);
        for (const stage of record.stages) expect(stage.attemptsThisStart).toBeLessThanOrEqual(limits.maxAttempts);
        const runs = actions.filter((action) => action.type === 'run').map((action) => `${action.stage} ${action.attempt}`);
        expect(new Set(runs).size).toBe(runs.length);
        expect(['succeeded', 'incomplete', 'failed', 'cancelled']).toContain(record.state);
        expect(record.stages.some((stage) => stage.status === 'running' || stage.status === 'pending')).toBe(
          record.stages.some((stage) => stage.status === 'failed' && stage.name !== 'score') &&
            record.stages.some((stage) => stage.status === 'pending'),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('succeeds exactly when every stage is finished, nothing failed, and nothing that was due is missing', () => {
    fc.assert(
      fc.property(fc.array(worldArbitrary, { minLength: 1, maxLength: 12 }), (worlds) => {
        const { record } = play(worlds);
        const isWhole = record.stages.every(
          ({ status, outcome }) =>
            status === 'finished' &&
            (outcome === null || (outcome.failed === 0 && (outcome.stopped === null || outcome.stopped === 'duration'))),
        );
        expect(record.state === 'succeeded').toBe(isWhole);
      }),
      { numRuns: 500 },
    );
  });

  it('is a function: the same inputs give the same outputs, and the inputs stay as they were', () => {
    fc.assert(
      fc.property(fc.array(worldArbitrary, { minLength: 1, maxLength: 12 }), (worlds) => {
        expect(play(worlds)).toEqual(play(worlds));
      }),
      { numRuns: 50 },
    );
  });
});
