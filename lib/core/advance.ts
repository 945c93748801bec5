/**
 * The one decision of the workflow: given a job's record and what its last task came to, what is next? Pure and total: the
 * step function of the same name reads and writes; this only decides. It always ends, never exceeds an attempt limit and never
 * runs a finished stage again. A stage is finished when its record says so, never because of an exit code. Long, because one decision is
 * proved in one place.
 */
import { type Failure, isRetryable } from './failure.ts';
import type { JobRecord, JobState, StageName, StageOutcome, StageRecord, TaskFacts } from './job.ts';

/** What the workflow hands to Advance after a step. */
export type StepResult =
  | { readonly kind: 'task'; readonly facts: TaskFacts; readonly madeRows: boolean }
  /** "Run task" ended without a task to show for it: none was placed, or the wait for its end ran out. */
  | { readonly kind: 'no-task'; readonly failure: Failure; readonly madeRows: boolean }
  | { readonly kind: 'score'; readonly failure: Failure | null };

export interface AdvanceLimits {
  /** Attempts of one start, one after the other, that may end without a new answer before the stage fails. */
  readonly maxFruitless: number;
  /** Attempts of one start altogether. */
  readonly maxAttempts: number;
  /** How long a stage may wait for capacity, and in which steps, milliseconds. */
  readonly maxWaitMs: number;
  readonly waitStepMs: number;
}

export const DEFAULT_ADVANCE_LIMITS: AdvanceLimits = { maxFruitless: 5, maxAttempts: 100, maxWaitMs: 4 * 3_600_000, waitStepMs: 60_000 };

export interface AdvanceContext {
  /** The start of the run that asks; higher than the record's after a resume. */
  readonly start: number;
  readonly cancelRequested: boolean;
  /** What the job needs does not fit into the run's budget any more: asked before its first task, and only then. */
  readonly budgetExceeded?: boolean;
  /** Nothing is sent to a model: infer stays as it ended, and what it answered is evaluated though it failed. */
  readonly onlyEvaluates?: boolean;
}

export type Action =
  | { readonly type: 'run'; readonly stage: StageName; readonly attempt: number; readonly stopTaskId: string | null }
  | { readonly type: 'wait'; readonly seconds: number }
  | { readonly type: 'score' }
  | { readonly type: 'done' };

export interface Advanced {
  readonly record: JobRecord;
  readonly action: Action;
}

/** Failures that another attempt cannot mend: only the user can. */
const FINAL_CODES = new Set([
  'device-unfit',
  'disk-full',
  'image-pull-failed',
  'install-failed',
  'package-changed',
  'package-file-corrupt',
  'package-missing',
  'python-missing',
  'run-task-refused',
  'store-unwritable',
  'task-definition-inactive',
  'cache-unwritable',
]);

/** What passes by waiting: it is no attempt of the job. */
const WAITING_CODES = new Set(['no-capacity', 'service-busy']);

/** Ends at which nothing is missing: what was not due within the load's duration was never wanted. */
const WHOLE_ENDS: ReadonlySet<StageOutcome['stopped']> = new Set([null, 'duration']);

const BUDGET_EXCEEDED = 'budget-exceeded';

const NOT_INFERRED: Failure = {
  class: 'infra',
  code: 'not-inferred',
  message: 'the run ended before this stage did, and an evaluation sends nothing to a model',
};

/** The record of a job that nothing has touched yet. */
export function newJobRecord(runId: string, jobId: string, ordinal: number, stages: readonly StageName[], start: number): JobRecord {
  return {
    schema: 1,
    runId,
    jobId,
    ordinal,
    version: 1,
    start,
    state: 'pending',
    stages: stages.map(newStage),
    tasks: [],
    failure: null,
  };
}

/** The next action of a job, and its record with all that follows from `result`; null when the workflow brought none. */
export function advance(record: JobRecord, result: StepResult | null, context: AdvanceContext, limits: AdvanceLimits): Advanced {
  if (context.start < record.start) return { record, action: { type: 'done' } };
  const onlyEvaluates = context.onlyEvaluates === true;
  const current = context.start > record.start ? restarted(record, context.start, onlyEvaluates) : record;
  const settled = result === null ? { record: current } : taken(current, result, limits);
  if ('wait' in settled) return { record: settled.record, action: { type: 'wait', seconds: Math.ceil(limits.waitStepMs / 1000) } };
  const quiet = lost(settled.record);
  if (context.cancelRequested) return next(cancelled(quiet), limits, onlyEvaluates);
  if (context.budgetExceeded !== true) return next(quiet, limits, onlyEvaluates);
  if (onlyEvaluates) return next(evaluatedNoMore(quiet), limits, onlyEvaluates);
  return next(hasBegun(quiet) ? quiet : stoppedByBudget(quiet), limits, onlyEvaluates);
}

/** Whether any task of the job was ever asked for. */
export function hasBegun(record: JobRecord): boolean {
  return record.stages.some(({ attempt }) => attempt > 0);
}

/** Whether a model was ever asked: else there are no answers to evaluate. */
export function mayHaveAnswers({ stages }: Pick<JobRecord, 'stages'>): boolean {
  return stages.some(({ name, attempt }) => name === 'infer' && attempt > 0);
}

/**
 * The record with exactly these stages, in their order: known ones as they are, others pending. Whether something has to be done of them is for
 * the next start to see; `again` names evaluate stages that were stopped before their end and go on.
 */
export function withStages(record: JobRecord, names: readonly StageName[], again: ReadonlySet<StageName>): JobRecord {
  const known = new Map(record.stages.map((stage) => [stage.name, stage]));
  const stages = names.map((name): StageRecord => {
    const stage = known.get(name) ?? newStage(name);
    return again.has(name) || name === 'score' ? { ...stage, status: 'pending' } : stage;
  });
  return { ...record, state: 'pending', stages };
}

function newStage(name: StageName): StageRecord {
  return {
    name,
    status: 'pending',
    attempt: 0,
    claim: null,
    fruitless: 0,
    attemptsThisStart: 0,
    waitedMs: 0,
    attemptEnd: null,
    suspects: [],
    outcome: null,
    failure: null,
  };
}

/** A resume gives every unfinished stage its attempts back. What is finished stays so, and scores are summed anew. */
function restarted(record: JobRecord, start: number, onlyEvaluates: boolean): JobRecord {
  const unfinished = record.stages.some((stage) => stage.status !== 'finished');
  const stages = record.stages.map((stage): StageRecord => {
    if (stage.status === 'finished' && !(unfinished && stage.name === 'score')) return stage;
    if (onlyEvaluates && stage.name === 'infer') return { ...stage, status: 'failed', failure: stage.failure ?? NOT_INFERRED };
    return { ...stage, status: 'pending', fruitless: 0, attemptsThisStart: 0, waitedMs: 0, failure: null };
  });
  return unfinished ? { ...record, start, state: 'running', stages, failure: null } : { ...record, start };
}

/** A stage is still under way though this step brought no end of it: its task is lost. The next attempt fences it off. */
function lost(record: JobRecord): JobRecord {
  return changeRunning(record, (stage) => ({ ...stage, status: 'pending' }));
}

function taken(record: JobRecord, result: StepResult, limits: AdvanceLimits): { record: JobRecord } | { record: JobRecord; wait: true } {
  if (result.kind === 'score') {
    const mark = (stage: StageRecord): StageRecord =>
      stage.name !== 'score' || stage.status === 'finished'
        ? stage
        : { ...stage, status: result.failure === null ? 'finished' : 'failed', failure: result.failure };
    return { record: { ...record, stages: record.stages.map(mark) } };
  }
  if (result.kind === 'no-task') {
    const running = record.stages.find((candidate) => candidate.status === 'running');
    if (running === undefined) return { record };
    if (WAITING_CODES.has(result.failure.code)) return waited(record, running, result.failure, limits.waitStepMs, limits);
    return { record: changeRunning(record, (stage) => ended(stage, result.failure, result.madeRows, limits)) };
  }
  const { facts } = result;
  const known = record.tasks.some((task) => task.taskId === facts.taskId);
  const withFacts = known ? record : { ...record, tasks: [...record.tasks, facts] };
  const stage = record.stages.find((candidate) => candidate.name === facts.stage);
  if (stage === undefined || stage.status !== 'running' || stage.attempt !== facts.attempt) return { record: withFacts };
  if (facts.error !== null && WAITING_CODES.has(facts.error.code)) {
    // The task itself has waited before it was given up.
    return waited(withFacts, stage, facts.error, Math.max(0, facts.endedAtMs - facts.startedAtMs) + limits.waitStepMs, limits);
  }
  return { record: changeRunning(withFacts, (running) => ended(running, causeOf(running, facts), result.madeRows, limits)) };
}

/** Waiting has a budget of its own: what got no machine was no attempt. */
function waited(
  record: JobRecord,
  stage: StageRecord,
  error: Failure,
  spentMs: number,
  limits: AdvanceLimits,
): { record: JobRecord; wait: true } | { record: JobRecord } {
  const waitedMs = stage.waitedMs + spentMs;
  const attemptsThisStart = Math.max(0, stage.attemptsThisStart - 1);
  const change = (status: 'failed' | 'pending') => (running: StageRecord) => ({ ...running, status, waitedMs, attemptsThisStart });
  if (waitedMs > limits.maxWaitMs) {
    const message = `${error.message} (waited ${Math.round(waitedMs / 60_000)} minutes)`.slice(0, 4000);
    const failure = { ...error, message };
    return { record: changeRunning(record, (running) => ({ ...change('failed')(running), failure })) };
  }
  return { record: changeRunning(record, change('pending')), wait: true };
}

/** An attempt that did not finish its stage: again, or failed? */
function ended(stage: StageRecord, failure: Failure, madeRows: boolean, limits: AdvanceLimits): StageRecord {
  // Only the attempt whose server died knows of what: the cause of any other end is not theirs.
  const isDeath = stage.attemptEnd?.kind === 'server-died';
  const suspects = stage.suspects.map((suspect) =>
    isDeath && suspect.failure.code === 'server-died'
      ? { ...suspect, failure: { ...failure, message: `${failure.message} (while it worked on this sample)` } }
      : suspect,
  );
  const progressed = stage.attemptEnd === null ? madeRows : stage.attemptEnd.newRows > 0;
  const fruitless = progressed ? 0 : stage.fruitless + 1;
  const final = isFinal(stage, failure) || fruitless >= limits.maxFruitless || stage.attemptsThisStart >= limits.maxAttempts;
  return { ...stage, suspects, fruitless, status: final ? 'failed' : 'pending', failure: final ? failure : null };
}

function isFinal(stage: StageRecord, failure: Failure): boolean {
  const kind = stage.attemptEnd?.kind;
  const isRefused = kind === 'refused' && !isRetryable(failure.class);
  return isRefused || kind === 'not-ready' || FINAL_CODES.has(failure.code);
}

/** Why the attempt ended, on the best evidence there is: the compute's own, then the driver's, then exit codes. */
function causeOf(stage: StageRecord, facts: TaskFacts): Failure {
  if (facts.error !== null) return facts.error;
  const { server } = facts;
  if (server.reason === 'OutOfMemoryError') {
    const peak = server.peakRssMiB === null ? '' : ` at ${Math.round(server.peakRssMiB)} MiB`;
    return { class: 'oom_host', code: 'out-of-memory', message: `the server was stopped by its memory limit${peak}` };
  }
  const end = stage.attemptEnd;
  if (end?.kind === 'server-died') {
    const how = server.signal !== null ? `signal ${server.signal}` : `exit code ${server.exitCode ?? 'unknown'}`;
    const words = lastLineOf(server.logTail);
    return { class: 'model_error', code: 'server-died', message: `the server ended with ${how}${words === '' ? '' : `: ${words}`}` };
  }
  if (end !== null) return end.failure;
  return {
    class: 'infra',
    code: 'driver-died',
    message: `the driver ended with exit code ${facts.driverExitCode ?? 'unknown'} before its stage was finished`,
  };
}

function lastLineOf(log: string | null): string {
  const lines = (log ?? '').split('\n').filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? '').trim().slice(0, 500);
}

/** Cancelled work is not started; what was recorded is still scored. */
function cancelled(record: JobRecord): JobRecord {
  const failure: Failure = { class: 'infra', code: 'cancelled', message: 'the run was cancelled' };
  const stages = record.stages.map(
    (stage): StageRecord =>
      stage.status === 'finished' || stage.status === 'failed' || stage.name === 'score' ? stage : { ...stage, status: 'failed', failure },
  );
  return { ...record, stages };
}

/** What is evaluated already is scored. Asked with a share of the budget in hand, nobody says no: so nothing of this start was begun. */
function evaluatedNoMore(record: JobRecord): JobRecord {
  const failure: Failure = { class: 'infra', code: BUDGET_EXCEEDED, message: "the run's budget does not cover this evaluation any more" };
  const stop = (stage: StageRecord): StageRecord =>
    stage.status === 'pending' && stage.name !== 'score' ? { ...stage, status: 'failed', failure } : stage;
  return { ...record, stages: record.stages.map(stop) };
}

/** Nothing was begun, so there is nothing to score either. */
function stoppedByBudget(record: JobRecord): JobRecord {
  const failure: Failure = { class: 'infra', code: BUDGET_EXCEEDED, message: "the run's budget does not cover this job any more" };
  return { ...record, stages: record.stages.map((stage) => ({ ...stage, status: 'failed', failure })) };
}

function next(record: JobRecord, limits: AdvanceLimits, onlyEvaluates: boolean): Advanced {
  // Without answers there is nothing to evaluate; one evaluator's failure is no other's.
  const unanswered =
    record.stages.some((stage) => stage.status === 'failed' && stage.name === 'infer') && !(onlyEvaluates && mayHaveAnswers(record));
  const stage = record.stages.find((candidate) => candidate.status === 'pending' && (candidate.name === 'score' || !unanswered));
  if (stage === undefined) return { record: { ...record, ...settledState(record) }, action: { type: 'done' } };
  const running: JobRecord = { ...record, state: 'running' };
  if (stage.name === 'score') return { record: running, action: { type: 'score' } };
  if (stage.attemptsThisStart >= limits.maxAttempts) {
    const failure: Failure = {
      class: 'infra',
      code: 'too-many-attempts',
      message: `${limits.maxAttempts} attempts did not finish the stage`,
    };
    return next(
      changeStage(record, stage.name, (old) => ({ ...old, status: 'failed', failure })),
      limits,
      onlyEvaluates,
    );
  }
  const attempt = stage.attempt + 1;
  const begun = changeStage(running, stage.name, (old) => ({
    ...old,
    status: 'running',
    attempt,
    attemptsThisStart: old.attemptsThisStart + 1,
    claim: null,
    attemptEnd: null,
  }));
  return { record: begun, action: { type: 'run', stage: stage.name, attempt, stopTaskId: stage.claim } };
}

function settledState(record: JobRecord): { state: JobState; failure: Failure | null } {
  const broken = record.stages.find((stage) => stage.status === 'failed');
  const infer = record.stages.find((stage) => stage.name === 'infer');
  if (broken?.failure?.code === BUDGET_EXCEEDED) return { state: 'stopped', failure: broken.failure };
  if (broken?.failure?.code === 'cancelled' || infer?.outcome?.stopped === 'cancelled') {
    return { state: 'cancelled', failure: broken?.failure ?? null };
  }
  if (broken !== undefined) return { state: broken.name.startsWith('evaluate:') ? 'incomplete' : 'failed', failure: broken.failure };
  const whole = record.stages.every(({ outcome }) => outcome === null || (outcome.failed === 0 && WHOLE_ENDS.has(outcome.stopped)));
  return { state: whole ? 'succeeded' : 'incomplete', failure: null };
}

function changeRunning(record: JobRecord, change: (stage: StageRecord) => StageRecord): JobRecord {
  return { ...record, stages: record.stages.map((stage) => (stage.status === 'running' ? change(stage) : stage)) };
}

function changeStage(record: JobRecord, name: StageName, change: (stage: StageRecord) => StageRecord): JobRecord {
  return { ...record, stages: record.stages.map((stage) => (stage.name === name ? change(stage) : stage)) };
}
