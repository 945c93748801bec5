/**
 * How far the differences between jobs spread in the newest earlier run of a folder that ranked the same jobs by the same metric over the same
 * suite; for `bakeoff plan`. Opens nothing where nothing has run yet.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openLocalStores } from '../compose/local.ts';
import { type MeasuredSpread, measuredSpread } from '../core/resolution.ts';
import { readReport } from './print-run.ts';

/** Older runs than this many are not asked. */
const RECENT_RUNS = 50;

interface Planned {
  readonly suiteDigest: string;
  readonly metric: string;
  readonly jobIds: ReadonlySet<string>;
}

/** Null where no run tells. A run whose files are gone or broken tells nothing. */
export async function earlierSpread(dir: string, { suiteDigest, metric, jobIds }: Planned): Promise<MeasuredSpread | null> {
  if (!existsSync(join(dir, 'records.sqlite'))) return null;
  const stores = openLocalStores(dir);
  try {
    for (const { runId } of await stores.runs.listRuns(RECENT_RUNS)) {
      const shared = (await stores.runs.listJobs(runId)).filter(({ jobId }) => jobIds.has(jobId));
      const report = shared.length < 2 ? null : await readReport(stores, runId).catch(() => null);
      if (report === null || report.suite.digest !== suiteDigest || report.ranking.metric !== metric) continue;
      const spread = measuredSpread(report.ranking, jobIds, runId);
      if (spread !== null) return spread;
    }
    return null;
  } finally {
    stores.close();
  }
}
