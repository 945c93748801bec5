/**
 * Removes the runs of a folder: records, rows, outputs and reports. Only for `bakeoff clean --runs --yes`.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cleaned, removeTree } from '../adapters/local/process/clean-cache.ts';
import { openLocalStores } from './local.ts';
import { ownerIsAlive } from './run-owner.ts';

/** What lies in the folder of runs; nothing else in it is touched. */
const OURS = /^(runs|cache|\.aside|tasks|scratch|records\.sqlite(-wal|-shm)?)$/;
const MOST_RUNS = 1_000_000;

/** Removes nothing while any run of the folder is being driven: those are returned as in use. */
export async function removeRuns(dir: string): Promise<Cleaned> {
  if (!existsSync(join(dir, 'records.sqlite'))) return { removed: [], inUse: [], freedBytes: 0 };
  const stores = openLocalStores(dir);
  const runs = await stores.runs.listRuns(MOST_RUNS);
  stores.close();
  const live = runs.filter(({ owner }) => owner !== null && ownerIsAlive(owner));
  if (live.length > 0) return { removed: [], inUse: live.map(({ runId }) => join(dir, 'runs', runId)), freedBytes: 0 };
  const removed = (await readdir(dir)).filter((name) => OURS.test(name)).map((name) => join(dir, name));
  let freedBytes = 0;
  for (const path of removed) freedBytes += await removeTree(path);
  return { removed, inUse: [], freedBytes };
}
