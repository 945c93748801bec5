/**
 * Finds what a run is judged against: a named run, the one of an earlier verdict, or for each job the newest earlier run that has it.
 * Called by judge-run.ts; what is not found is an answer with its reason, never an error.
 */
import { BakeoffError } from '../core/errors.ts';
import type { GateVerdict } from '../core/gates/gate-verdict.ts';
import type { RunRecord } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { ObjectStore, RunStore } from '../core/ports.ts';
import { type Report, type ReportJob, reportSchema } from '../report/report-model.ts';
import { jobIdentity } from './compare-runs.ts';
import { readIfStored } from './stored-objects.ts';

export type FoundBaseline =
  | { readonly found: true; readonly run: RunRecord; readonly job: ReportJob }
  | { readonly found: false; readonly reason: string };

export interface BaselinePorts {
  readonly objects: ObjectStore;
  readonly runs: Pick<RunStore, 'getRun' | 'listRuns'>;
}

/** Runs are looked through so far back: a few are enough most of the time. */
const RUNS_LISTED = [500, 10_000];
/** Earlier runs of a spec whose reports are read, at most. */
const MOST_EARLIER = 50;

export interface BaselineSearch {
  readonly run: RunRecord;
  readonly report: Report;
  /** What an earlier verdict on this run was made against: the same is taken again, so that another summing up has the same answer. */
  readonly earlierVerdict: GateVerdict | null;
}

/** The search of one call: runs are listed and reports are read once. `baseline` is a run, the start of its id, or `latest`. */
export function baselineFinder(
  { run, report, earlierVerdict }: BaselineSearch,
  ports: BaselinePorts,
): (baseline: string, job: ReportJob) => Promise<FoundBaseline> {
  const reportOf = reportReader(ports);
  const list = runLister(ports);
  const inRun = async (other: RunRecord, job: ReportJob): Promise<FoundBaseline | null> => {
    const found = (await reportOf(other.runId))?.jobs.find((each) => each.scores !== null && jobIdentity(each) === jobIdentity(job));
    return found === undefined ? null : { found: true, run: other, job: found };
  };
  const ofNamed = async (name: string, job: ReportJob): Promise<FoundBaseline> => {
    const other = await namedRun(name, list, ports);
    if (typeof other === 'string') return missing(other);
    if (other.runId === run.runId) return missing('a run is no baseline of itself: name another one');
    return (await inRun(other, job)) ?? missing(`run ${other.runId} has no scored job of this model with these params`);
  };
  const ofLatest = async (job: ReportJob): Promise<FoundBaseline> => {
    for (const most of RUNS_LISTED) {
      const listed = await list(most);
      for (const candidate of earlierRuns(listed, run)) {
        if ((await reportOf(candidate.runId))?.suite.id !== report.suite.id) continue;
        const found = await inRun(candidate, job);
        if (found !== null) return found;
      }
      if (listed.length < most) break;
    }
    return missing(`no earlier run of ${run.name} over suite ${report.suite.id} has this job: there is nothing to compare with`);
  };
  return async (baseline, job) => {
    const again = usedFor(earlierVerdict, baseline, job);
    if (again !== null && (await ports.runs.getRun(again)) !== null) return ofNamed(again, job);
    return baseline === 'latest' ? ofLatest(job) : ofNamed(baseline, job);
  };
}

function missing(reason: string): FoundBaseline {
  return { found: false, reason };
}

/** The run that an earlier verdict took for this baseline and job; null where it found none. */
function usedFor(verdict: GateVerdict | null, baseline: string, job: ReportJob): string | null {
  const same = verdict?.judgements.find(
    ({ gate, jobId, baseline: used }) => gate.kind === 'regression' && gate.baseline === baseline && jobId === job.jobId && used !== null,
  );
  return same?.baseline?.runId ?? null;
}

/** Each list is read once; newest first. */
function runLister({ runs }: BaselinePorts): (most: number) => Promise<readonly RunRecord[]> {
  const lists = new Map<number, Promise<readonly RunRecord[]>>();
  return (most) => {
    const list = lists.get(most) ?? runs.listRuns(most);
    lists.set(most, list);
    return list;
  };
}

/** What is kept of a report: its examples may be many megabytes of media. */
type Judgeable = Pick<Report, 'suite' | 'jobs'>;

/** Reports are read once; one that is torn, or in the form of another version, counts as none. */
function reportReader({ objects }: BaselinePorts): (runId: string) => Promise<Judgeable | null> {
  const reports = new Map<string, Promise<Judgeable | null>>();
  const read = async (runId: string): Promise<Judgeable | null> => {
    try {
      const report = await readIfStored(objects, keys.report(runId, 'report.json'), reportSchema);
      return report === null ? null : { suite: report.suite, jobs: report.jobs };
    } catch (error) {
      if (error instanceof BakeoffError && error.code === 'object-corrupt') return null;
      throw error;
    }
  };
  return (runId) => {
    const report = reports.get(runId) ?? read(runId);
    reports.set(runId, report);
    return report;
  };
}

/** By its id, or by the start of it where that is unique; the reason where there is none. */
async function namedRun(
  name: string,
  list: (most: number) => Promise<readonly RunRecord[]>,
  { runs }: BaselinePorts,
): Promise<RunRecord | string> {
  const exact = await runs.getRun(name);
  if (exact !== null) return exact;
  const begun = (await list(Math.max(...RUNS_LISTED))).filter(({ runId }) => runId.startsWith(name));
  const [only] = begun;
  if (only !== undefined && begun.length === 1) return only;
  return begun.length === 0 ? `there is no run ${name} to compare with` : `${begun.length} runs begin with ${name}: name one of them`;
}

/** Newest first. */
function earlierRuns(runs: readonly RunRecord[], run: RunRecord): RunRecord[] {
  return runs
    .filter(({ runId, name, createdAtMs }) => runId !== run.runId && name === run.name && createdAtMs < run.createdAtMs)
    .filter(({ state }) => state === 'succeeded' || state === 'incomplete')
    .sort((a, b) => b.createdAtMs - a.createdAtMs)
    .slice(0, MOST_EARLIER);
}
