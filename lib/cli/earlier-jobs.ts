/** Reads what earlier runs of a folder tell of their jobs, for `bakeoff plan`. Opens nothing where nothing has run yet. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalStores, openLocalStores } from '../compose/local.ts';
import type { EarlierJob } from '../core/forecast.ts';
import { jobSchema, planSchema } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import { readJsonObject } from '../workflow/read-json-object.ts';

/** Older runs than this many are not asked. */
const RECENT_RUNS = 50;

/** Newest run first. A run whose files are gone or broken tells nothing. */
export async function earlierJobs(dir: string, jobIds: ReadonlySet<string>): Promise<EarlierJob[]> {
  if (!existsSync(join(dir, 'records.sqlite'))) return [];
  const stores = openLocalStores(dir);
  try {
    const found: EarlierJob[] = [];
    for (const { runId } of await stores.runs.listRuns(RECENT_RUNS)) {
      found.push(...(await jobsOf(stores, runId, jobIds).catch(() => [])));
    }
    return found;
  } finally {
    stores.close();
  }
}

async function jobsOf({ objects, runs }: LocalStores, runId: string, jobIds: ReadonlySet<string>): Promise<EarlierJob[]> {
  const records = (await runs.listJobs(runId)).filter(({ jobId }) => jobIds.has(jobId));
  if (records.length === 0) return [];
  const plan = await readJsonObject(objects, keys.plan(runId), planSchema);
  return Promise.all(
    records.map(async (record) => {
      const job = await readJsonObject(objects, keys.job(runId, record.jobId), jobSchema);
      return { record, job, suiteDigest: plan.suite.digest };
    }),
  );
}
