/**
 * The Advance step: reads a job's record, lets lib/core/advance.ts decide, writes the record back conditionally, and answers
 * with the next action. Losing a race means reading again: whoever comes second decides on what the first has written.
 */
import { type Action, advance, DEFAULT_ADVANCE_LIMITS, hasBegun, type StepResult } from '../../core/advance.ts';
import { boundJobRecord } from '../../core/bound-job-record.ts';
import { jobCost } from '../../core/cost.ts';
import { BakeoffError } from '../../core/errors.ts';
import { type Job, type JobRecord, jobSchema, type RunRecord } from '../../core/job.ts';
import { keys } from '../../core/object-key.ts';
import type { BudgetStore, ObjectStore, RunStore, TaskStopper } from '../../core/ports.ts';
import { type ClusterResultPorts, clusterTask, readClusterResult } from '../cluster-task.ts';
import { evaluationReservation, evaluationShare } from '../evaluation-budget.ts';
import { jobIdAt, recordMissing } from '../job-ordinals.ts';
import { hasMadeRows } from '../list-parts.ts';
import { readPlacements } from '../place-run.ts';
import { readJsonObject } from '../read-json-object.ts';
import { type AdvanceInput, stepResultSchema } from './step-input.ts';

/** Flat, because the workflow's Choice and Wait states read it. */
export interface AdvanceAnswer {
  readonly action: Action['type'];
  readonly waitSeconds: number;
  /** Bounds "Run task": capacity, pull, `limits.job` and stop together. */
  readonly timeoutSeconds: number;
  /** On one machine what names the attempt; on a cluster all that Run task's parameters take, as text. */
  readonly task: Readonly<Record<string, string | number>> | null;
}

export interface AdvancePorts {
  readonly objects: ObjectStore;
  readonly runs: RunStore;
  readonly compute: Pick<TaskStopper, 'stopTask'>;
  /** Where tasks run on a cluster; absent on one machine. */
  readonly cluster?: ClusterResultPorts & { readonly stopper: TaskStopper; readonly budget: BudgetStore };
}

/** Beyond the job's own limit: install or pull, waiting for capacity, and the stop. */
const TASK_MARGIN_SECONDS = 2 * 3600;
const CONTENTION_TRIES = 20;

/** Throws `record-missing` and `record-contended`; never for what a task did. */
export async function advanceStep(input: AdvanceInput, ports: AdvancePorts): Promise<AdvanceAnswer> {
  const { objects, runs } = ports;
  const jobId = await jobIdAt(objects, input.run, input.ordinal);
  const job = await readJsonObject(objects, keys.job(input.run, jobId), jobSchema);
  for (let tryNumber = 0; tryNumber < CONTENTION_TRIES; tryNumber += 1) {
    const record = await runs.getJob(input.run, jobId);
    const run = await runs.getRun(input.run);
    if (record === null || run === null) throw recordMissing(input.run, jobId);
    const { result, mayLive, endedTaskId } = await resultOf(input, record, job, ports);
    const { cancelRequested } = run;
    const onlyEvaluates = run.scope === 'evaluate';
    const budgetExceeded = await isBudgetExceeded(job, record, run, input.start, ports);
    const context = { start: input.start, cancelRequested, budgetExceeded, onlyEvaluates };
    const { record: advanced, action } = advance(record, result, context, DEFAULT_ADVANCE_LIMITS);
    if (!(await runs.replaceJob({ ...boundJobRecord(advanced), version: record.version + 1 }))) continue;
    // After the write: a task that begins in between finds that its attempt is not current.
    if (mayLive) await ports.cluster?.stopper.stopTasks({ runId: input.run, jobId });
    else if (action.type === 'run' && action.stopTaskId !== null && action.stopTaskId !== endedTaskId) {
      await ports.compute.stopTask(action.stopTaskId);
    }
    if (action.type === 'done') await settleBudget(job, advanced, onlyEvaluates, ports);
    return answerOf(action, job, ports);
  }
  throw new BakeoffError({
    code: 'record-contended',
    message: `the record of job ${jobId} changed under every one of ${CONTENTION_TRIES} tries to advance it`,
    remedy: 'Resume the run; if it happens again, look for a second process that drives the same run.',
    kind: 'internal',
  });
}

interface ReadResult {
  readonly result: StepResult | null;
  /** A task of the job may be alive though the workflow does not wait for it. */
  readonly mayLive: boolean;
  /** The task that is known to have ended. */
  readonly endedTaskId: string | null;
}

/** Only a result that parses is evidence; for the rest (an error that "Run task" caught) the record alone speaks. */
async function resultOf(input: AdvanceInput, record: JobRecord, job: Job, { objects, cluster }: AdvancePorts): Promise<ReadResult> {
  const parsed = stepResultSchema.safeParse(input.result);
  if (parsed.success && parsed.data.kind === 'score') return { result: parsed.data, mayLive: false, endedTaskId: null };
  if (cluster !== undefined) {
    // A resume comes after an execution that was ended from outside: what it had started may go on.
    if (input.result === null) return { result: null, mayLive: input.start > record.start && hasBegun(record), endedTaskId: null };
    return readClusterResult(input.result, record, job, { ...cluster, objects });
  }
  if (!parsed.success || parsed.data.kind !== 'task') return { result: null, mayLive: false, endedTaskId: null };
  const { facts } = parsed.data;
  return { result: { kind: 'task', facts, madeRows: await hasMadeRows(objects, record, facts) }, mayLive: false, endedTaskId: null };
}

/** Asked before the first task of a job, and true again for a job that has its share. */
async function isBudgetExceeded(job: Job, record: JobRecord, run: RunRecord, start: number, ports: AdvancePorts): Promise<boolean> {
  const { cluster, objects } = ports;
  if (cluster === undefined || job.budget === undefined || run.cancelRequested) return false;
  if (run.scope === 'evaluate') {
    const share = evaluationReservation(job, record, start, await readPlacements(objects, job.runId));
    return share !== null && !(await cluster.budget.reserveBudget(share));
  }
  if (hasBegun(record)) return false;
  const { maxUsd, reserveUsd } = job.budget;
  return !(await cluster.budget.reserveBudget({ runId: job.runId, jobId: job.jobId, usd: reserveUsd, maxUsd }));
}

/** What the job did not spend is there for the next one. A job of which an end was never seen keeps its share: what it cost nobody knows. */
async function settleBudget(job: Job, record: JobRecord, onlyEvaluates: boolean, { cluster }: AdvancePorts): Promise<void> {
  const { usd } = jobCost(record);
  if (cluster === undefined || job.budget === undefined || usd === null || !hasBegun(record) || !isEveryEndKnown(record)) return;
  await cluster.budget.settleBudget({ runId: job.runId, jobId: job.jobId, usd });
  if (!onlyEvaluates) return;
  await cluster.budget.settleBudget({ runId: job.runId, jobId: evaluationShare(record.start, record.ordinal), usd: 0 });
}

/** As many tasks that held a machine as there were attempts; what waited for one in vain was none. */
function isEveryEndKnown({ stages, tasks }: JobRecord): boolean {
  const held = tasks.filter(({ where }) => where?.occupied != null);
  return stages.every(({ name, attemptsThisStart }) => {
    const seen = held.filter(({ stage }) => stage === name).reduce((sum, { folded }) => sum + (folded ?? 1), 0);
    return seen >= attemptsThisStart || name === 'score';
  });
}

async function answerOf(action: Action, job: Job, { objects, cluster }: AdvancePorts): Promise<AdvanceAnswer> {
  const timeoutSeconds = Math.ceil((job.limits.jobMs + job.limits.readyMs) / 1000) + TASK_MARGIN_SECONDS;
  const waitSeconds = action.type === 'wait' ? action.seconds : 1;
  if (action.type !== 'run') return { action: action.type, waitSeconds, timeoutSeconds, task: null };
  const request = { runId: job.runId, jobId: job.jobId, stage: action.stage, attempt: action.attempt };
  const task = cluster === undefined ? request : await clusterTask(request, job, objects);
  return { action: action.type, waitSeconds, timeoutSeconds, task };
}
