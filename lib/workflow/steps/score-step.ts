/**
 * The Score step: a job's rows become its scores, stored beside them and as aggregates. Idempotent: the same rows give the same
 * bytes. Reads its own job alone, so that ten thousand of them stay linear. A run without rows for a job is scored as such.
 */
import { metricRecordsOf } from '../../core/metric-records.ts';
import { BakeoffError, messageOf } from '../../core/errors.ts';
import type { Failure } from '../../core/failure.ts';
import { keys } from '../../core/object-key.ts';
import type { ObjectStore, RunStore } from '../../core/ports.ts';
import { scoreStoredJob } from '../score-stored-run.ts';
import { readStoredJob } from '../stored-run.ts';
import type { JobInput } from './step-input.ts';

export interface ScoreAnswer {
  readonly kind: 'score';
  /** A job whose rows cannot be read fails alone; the others go on. */
  readonly failure: Failure | null;
}

/** Throws for faults of ours; rows that cannot be read are the answer's failure. */
export async function scoreStep(input: JobInput, ports: { readonly objects: ObjectStore; readonly runs: RunStore }): Promise<ScoreAnswer> {
  const { objects, runs } = ports;
  const { job, scoring } = await readStoredJob(objects, input.run, input.ordinal);
  try {
    const scores = await scoreStoredJob(objects, job, scoring);
    await objects.put(keys.jobScores(input.run, job.jobId), `${JSON.stringify(scores, null, 1)}\n`);
    await runs.putMetrics(input.run, job.jobId, metricRecordsOf(input.run, scores));
    return { kind: 'score', failure: null };
  } catch (error) {
    if (!(error instanceof BakeoffError)) throw error;
    return { kind: 'score', failure: { class: 'infra', code: error.code, message: messageOf(error).slice(0, 4000) } };
  }
}
