/** The runs that a run was judged against, with everything that makes them stale: told beside the verdict, never part of it. Called by judge-run.ts. */
import type { UsedBaseline } from '../core/gates/gate-verdict.ts';
import type { RunRecord } from '../core/job.ts';
import { identityWarnings } from './identity-warnings.ts';
import { type GateCase, isUnreadable, type JudgeContext, jobAt } from './judge-context.ts';

const OLD_DAYS = 30;
const DAY_MS = 86_400_000;

/** Each run once. */
export async function usedBaselines(cases: readonly GateCase[], context: JudgeContext): Promise<UsedBaseline[]> {
  const found = cases.flatMap(({ job, baseline }) => (baseline?.found === true ? [{ job, baseline }] : []));
  const used: UsedBaseline[] = [];
  for (const [runId, group] of Map.groupBy(found, ({ baseline }) => baseline.run.runId)) {
    const other = group[0]?.baseline.run;
    if (other === undefined) continue;
    const jobs = new Map(group.map(({ job, baseline }) => [job.jobId, baseline.job.jobId]));
    const ageDays = (context.run.createdAtMs - other.createdAtMs) / DAY_MS;
    used.push({ runId, ageDays, warnings: [...ownWarnings(other, ageDays), ...(await differences(other, jobs, context))] });
  }
  return used;
}

/** What is amiss with a baseline, whatever is compared with it. */
function ownWarnings({ state }: RunRecord, ageDays: number): UsedBaseline['warnings'] {
  const old = { code: 'baseline-old', text: `the baseline is more than ${OLD_DAYS} days older`, jobIds: [] };
  const partial = { code: 'baseline-not-whole', text: `the baseline is ${state}: its numbers may be of a part of the samples`, jobIds: [] };
  return [...(ageDays > OLD_DAYS ? [old] : []), ...(state === 'succeeded' ? [] : [partial])];
}

/** Jobs by the run's own id, to that of the baseline. */
async function differences(
  other: RunRecord,
  jobs: ReadonlyMap<string, string>,
  { objects, run, read }: JudgeContext,
): Promise<UsedBaseline['warnings']> {
  const storedA = await read(run.runId);
  try {
    const storedB = await read(other.runId);
    const pairs = [...jobs].map(([a, b]) => ({ a: jobAt(storedA, a), b: jobAt(storedB, b) }));
    return await identityWarnings(objects, { a: run, b: other, storedA, storedB, pairs });
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return [{ code: 'baseline-unreadable', text: `in what else the baseline differs is not known: ${error.message}`, jobIds: [] }];
  }
}
