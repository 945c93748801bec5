/** What judging a run hands around: its gates job by job, the stored runs behind them, and what counts as unreadable. Used by judge-run.ts. */
import { BakeoffError } from '../core/errors.ts';
import type { Gate } from '../core/gates/gate-rule.ts';
import type { Job, RunRecord } from '../core/job.ts';
import type { ReportJob } from '../report/report-model.ts';
import type { BaselinePorts, FoundBaseline } from './gate-baselines.ts';
import { readStoredRun, type StoredRun } from './stored-run.ts';

/** A gate over a job, with what it is judged against. */
export interface GateCase {
  readonly gate: Gate;
  readonly job: ReportJob;
  readonly baseline: FoundBaseline | null;
}

export interface JudgeContext extends BaselinePorts {
  readonly run: RunRecord;
  /** How many tests of significance hold together. */
  readonly tests: number;
  readonly read: (runId: string) => Promise<StoredRun>;
}

/** Each stored run is read once. */
export function runReader({ objects }: BaselinePorts): JudgeContext['read'] {
  const stored = new Map<string, Promise<StoredRun>>();
  return (runId) => {
    const reading = stored.get(runId) ?? readStoredRun(objects, runId);
    stored.set(runId, reading);
    return reading;
  };
}

const UNREADABLE: ReadonlySet<string> = new Set(['object-missing', 'object-corrupt', 'corrupt-row', 'job-not-planned', 'plan-empty']);

/** Something of a run is gone or torn: that fails a gate, and never the report of the run that it belongs to. */
export function isUnreadable(error: unknown): error is BakeoffError {
  return error instanceof BakeoffError && UNREADABLE.has(error.code);
}

/** Throws `job-not-planned`. */
export function jobAt({ jobs, plan }: StoredRun, jobId: string): Job {
  const job = jobs.find((candidate) => candidate.jobId === jobId);
  if (job !== undefined) return job;
  throw new BakeoffError({
    code: 'job-not-planned',
    message: `the report of run ${plan.runId} has a job ${jobId} that its plan has not`,
    remedy: 'Write the report again: bakeoff report RUN.',
    kind: 'environment',
  });
}
