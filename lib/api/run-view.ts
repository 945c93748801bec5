/** A run as its routes tell it. Used by the routes of runs. */
import { type JobRecord, type Plan, planSchema, type RunRecord } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import { readProblems } from '../workflow/stored-problems.ts';
import { jobSummaries } from './job-view.ts';
import type { ApiPorts } from './ports.ts';
import { runCost } from './run-cost.ts';
import { MAX_JOBS_OF_RUN, type Run, type RunSummary } from './schemas/run.ts';
import { objectExists, readIfStored } from '../workflow/stored-objects.ts';

/** What a record tells by itself. Who drives it stays inside. */
export function runSummary(run: RunRecord, ports: Pick<ApiPorts, 'isInterrupted'>): RunSummary {
  const { runId, name, state, start, createdAtMs, updatedAtMs, finishedAtMs, cancelRequested, specSha256, failure } = run;
  const times = { createdAtMs, updatedAtMs, finishedAtMs };
  return { runId, name, state, start, ...times, cancelRequested, interrupted: ports.isInterrupted(run), specSha256, failure };
}

export const runPath = (runId: string): string => `/v1/runs/${runId}`;

/** Of a run with more jobs than its answer holds: first those that run, since they are what a watcher wants to see; by ordinal. */
function jobsToShow(records: readonly JobRecord[]): JobRecord[] {
  if (records.length <= MAX_JOBS_OF_RUN) return [...records];
  const running = records.filter(({ state }) => state === 'running');
  const others = records.filter(({ state }) => state !== 'running');
  return [...running, ...others].slice(0, MAX_JOBS_OF_RUN).sort((a, b) => a.ordinal - b.ordinal);
}

/** The run with some of its jobs, its numbers and its cost. */
export async function runDetail(run: RunRecord, ports: ApiPorts, link: (path: string) => string): Promise<Run> {
  const { runId } = run;
  const [plan, records, problems, hasReport] = await Promise.all([
    readIfStored(ports.objects, keys.plan(runId), planSchema),
    ports.runs.listJobs(runId),
    run.state === 'rejected' ? readProblems(ports.objects, runId) : null,
    objectExists(ports.objects, keys.report(runId, 'index.html')),
  ]);
  const shown = jobsToShow(records);
  const jobCounts: Record<string, number> = {};
  for (const { state } of records) jobCounts[state] = (jobCounts[state] ?? 0) + 1;
  return {
    ...runSummary(run, ports),
    plan: plan === null ? null : planView(plan),
    jobCounts,
    jobs: await jobSummaries(shown, shown.length === records.length, runId, ports),
    cost: await runCost(run, records, ports),
    problems: problems === null ? null : [...problems],
    links: {
      self: link(runPath(runId)),
      jobs: link(`${runPath(runId)}/jobs`),
      report: hasReport ? link(`${runPath(runId)}/report`) : null,
    },
  };
}

function planView({ suite, itemCount, repeats, jobs, softwareVersion }: Plan): Run['plan'] {
  const { id, version, digest, title, task } = suite;
  return { suite: { id, version, digest, title, task }, itemCount, repeats, jobs: jobs.length, softwareVersion };
}
