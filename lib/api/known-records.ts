/** Records that a path names, or the problem that they are not there. Used by the routes. */
import type { JobRecord, RunRecord } from '../core/job.ts';
import type { ApiPorts } from './ports.ts';
import { problemOf } from './problems.ts';

/** Throws `run-missing`. */
export async function knownRun(ports: Pick<ApiPorts, 'runs'>, runId: string): Promise<RunRecord> {
  const run = await ports.runs.getRun(runId);
  if (run === null) throw problemOf('run-missing', `there is no run ${runId}`, 'Name a run that GET /v1/runs lists.');
  return run;
}

/** Throws `run-missing` and `job-missing`. */
export async function knownJob(ports: Pick<ApiPorts, 'runs'>, runId: string, jobId: string): Promise<JobRecord> {
  const job = await ports.runs.getJob(runId, jobId);
  if (job !== null) return job;
  await knownRun(ports, runId);
  throw problemOf('job-missing', `run ${runId} has no job ${jobId}`, 'Name a job that the listing of the run has.');
}
