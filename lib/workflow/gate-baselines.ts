/** Finds what a run is judged against: a named run, or for each job the newest earlier run that has it. Called by judge-run.ts. */
import { jobIdentity } from '../workflow/compare-runs.ts';
import type { LocalStores } from '../compose/local.ts';
import type { RunRecord } from '../core/job.ts';
import type { Report, ReportJob } from '../report/report-model.ts';
import { findRun } from './find-run.ts';
import { readReport } from './print-run.ts';

export type FoundBaseline =
  | { readonly found: true; readonly run: RunRecord; readonly job: ReportJob }
  | { readonly found: false; readonly reason: string };

const MOST_RUNS = 10_000;
/** Earlier runs of a spec are looked through so far back. */
const MOST_EARLIER = 200;

export interface BaselineSearch {
  readonly stores: LocalStores;
  readonly run: RunRecord;
  readonly report: Report;
}

/** The search of one call: reports are read once. `baseline` is a run or `latest`; throws `run-unknown` for one that is not there. */
export function baselineFinder({ stores, run, report }: BaselineSearch): (baseline: string, job: ReportJob) => Promise<FoundBaseline> {
  const reports = new Map<string, Promise<Report | null>>();
  const reportOf = (runId: string): Promise<Report | null> => {
    const known = reports.get(runId) ?? readReport(stores, runId);
    reports.set(runId, known);
    return known;
  };
  const matching = async (runId: string, job: ReportJob): Promise<ReportJob | null> => {
    const jobs = (await reportOf(runId))?.jobs ?? [];
    return jobs.find((other) => other.scores !== null && jobIdentity(other) === jobIdentity(job)) ?? null;
  };
  const ofNamed = async (other: RunRecord, job: ReportJob): Promise<FoundBaseline> => {
    const found = await matching(other.runId, job);
    if (found !== null) return { found: true, run: other, job: found };
    return missing(`run ${other.runId} has no scored job of this model with these params`);
  };
  const named = new Map<string, Promise<RunRecord>>();
  const runOf = (name: string): Promise<RunRecord> => {
    const known = named.get(name) ?? findRun(stores, name);
    named.set(name, known);
    return known;
  };
  let earlier: Promise<RunRecord[]> | null = null;
  return async (baseline, job) => {
    if (baseline !== 'latest') return ofNamed(await runOf(baseline), job);
    earlier ??= stores.runs.listRuns(MOST_RUNS).then((runs) => earlierRuns(runs, run));
    for (const candidate of await earlier) {
      if ((await reportOf(candidate.runId))?.suite.id !== report.suite.id) continue;
      const found = await matching(candidate.runId, job);
      if (found !== null) return { found: true, run: candidate, job: found };
    }
    return missing(`no earlier run of ${run.name} over suite ${report.suite.id} has this job: there is nothing to compare with`);
  };
}

function missing(reason: string): FoundBaseline {
  return { found: false, reason };
}

/** Newest first. */
function earlierRuns(runs: readonly RunRecord[], run: RunRecord): RunRecord[] {
  return runs
    .filter(({ runId, name, createdAtMs }) => runId !== run.runId && name === run.name && createdAtMs < run.createdAtMs)
    .filter(({ state }) => state === 'succeeded' || state === 'incomplete')
    .sort((a, b) => b.createdAtMs - a.createdAtMs)
    .slice(0, MOST_EARLIER);
}
