/**
 * The driver's side of the job record: claiming its attempt, and writing how it ended. Every write is conditional on the attempt
 * still being this driver's, so that an old driver can change nothing. Called by run-driver.ts alone.
 */
import { boundJobRecord } from '../core/bound-job-record.ts';
import type { JobRecord, StageRecord } from '../core/job.ts';
import type { RunStore } from '../core/ports.ts';

/** Others write the same record (Advance, a cancel); between two reads one of them wins. */
const WRITE_TRIES = 20;

export interface AttemptName {
  readonly runId: string;
  readonly jobId: string;
  readonly stage: string;
  readonly attempt: number;
  readonly taskId: string;
}

export interface AttemptRecord {
  /** The stage as claimed, or null when the attempt is not current or another driver has it. */
  readonly claim: () => Promise<StageRecord | null>;
  /** False, unwritten, when the attempt is no longer this driver's. */
  readonly amend: (change: (stage: StageRecord) => StageRecord) => Promise<boolean>;
  readonly isOurs: () => Promise<boolean>;
  readonly isCancelled: () => Promise<boolean>;
}

/** A claim writes only where nobody else has one; later writes only while the attempt is still this driver's. */
export function attemptRecord(runs: RunStore, name: AttemptName): AttemptRecord {
  const isOurs = (stage: StageRecord | undefined): stage is StageRecord => stage?.attempt === name.attempt && stage.claim === name.taskId;
  const read = async (): Promise<{ record: JobRecord; stage: StageRecord } | null> => {
    const record = await runs.getJob(name.runId, name.jobId);
    const stage = record?.stages.find((candidate) => candidate.name === name.stage);
    return record === null || stage === undefined ? null : { record, stage };
  };
  const write = async (
    allowed: (stage: StageRecord) => boolean,
    change: (stage: StageRecord) => StageRecord,
  ): Promise<StageRecord | null> => {
    for (let tries = 0; tries < WRITE_TRIES; tries += 1) {
      const current = await read();
      if (current === null || !allowed(current.stage)) return null;
      const changed = change(current.stage);
      const stages = current.record.stages.map((stage) => (stage === current.stage ? changed : stage));
      // Thousands of samples in flight may all be suspects: what a table would not take would cost the whole attempt.
      const record = boundJobRecord({ ...current.record, version: current.record.version + 1, stages });
      if (await runs.replaceJob(record)) return changed;
    }
    throw new Error(`the record of job ${name.jobId} changed ${WRITE_TRIES} times while it was written`);
  };
  return {
    claim: () =>
      write(
        (stage) => stage.attempt === name.attempt && (stage.claim === null || stage.claim === name.taskId) && isOpen(stage),
        (stage) => ({ ...stage, claim: name.taskId, status: 'running' }),
      ),
    amend: async (change) => (await write(isOurs, change)) !== null,
    isOurs: async () => isOurs((await read())?.stage),
    isCancelled: async () => (await runs.getRun(name.runId))?.cancelRequested ?? false,
  };
}

/** A finished stage is never re-run. */
function isOpen(stage: StageRecord): boolean {
  return stage.status === 'pending' || stage.status === 'running';
}
