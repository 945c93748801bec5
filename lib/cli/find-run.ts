/** Finds the run that a user names: its id, the start of one that is unique, or `latest`. Used by show, report and rescore. */
import { hasLocalRuns, type LocalStores, openLocalStores } from '../compose/local.ts';
import { BakeoffError } from '../core/errors.ts';
import type { RunRecord } from '../core/job.ts';
import { nearestName } from '../core/nearest-name.ts';

/** Opens a folder that has runs; throws `run-unknown` for one that has none, and does not make it. */
export function openRuns(dir: string): LocalStores {
  if (!hasLocalRuns(dir)) throw noRuns(dir);
  return openLocalStores(dir);
}

/** Throws `run-unknown` with the nearest id. */
export async function findRun(stores: LocalStores, name: string): Promise<RunRecord> {
  const runs = await stores.runs.listRuns(10_000);
  if (runs.length === 0) throw noRuns(stores.folder);
  return chooseRun(runs, name, stores.folder, 'Name a run that `bakeoff list` shows, or the folder with --dir.');
}

/** Of runs, newest first, the one that is meant: by its id, the start of its id where that is unique, or `latest`. Throws `run-unknown`. */
export function chooseRun<T extends { readonly runId: string }>(runs: readonly T[], name: string, place: string, remedy: string): T {
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
    message: `there is no run ${JSON.stringify(name.slice(0, 80))} in ${place}${hint}`,
    remedy,
  });
}

function noRuns(folder: string): BakeoffError {
  return new BakeoffError({
    code: 'run-unknown',
    message: `there are no runs in ${folder}`,
    remedy: 'Start one, for example `bakeoff run examples/diabetes.yaml`, or name the folder of your runs with --dir.',
  });
}
