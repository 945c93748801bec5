/**
 * Which job an ordinal stands for, without reading a plan of ten thousand jobs ten thousand times: lines of one width, of which one is read.
 * Plan writes them; Advance and Score read one each.
 */
import { BakeoffError } from '../core/errors.ts';
import { ID_PATTERN } from '../core/ids.ts';
import { planSchema } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';
import { readJsonObject } from './read-json-object.ts';

/** An id has at most 64 characters; a newline ends the line. */
const LINE_BYTES = 65;

export function ordinalLines(jobIds: readonly string[]): string {
  return jobIds.map((jobId) => `${jobId.padEnd(LINE_BYTES - 1)}\n`).join('');
}

/** Throws `record-missing` where the run has no job of that ordinal. */
export async function jobIdAt(objects: ObjectStore, runId: string, ordinal: number): Promise<string> {
  const jobId = (await lineAt(objects, runId, ordinal)) ?? (await jobIdOfPlan(objects, runId, ordinal));
  if (jobId !== undefined && ID_PATTERN.test(jobId)) return jobId;
  throw recordMissing(runId, `number ${ordinal}`);
}

/** Ids of at most `count` jobs from an ordinal on; null where the run is not planned, or was planned by an earlier version. */
export async function jobIdsFrom(objects: ObjectStore, runId: string, ordinal: number, count: number): Promise<string[] | null> {
  const range = { startByte: ordinal * LINE_BYTES, endByte: (ordinal + count) * LINE_BYTES };
  const parts: Uint8Array[] = [];
  try {
    for await (const part of objects.read(keys.ordinals(runId), range)) parts.push(part);
  } catch (error) {
    if (error instanceof BakeoffError && error.code === 'object-missing') return null;
    throw error;
  }
  const lines = Buffer.concat(parts).toString('utf8').split('\n');
  return lines.map((line) => line.trimEnd()).filter((line) => line !== '');
}

async function lineAt(objects: ObjectStore, runId: string, ordinal: number): Promise<string | null> {
  return (await jobIdsFrom(objects, runId, ordinal, 1))?.[0] ?? null;
}

async function jobIdOfPlan(objects: ObjectStore, runId: string, ordinal: number): Promise<string | undefined> {
  return (await readJsonObject(objects, keys.plan(runId), planSchema)).jobs[ordinal]?.jobId;
}

export function recordMissing(runId: string, job: string): BakeoffError {
  return new BakeoffError({
    code: 'record-missing',
    message: `run ${runId} has no record of job ${job}`,
    remedy: 'Start the run anew; its records were deleted or never written.',
    kind: 'internal',
  });
}
