/**
 * Keys of the one table: which item answers which question. Every key of the DynamoDB adapters is made here, from ids that are checked,
 * so that no id can reach into another's items.
 */
import { BakeoffError } from '../../core/errors.ts';
import { ID_PATTERN } from '../../core/ids.ts';
import type { ResultRecord } from '../../core/result-record.ts';
import { TABLE_INDEXES, TABLE_KEYS } from '../../core/table-layout.ts';

/** The key of one item of the table. */
export interface ItemKey {
  readonly partition: string;
  readonly sort: string;
}

const runPartition = (runId: string): string => `RUN#${checked(runId)}`;

/** Items of a run share a partition: a task's role can be held to `RUN#…`. */
export const itemKeys = {
  run: (runId: string): ItemKey => ({ partition: runPartition(runId), sort: 'META' }),
  job: (runId: string, jobId: string): ItemKey => ({ partition: runPartition(runId), sort: `JOB#${checked(jobId)}` }),
  beat: (runId: string, jobId: string): ItemKey => ({ partition: runPartition(runId), sort: `BEAT#${checked(jobId)}` }),
  /** All aggregates of a job: replaced as a whole, so one item. */
  metrics: (runId: string, jobId: string): ItemKey => ({ partition: runPartition(runId), sort: `METRIC#${checked(jobId)}` }),
  budget: (runId: string): ItemKey => ({ partition: runPartition(runId), sort: 'BUDGET' }),
  budgetShare: (runId: string, jobId: string): ItemKey => ({ partition: runPartition(runId), sort: `BUDGET#${checked(jobId)}` }),
  result: ({ runId, jobId, metric, metricVersion }: ResultRecord): ItemKey => ({
    partition: runPartition(runId),
    sort: `RESULT#${checked(jobId)}#${plain(metric)}#${plain(metricVersion)}`,
  }),
  image: (modelId: string): ItemKey => ({ partition: 'MODELS', sort: `MODEL#${checked(modelId)}` }),
  instance: (instanceId: string): ItemKey => ({ partition: `INSTANCE#${checked(instanceId)}`, sort: 'META' }),
};

/** What the sort keys of a kind begin with. */
export const sortPrefixes = { jobs: 'JOB#', beats: 'BEAT#', metrics: 'METRIC#', results: 'RESULT#', images: 'MODEL#' } as const;

export const partitions = { run: runPartition, images: 'MODELS' } as const;

/** Partitions and sort keys in the index by time. */
export const timeKeys = {
  runs: 'RUNS',
  run: (createdAtMs: number, runId: string): string => `${timeKey(createdAtMs)}#${checked(runId)}`,
  model: (modelId: string): string => `MODEL#${checked(modelId)}`,
  result: ({ finishedAtMs, runId, jobId, metric, metricVersion }: ResultRecord): string =>
    `RUN#${timeKey(finishedAtMs)}#${checked(runId)}#${checked(jobId)}#${plain(metric)}#${plain(metricVersion)}`,
  instances: 'INSTANCES',
  /** By end, so that a question about last week reads last week. Those that are still there come last. */
  instance: (terminatedAtMs: number | null, instanceId: string): string =>
    `${terminatedAtMs === null ? LIVE : timeKey(terminatedAtMs)}#${checked(instanceId)}`,
  /** The least sort key of what ended after a moment. */
  endedAfter: (ms: number): string => timeKey(Math.floor(ms) + 1),
};

/** Partition of the leaderboard's index. Parts are written so that none can hold the sign between them. */
export function leaderboardPartition(of: {
  readonly suiteDigest: string;
  readonly metric: string;
  readonly metricVersion: string;
}): string {
  return `LB#${plain(of.suiteDigest)}#${plain(of.metric)}#${plain(of.metricVersion)}`;
}

/** A number as DynamoDB takes it: up to 9.99e125 in size, nothing smaller than 1e-130 but 0. Ranks only: the record keeps the value. */
export function leaderboardNumber(value: number): string {
  if (Math.abs(value) < 1e-130) return '0';
  return String(Math.max(-9.99e125, Math.min(9.99e125, value)));
}

const LIVE = '9'.repeat(16);

/** Milliseconds since the epoch in 16 digits: they sort as numbers do. */
function timeKey(ms: number): string {
  return String(Math.max(0, Math.floor(ms))).padStart(16, '0');
}

function plain(text: string): string {
  return encodeURIComponent(text);
}

/** Throws `bad-id` for what is no id. */
function checked(id: string): string {
  if (ID_PATTERN.test(id)) return id;
  throw new BakeoffError({
    code: 'bad-id',
    message: `${JSON.stringify(id.slice(0, 100))} is no id; expected a letter or digit, then at most 63 of A-Z a-z 0-9 . _ -`,
    remedy: 'Take the id from a list of runs, jobs or models.',
  });
}

/** The two attributes of a key. */
export function keyAttributes({ partition, sort }: ItemKey): Record<string, { S: string }> {
  return { [TABLE_KEYS.partition]: { S: partition }, [TABLE_KEYS.sort]: { S: sort } };
}

/** Attributes that put an item into the index by time. */
export function timeIndexed(partition: string, sort: string): Record<string, { S: string }> {
  const { runs } = TABLE_INDEXES;
  return { [runs.partition.name]: { S: partition }, [runs.sort.name]: { S: sort } };
}
