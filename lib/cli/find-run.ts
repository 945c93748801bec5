/** Finds the run that a user names: its id, the start of one that is unique, or `latest`. */
import type { LocalStores } from '../compose/local.ts';
import { BakeoffError } from '../core/errors.ts';
import type { RunRecord } from '../core/job.ts';
import { nearestName } from '../core/nearest-name.ts';

/** Throws `run-unknown` with the nearest id. */
export async function findRun(stores: LocalStores, name: string): Promise<RunRecord> {
  const runs = await stores.runs.listRuns(10_000);
  const exact = runs.find((run) => run.runId === name);
  if (exact !== undefined) return exact;
  if (name === 'latest' && runs[0] !== undefined) return runs[0];
  const begun = name === '' ? [] : runs.filter((run) => run.runId.startsWith(name));
  if (begun.length === 1 && begun[0] !== undefined) return begun[0];
  const nearest = nearestName(
    name,
    runs.map((run) => run.runId),
  );
  const hint = begun.length > 1 ? `; ${begun.length} runs begin so` : nearest === null ? '' : `; did you mean ${nearest}?`;
  throw new BakeoffError({
    code: 'run-unknown',
    message: `there is no run ${JSON.stringify(name.slice(0, 80))} in ${stores.folder}${hint}`,
    remedy: 'Name a run that `bakeoff list` shows, or the folder with --dir.',
  });
}
