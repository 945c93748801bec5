/**
 * How long a planned job will take, by what the same job took before: same model, package, params, load and suite. Pure; called by
 * `bakeoff plan`, which reads the earlier records.
 */
import { canonicalJson } from './canonical-json.ts';
import type { Job, JobRecord, StageRecord } from './job.ts';

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

/** `earlier` newest first; the first that fits is taken. */
export function forecastJob(
  planned: { readonly job: Job; readonly stages: readonly string[]; readonly suiteDigest: string },
  earlier: readonly EarlierJob[],
): JobForecast {
  const { job, stages, suiteDigest } = planned;
  const samples = job.itemCount * job.repeats;
  const load = canonicalJson(job.load);
  for (const { record, job: before, suiteDigest: digest } of earlier) {
    if (record.jobId !== job.jobId || digest !== suiteDigest || canonicalJson(before.load) !== load) continue;
    const parts = stages.filter((name) => name !== 'score').map((name) => stageMs(record, name, samples));
    if (!parts.includes(null)) return { ms: parts.reduce<number>((sum, ms) => sum + (ms ?? 0), 0), fromRunId: record.runId };
  }
  return { ms: null, fromRunId: null };
}

/** Null unless the stage went through all its samples. */
function stageMs(record: JobRecord, name: string, samples: number): number | null {
  const stage = record.stages.find((candidate) => candidate.name === name);
  const done = stage === undefined ? 0 : doneSamples(stage);
  if (done === 0) return null;
  let ms = 0;
  for (const task of record.tasks.filter((candidate) => candidate.stage === name)) {
    for (const [phase, spentMs] of Object.entries(task.phasesMs)) {
      if (UNCOUNTED_PHASES.has(phase)) continue;
      ms += SCALING_PHASES.has(phase) ? (spentMs * samples) / done : spentMs;
    }
  }
  return ms;
}

function doneSamples({ outcome }: StageRecord): number {
  return outcome === null || outcome.stopped !== null ? 0 : outcome.succeeded + outcome.failed;
}
