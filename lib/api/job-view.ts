/** A job as its routes tell it: the record, its frozen input, its last beat and its numbers as one. Used by the routes of runs and jobs. */
import type { z } from 'zod';
import { type Beat, type Job, type JobRecord, jobSchema, type MetricRecord } from '../core/job.ts';
import { metricRecordsOf } from '../core/metric-records.ts';
import { keys } from '../core/object-key.ts';
import type { ApiPorts } from './ports.ts';
import type { JobSummary, jobDetailSchema } from './schemas/job.ts';
import { jobScoresSchema } from '../core/scores.ts';
import { readIfStored } from '../workflow/stored-objects.ts';

function samplesOf(record: JobRecord): JobSummary['samples'] {
  const outcome = record.stages.find(({ name }) => name === 'infer')?.outcome ?? null;
  return outcome === null ? null : { planned: outcome.planned, succeeded: outcome.succeeded, failed: outcome.failed };
}

/** A beat of an earlier attempt says nothing of this one; a job at its end makes no progress. */
function progressOf(record: JobRecord, beat: Beat | undefined): JobSummary['progress'] {
  if (record.state !== 'running' || beat === undefined) return null;
  const stage = record.stages.find(({ name }) => name === beat.stage);
  if (stage === undefined || stage.status !== 'running' || stage.attempt !== beat.attempt) return null;
  const { runId: _run, jobId: _job, ...progress } = beat;
  return progress;
}

function headOf(record: JobRecord, job: Job | null, beat: Beat | undefined) {
  return {
    runId: record.runId,
    jobId: record.jobId,
    ordinal: record.ordinal,
    state: record.state,
    model: job?.model ?? null,
    params: job?.params ?? null,
    samples: samplesOf(record),
    progress: progressOf(record, beat),
    failure: record.failure,
  };
}

/**
 * Some jobs of one run, in their order. `isWhole`: they are all that it has; else their numbers are read job by job, since those of all
 * would be too many to read for one page. Only what runs has a beat to tell.
 */
export async function jobSummaries(records: readonly JobRecord[], isWhole: boolean, runId: string, ports: ApiPorts): Promise<JobSummary[]> {
  if (records.length === 0) return [];
  const [beats, metrics] = await Promise.all([
    records.some(({ state }) => state === 'running') ? ports.runs.listBeats(runId) : [],
    isWhole ? ports.runs.listMetrics(runId) : metricsOfJobs(records, ports),
  ]);
  const beatOf = new Map(beats.map((beat) => [beat.jobId, beat]));
  const metricsOf = Map.groupBy(metrics, ({ jobId }) => jobId);
  return Promise.all(
    records.map(async (record) => {
      const job = await readIfStored(ports.objects, keys.job(runId, record.jobId), jobSchema);
      return { ...headOf(record, job, beatOf.get(record.jobId)), metrics: (metricsOf.get(record.jobId) ?? []).map(metricView) };
    }),
  );
}

/** The same records as the store's: the score step makes them from these very objects. */
async function metricsOfJobs(records: readonly JobRecord[], { objects }: ApiPorts): Promise<MetricRecord[]> {
  const metrics = records.map(async ({ runId, jobId }) => {
    const scores = await readIfStored(objects, keys.jobScores(runId, jobId), jobScoresSchema);
    return scores === null ? [] : metricRecordsOf(runId, scores).sort((a, b) => (a.name < b.name ? -1 : 1));
  });
  return (await Promise.all(metrics)).flat();
}

function metricView({ name, unit, value, reason, n }: MetricRecord): JobSummary['metrics'][number] {
  return { name, unit, value, reason, n };
}

/** One job, whole. */
export async function jobDetail(record: JobRecord, ports: ApiPorts): Promise<z.input<typeof jobDetailSchema>> {
  const { runId, jobId } = record;
  const [job, scores, beats] = await Promise.all([
    readIfStored(ports.objects, keys.job(runId, jobId), jobSchema),
    readIfStored(ports.objects, keys.jobScores(runId, jobId), jobScoresSchema),
    ports.runs.listBeats(runId),
  ]);
  return {
    ...headOf(
      record,
      job,
      beats.find((beat) => beat.jobId === jobId),
    ),
    task: job?.task ?? null,
    itemCount: job?.itemCount ?? null,
    repeats: job?.repeats ?? null,
    load: job?.load ?? null,
    stages: record.stages.map(({ name, status, attempt, waitedMs, outcome, failure }) => {
      return { name, status, attempts: attempt, waitedMs, stopped: outcome?.stopped ?? null, failure };
    }),
    tasks: record.tasks.map(({ stage, attempt, startedAtMs, endedAtMs, phasesMs, driverExitCode, server, error }) => ({
      ...{ stage, attempt, startedAtMs, endedAtMs, phasesMs, driverExitCode, error },
      ...{ serverExitCode: server.exitCode, peakRssMiB: server.peakRssMiB, cpuSeconds: server.cpuSeconds },
    })),
    scores,
  };
}
