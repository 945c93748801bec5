/**
 * A page of a run's jobs by ordinal, read one by one: ten thousand records are not read for every twenty that are shown. Used by the route
 * of a run's jobs.
 */
import type { JobRecord } from '../core/job.ts';
import { jobIdsFrom } from '../workflow/job-ordinals.ts';
import { mapBounded } from '../workflow/map-bounded.ts';
import type { ApiPorts } from './ports.ts';

export interface JobPage {
  readonly records: readonly JobRecord[];
  /** Whether these are all jobs of the run. */
  readonly isWhole: boolean;
  /** Ordinal to go on behind; null at the end. */
  readonly after: number | null;
}

const READS_IN_FLIGHT = 32;

/** Jobs whose record is not there yet (Plan is at work) are left out. Nothing before the run is planned. */
export async function readJobPage(
  ports: Pick<ApiPorts, 'objects' | 'runs'>,
  runId: string,
  after: number | null,
  limit: number,
): Promise<JobPage> {
  const from = after === null ? 0 : after + 1;
  const ids = await jobIdsFrom(ports.objects, runId, from, limit + 1);
  if (ids === null) return listedPage(await ports.runs.listJobs(runId), from, limit);
  const found = await mapBounded(ids.slice(0, limit), READS_IN_FLIGHT, (jobId) => ports.runs.getJob(runId, jobId));
  const isLast = ids.length <= limit;
  return { records: found.filter((record) => record !== null), isWhole: from === 0 && isLast, after: isLast ? null : from + limit - 1 };
}

/** For a run that was planned by an earlier version, without its ordinals beside it. */
function listedPage(all: readonly JobRecord[], from: number, limit: number): JobPage {
  const rest = all.filter(({ ordinal }) => ordinal >= from);
  const records = rest.slice(0, limit);
  return { records, isWhole: records.length === all.length, after: rest.length > limit ? (records.at(-1)?.ordinal ?? null) : null };
}
