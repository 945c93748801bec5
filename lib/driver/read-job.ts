/**
 * Reads the frozen input of a job: `job.json` and the items in order of issue. Also the names that samples and ordinals have.
 */
import { BakeoffError } from '../core/errors.ts';
import { evaluationPassSchema, withPasses } from '../core/evaluation-pass.ts';
import { sampleIdOf } from '../core/ids.ts';
import { type FrozenItem, frozenItemSchema, type Job, jobSchema } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { z } from 'zod';

export interface FrozenJob {
  readonly job: Job;
  /** In order of issue. */
  readonly items: readonly FrozenItem[];
  /** Sent before the load, in this order, and never measured. */
  readonly warmups: readonly FrozenItem[];
}

/** Throws `job-corrupt`, naming the object and what is wrong with it. */
export async function readJob(objects: ObjectStore, runId: string, jobId: string): Promise<FrozenJob> {
  const key = keys.job(runId, jobId);
  const job = await withLaterPasses(objects, parseAs(jobSchema, key, await textOf(objects, key)));
  const items = await readLines(objects, job.itemsKey, frozenItemSchema);
  if (items.length !== job.itemCount) {
    throw corrupt(job.itemsKey, `it has ${items.length} items; the job was planned with ${job.itemCount}`);
  }
  const warmups = job.warmupsKey === undefined ? [] : await readLines(objects, job.warmupsKey, frozenItemSchema);
  return { job, items, warmups };
}

/** Scorers that were added after the run was planned: an evaluate stage of theirs finds them here. */
async function withLaterPasses(objects: ObjectStore, job: Job): Promise<Job> {
  const listed = await objects.list(keys.evaluations(job.runId));
  const passes = await Promise.all(listed.map(async (key) => parseAs(evaluationPassSchema, key, await textOf(objects, key))));
  return withPasses(
    job,
    passes.sort((a, b) => a.n - b.n),
  );
}

/** A file of one JSON document a line. */
export async function readLines<T>(objects: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T[]> {
  const lines = (await textOf(objects, key)).split('\n').filter((line) => line !== '');
  return lines.map((line, index) => parseAs(schema, `${key} line ${index + 1}`, line));
}

/** Finds a sample's ordinal by its id; null for what is no sample of the job. */
export function ordinalsOf({
  job,
  items,
}: {
  readonly job: Pick<Job, 'repeats'>;
  readonly items: readonly FrozenItem[];
}): (sampleId: string) => number | null {
  const indices = new Map(items.map((item, index) => [item.id, index]));
  return (sampleId) => {
    const dot = sampleId.lastIndexOf('.');
    const repeat = Number(sampleId.slice(dot + 1));
    const index = indices.get(sampleId.slice(0, dot));
    if (index === undefined || !Number.isInteger(repeat) || repeat < 0 || repeat >= job.repeats) return null;
    return sampleIdOf(sampleId.slice(0, dot), repeat) === sampleId ? index * job.repeats + repeat : null;
  };
}

async function textOf(objects: ObjectStore, key: string): Promise<string> {
  const body = await objects.get(key);
  if (body === null) throw corrupt(key, 'it is missing');
  return Buffer.from(body).toString('utf8');
}

function parseAs<T>(schema: z.ZodType<T>, what: string, text: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw corrupt(what, 'it is not JSON');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw corrupt(what, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`);
}

/** For an object of the frozen input that cannot be what was planned. */
export function corrupt(what: string, why: string): BakeoffError {
  return new BakeoffError({
    code: 'job-corrupt',
    message: `${what} cannot be used: ${why}`,
    remedy: 'Start a new run: the frozen input of this one was changed after it was planned.',
    kind: 'environment',
  });
}
