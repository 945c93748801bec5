/**
 * The Advance step: reads a job's record, lets lib/core/advance.ts decide, writes the record back conditionally, and answers
 * with the next action. Losing a race means reading again: whoever comes second decides on what the first has written.
 */
import { type Action, advance, DEFAULT_ADVANCE_LIMITS, type StepResult } from '../../core/advance.ts';
import { BakeoffError } from '../../core/errors.ts';
import type { JobRecord } from '../../core/job.ts';
import { jobSchema, planSchema } from '../../core/job.ts';
import { keys } from '../../core/object-key.ts';
import type { Compute, ObjectStore, RunStore } from '../../core/ports.ts';
import { listParts } from '../list-parts.ts';
import { readJsonObject } from '../read-json-object.ts';
import { type AdvanceInput, stepResultSchema } from './step-input.ts';

/** Flat, because the workflow's Choice and Wait states read it. */
export interface AdvanceAnswer {
  readonly action: Action['type'];
  readonly waitSeconds: number;
  /** Bounds "Run task": capacity, pull, `limits.job` and stop together. */
  readonly timeoutSeconds: number;
  readonly task: { readonly runId: string; readonly jobId: string; readonly stage: string; readonly attempt: number } | null;
}

/** Beyond the job's own limit: install or pull, waiting for capacity, and the stop. */
const TASK_MARGIN_SECONDS = 2 * 3600;
const CONTENTION_TRIES = 20;

/** Throws `record-missing` and `record-contended`; never for what a task did. */
export async function advanceStep(
  input: AdvanceInput,
  ports: { readonly objects: ObjectStore; readonly runs: RunStore; readonly compute: Compute },
): Promise<AdvanceAnswer> {
  const { objects, runs, compute } = ports;
  const jobId = await jobIdAt(objects, input.run, input.ordinal);
  for (let tryNumber = 0; tryNumber < CONTENTION_TRIES; tryNumber += 1) {
    const record = await runs.getJob(input.run, jobId);
    const run = await runs.getRun(input.run);
    if (record === null || run === null) throw recordMissing(input.run, jobId);
    const result = await resultOf(input.result, record, objects);
    const context = { start: input.start, cancelRequested: run.cancelRequested };
    const { record: advanced, action } = advance(record, result, context, DEFAULT_ADVANCE_LIMITS);
    if (!(await runs.replaceJob({ ...advanced, version: record.version + 1 }))) continue;
    if (action.type === 'run' && action.stopTaskId !== null) await compute.stopTask(action.stopTaskId);
    return answerOf(action, input.run, jobId, await jobLimitSeconds(objects, input.run, jobId));
  }
  throw new BakeoffError({
    code: 'record-contended',
    message: `the record of job ${jobId} changed under every one of ${CONTENTION_TRIES} tries to advance it`,
    remedy: 'Resume the run; if it happens again, look for a second process that drives the same run.',
    kind: 'internal',
  });
}

async function jobIdAt(objects: ObjectStore, runId: string, ordinal: number): Promise<string> {
  const plan = await readJsonObject(objects, keys.plan(runId), planSchema);
  const job = plan.jobs[ordinal];
  if (job === undefined) throw recordMissing(runId, `number ${ordinal}`);
  return job.jobId;
}

/** Only a result that parses is evidence; for the rest (an error that "Run task" caught) the record alone speaks. */
async function resultOf(raw: unknown, record: JobRecord, objects: ObjectStore): Promise<StepResult | null> {
  const parsed = stepResultSchema.safeParse(raw);
  if (!parsed.success) return null;
  if (parsed.data.kind === 'score') return parsed.data;
  const { facts } = parsed.data;
  const { runId, jobId } = record;
  const parts =
    facts.stage === 'infer'
      ? await listParts(objects, keys.sampleParts(runId, jobId), null)
      : await listParts(objects, keys.scoreParts(runId, jobId), facts.stage.slice('evaluate:'.length));
  const madeRows = parts.some(({ attempt }) => attempt === facts.attempt);
  return { kind: 'task', facts, madeRows };
}

async function jobLimitSeconds(objects: ObjectStore, runId: string, jobId: string): Promise<number> {
  const job = await readJsonObject(objects, keys.job(runId, jobId), jobSchema);
  return Math.ceil((job.limits.jobMs + job.limits.readyMs) / 1000) + TASK_MARGIN_SECONDS;
}

function answerOf(action: Action, runId: string, jobId: string, timeoutSeconds: number): AdvanceAnswer {
  const task = action.type === 'run' ? { runId, jobId, stage: action.stage, attempt: action.attempt } : null;
  return { action: action.type, waitSeconds: action.type === 'wait' ? action.seconds : 1, timeoutSeconds, task };
}

function recordMissing(runId: string, job: string): BakeoffError {
  return new BakeoffError({
    code: 'record-missing',
    message: `run ${runId} has no record of job ${job}`,
    remedy: 'Start the run anew; its records were deleted or never written.',
    kind: 'internal',
  });
}
