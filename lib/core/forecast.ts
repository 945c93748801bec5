/**
 * How long a planned job will take, by what the same job took before: same model, package, params, load and suite. A load that follows a
 * schedule takes as long as its schedule, whatever it took before. Pure; called by `bakeoff plan`, which reads the earlier records.
 */
import type { Job, JobRecord, StageRecord } from './job.ts';
import { isOpenLoop, isSameLoad, plannedSamples } from './load/load-kind.ts';

/** A job of an earlier run with what its record does not hold. */
export interface EarlierJob {
  readonly record: JobRecord;
  readonly job: Pick<Job, 'load'>;
  readonly suiteDigest: string;
}

export interface JobForecast {
  /** Wall time without installs, milliseconds; null when no earlier run tells. */
  readonly ms: number | null;
  readonly fromRunId: string | null;
}

/** The phases that grow with the number of samples. */
const SCALING_PHASES = new Set(['infer', 'evaluate']);
/** Environments are kept: an install is paid once. */
const UNCOUNTED_PHASES = new Set(['install']);

interface PlannedJob {
  readonly job: Job;
  readonly stages: readonly string[];
  readonly suiteDigest: string;
  /** When the last request of an open loop is due; null for other loads, and where it was not looked at. */
  readonly lastDueMs?: number | null;
}

/** `earlier` newest first; the first that fits is taken. */
export function forecastJob(planned: PlannedJob, earlier: readonly EarlierJob[]): JobForecast {
  const { job, stages, suiteDigest } = planned;
  for (const before of earlier) {
    const { record } = before;
    if (record.jobId !== job.jobId || before.suiteDigest !== suiteDigest) continue;
    if (!isSameLoad(before.job.load, job.load) && !hasSchedule(planned)) continue;
    const parts = stages.filter((name) => name !== 'score').map((name) => stageMs(record, name, planned));
    if (!parts.includes(null)) return { ms: parts.reduce<number>((sum, ms) => sum + (ms ?? 0), 0), fromRunId: record.runId };
  }
  return { ms: null, fromRunId: null };
}

/** What an open loop takes does not depend on the load that was there before. */
function hasSchedule({ job, lastDueMs }: PlannedJob): boolean {
  return isOpenLoop(job.load) && typeof lastDueMs === 'number';
}

/** Null unless the stage went through all its samples, or all that were due. */
function stageMs(record: JobRecord, name: string, planned: PlannedJob): number | null {
  const stage = record.stages.find((candidate) => candidate.name === name);
  const done = stage === undefined ? 0 : doneSamples(stage);
  if (done === 0) return null;
  const samples = plannedSamples(planned.job.load, planned.job.itemCount * planned.job.repeats);
  let [fixed, scaling] = [0, 0];
  for (const task of record.tasks.filter((candidate) => candidate.stage === name)) {
    for (const [phase, spentMs] of Object.entries(task.phasesMs)) {
      if (SCALING_PHASES.has(phase)) scaling += (spentMs * samples) / done;
      else if (!UNCOUNTED_PHASES.has(phase)) fixed += spentMs;
    }
  }
  return fixed + (name === 'infer' ? loadMs(planned, scaling) : scaling);
}

/** A schedule takes its time, and a duration bounds any other load; `grownMs`: by the time that so many samples took before. */
function loadMs(planned: PlannedJob, grownMs: number): number {
  const { load } = planned.job;
  if (hasSchedule(planned)) return planned.lastDueMs ?? 0;
  return load.mode === 'closed' && load.durationMs !== undefined ? Math.min(grownMs, load.durationMs) : grownMs;
}

function doneSamples({ outcome }: StageRecord): number {
  return outcome === null || (outcome.stopped !== null && outcome.stopped !== 'duration') ? 0 : outcome.succeeded + outcome.failed;
}
