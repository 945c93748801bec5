/**
 * The times of an open-loop load: drawn again from the published seed, or read from the run's trace. Called by infer-stage.ts before anything
 * is sent.
 */
import { z } from 'zod';
import { canonicalJson, sha256Hex } from '../core/canonical-json.ts';
import { jsonOrNull } from '../core/json-or-null.ts';
import type { Job, OpenLoad } from '../core/job.ts';
import { drawSchedule, scheduleLabel } from '../core/load/schedule.ts';
import type { ObjectStore } from '../core/ports.ts';
import { corrupt } from './read-job.ts';

const traceSchema = z.strictObject({ timesMs: z.array(z.number().nonnegative()) });

/** Milliseconds from the start of the load, ascending, one for each arrival. Throws `job-corrupt` where they are not those of the plan. */
export async function readSchedule(objects: ObjectStore, job: Job, load: OpenLoad): Promise<ArrayLike<number>> {
  const timesMs = load.mode === 'trace' ? await readTrace(objects, load) : drawSchedule(load, load.arrivals, scheduleLabel(job.specSeed));
  if (timesMs.length === load.arrivals) return timesMs;
  throw corrupt('the schedule', `it has ${timesMs.length} arrivals; the job was planned with ${load.arrivals}`);
}

async function readTrace(objects: ObjectStore, load: Extract<OpenLoad, { mode: 'trace' }>): Promise<readonly number[]> {
  const { traceKey, traceSha256 } = load;
  const body = await objects.get(traceKey);
  if (body === null) throw corrupt(traceKey, 'it is missing');
  const parsed = traceSchema.safeParse(jsonOrNull(Buffer.from(body).toString('utf8')));
  if (!parsed.success)
    throw corrupt(traceKey, `${parsed.error.issues[0]?.path.join('.') ?? ''}: ${parsed.error.issues[0]?.message ?? 'invalid'}`);
  const sha256 = sha256Hex(canonicalJson(parsed.data));
  if (sha256 !== traceSha256) throw corrupt(traceKey, `its digest is ${sha256}; the job was planned with ${traceSha256}`);
  const { timesMs } = parsed.data;
  const back = timesMs.findIndex((timeMs, index) => timeMs < (timesMs[index - 1] ?? 0));
  if (back !== -1) throw corrupt(traceKey, `time ${back + 1} lies before the one ahead of it`);
  return timesMs;
}
