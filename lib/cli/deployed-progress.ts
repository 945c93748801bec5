/** A run as a deployment tells it, in the form that the progress view draws. Called by watch and show. */
import type { JobSummary } from '../api/schemas/job.ts';
import type { Run } from '../api/schemas/run.ts';
import { jobLabels } from '../report/job-labels.ts';
import type { ProgressJob, ProgressState } from './progress-view.ts';

/** `nowMs` is the server's clock, as its stamps are. A run of many jobs tells the first ones; the counts are those of all. */
export function progressOf(run: Run, nowMs: number, jobs: readonly JobSummary[] = run.jobs): ProgressState {
  const counts = Object.entries(run.jobCounts);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const open = counts.filter(([state]) => state === 'pending' || state === 'running').reduce((sum, [, count]) => sum + count, 0);
  return {
    run: { runId: run.runId, createdAtMs: run.createdAtMs },
    jobs: jobs.map(progressJob),
    beats: jobs.flatMap((job) => (job.progress === null ? [] : [{ ...job.progress, runId: run.runId, jobId: job.jobId }])),
    nowMs: run.finishedAtMs ?? nowMs,
    labels: labelsOf(jobs),
    isInterrupted: run.interrupted,
    counts: { settled: total - open, total },
  };
}

function progressJob({ jobId, state, failure, samples, progress }: JobSummary): ProgressJob {
  const finished =
    samples === null ? [] : [{ name: 'infer', status: 'finished', attempt: 1, outcome: { ...samples, stopped: null } } as const];
  return { jobId, state, failure, stages: [...finished, currentStage(progress, samples !== null)] };
}

/** Without a sign of life the API tells only whether the job has inferred; the stage after that may be waiting for its machine. */
function currentStage(progress: JobSummary['progress'], hasInferred: boolean): ProgressJob['stages'][number] {
  if (progress !== null) return { name: progress.stage, status: 'running', attempt: progress.attempt, outcome: null };
  return { name: hasInferred ? 'infer done' : 'infer', status: hasInferred ? 'pending' : 'running', attempt: 1, outcome: null };
}

/** Names that tell siblings apart, as the report has them; none for a job whose input cannot be read. */
function labelsOf(jobs: readonly JobSummary[]): ReadonlyMap<string, string> {
  const known = jobs.flatMap(({ jobId, model, params }) => (model === null || params === null ? [] : [{ jobId, model, params }]));
  return jobLabels(known);
}
