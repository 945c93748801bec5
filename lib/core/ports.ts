/**
 * What the domain needs from the outside, as records of functions. Adapters implement them (lib/adapters), lib/compose picks
 * them, everything else receives them as arguments. One contract suite per port runs against every adapter.
 */
import type { InstanceRecord } from './instance-record.ts';
import type { Beat, Job, JobRecord, MetricRecord, RunRecord, TaskFacts } from './job.ts';
import type { RegisteredImage, ResultRecord } from './result-record.ts';
import type { RunEvent } from './run-event.ts';

export interface Clock {
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

/** Immutable objects by key. Keys are those of the design's storage layout, equal on S3 and in the local folder. */
export interface ObjectStore {
  /** Writes whole or not at all, and durably. With `ifAbsent` returns false, unwritten, when the key exists. */
  readonly put: (key: string, body: Uint8Array | string, options?: { readonly ifAbsent?: boolean }) => Promise<boolean>;
  /** The whole object, or null when there is none. */
  readonly get: (key: string) => Promise<Uint8Array | null>;
  /** The object in pieces, for what may not fit into memory; throws `object-missing`. `startByte`/`endByte` (exclusive) read a part. */
  readonly read: (key: string, range?: { readonly startByte: number; readonly endByte: number }) => AsyncIterable<Uint8Array>;
  /** Takes a local file over as an object (by rename or copy), durably; the file is gone afterwards. False when ifAbsent and the key exists. */
  readonly putFile: (key: string, path: string, options?: { readonly ifAbsent?: boolean }) => Promise<boolean>;
  /** Keys below a prefix ending in `/`, sorted by UTF-8 bytes. */
  readonly list: (prefix: string) => Promise<string[]>;
  readonly remove: (key: string) => Promise<void>;
  /** A path under which the object can be read on this machine, for mounts and for evaluators; throws `object-missing`. */
  readonly localPath: (key: string) => Promise<string>;
}

/** Records of runs and jobs. State changes are conditional on the version last read. */
export interface RunStore {
  /** False when a run of this id exists. */
  readonly createRun: (record: RunRecord) => Promise<boolean>;
  readonly getRun: (runId: string) => Promise<RunRecord | null>;
  /** Writes when the stored version is `record.version - 1`; false otherwise. */
  readonly replaceRun: (record: RunRecord) => Promise<boolean>;
  /** Newest first. */
  readonly listRuns: (limit: number) => Promise<RunRecord[]>;
  readonly createJob: (record: JobRecord) => Promise<boolean>;
  readonly getJob: (runId: string, jobId: string) => Promise<JobRecord | null>;
  readonly replaceJob: (record: JobRecord) => Promise<boolean>;
  /** By ordinal. */
  readonly listJobs: (runId: string) => Promise<JobRecord[]>;
  readonly putBeat: (beat: Beat) => Promise<void>;
  readonly listBeats: (runId: string) => Promise<Beat[]>;
  /** Replaces the aggregates of a job as a whole. */
  readonly putMetrics: (runId: string, jobId: string, metrics: readonly MetricRecord[]) => Promise<void>;
  /** By job id and name. */
  readonly listMetrics: (runId: string) => Promise<MetricRecord[]>;
}

/** Dollars set aside within a run. One machine costs nothing per hour and has none. */
export interface BudgetStore {
  /**
   * True when they fit below `maxUsd` together with what other jobs of the run have set aside, and true again for a job that has its
   * share already. Atomic under concurrent callers.
   */
  readonly reserveBudget: (reservation: BudgetReservation) => Promise<boolean>;
  /** Puts what a job has cost, dollars, in the place of what it had set aside; nothing for a job without a share. */
  readonly settleBudget: (spent: Omit<BudgetReservation, 'maxUsd'>) => Promise<void>;
}

export interface BudgetReservation {
  readonly runId: string;
  readonly jobId: string;
  readonly usd: number;
  readonly maxUsd: number;
}

/** One page of a listing; `cursor` is opaque, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly cursor: string | null;
}

export interface PageRequest {
  readonly limit: number;
  /** From the page before; throws `bad-cursor` for anything else. */
  readonly cursor: string | null;
}

export interface LeaderboardQuery extends PageRequest {
  readonly suiteDigest: string;
  readonly metric: string;
  readonly metricVersion: string;
  /** `higher` lists the largest value first. */
  readonly direction: 'higher' | 'lower';
}

/** Questions over many runs. Reads are eventually consistent on AWS. */
export interface RunIndex {
  /** Newest first. */
  readonly newestRuns: (page: PageRequest) => Promise<Page<RunRecord>>;
  /** Replaces the results of a run as a whole: a second report of the same run leaves no stale entry behind. */
  readonly putResults: (runId: string, results: readonly ResultRecord[]) => Promise<void>;
  readonly leaderboard: (query: LeaderboardQuery) => Promise<Page<ResultRecord>>;
  /** Results of a model over its runs, newest first. */
  readonly modelHistory: (query: PageRequest & { readonly modelId: string }) => Promise<Page<ResultRecord>>;
}

/** Models that were registered while the system runs: images in a container registry, by id. */
export interface ModelStore {
  /** Writes when the stored version is `record.version - 1` (absent counts as 0); false otherwise. */
  readonly putImage: (record: RegisteredImage) => Promise<boolean>;
  readonly getImage: (modelId: string) => Promise<RegisteredImage | null>;
  readonly listImages: () => Promise<RegisteredImage[]>;
}

/** When the machines of the fleet were there, for the billed cost. */
export interface InstanceStore {
  /** Merges with what is known of the instance: events come more than once and in any order. */
  readonly putInstance: (record: InstanceRecord) => Promise<void>;
  /** Instances that were there at some moment of [fromMs, toMs), by id. Eventually consistent on AWS. */
  readonly listInstances: (period: { readonly fromMs: number; readonly toMs: number }) => Promise<InstanceRecord[]>;
}

/** Where a run's events go, for the team's own rules. At least once; a lost event never stops a run. */
export interface EventSink {
  readonly publish: (event: RunEvent) => Promise<void>;
}

/** Starts the workflow. */
export interface Executions {
  /** `exists` when an execution of that name was ever started. Its input is `{run, start}`. */
  readonly start: (name: string, input: { readonly run: string; readonly start: number }) => Promise<'started' | 'exists'>;
  /** True while the named execution goes on. */
  readonly isLive: (name: string) => Promise<boolean>;
}

/** Ends tasks that are alive, claimed by a driver or not. */
export interface TaskStopper {
  /** Makes sure that nothing of a recorded task is alive. */
  readonly stopTask: (taskId: string) => Promise<void>;
  /** Asks every task of the run, or of one job, to stop; returns how many there were. */
  readonly stopTasks: (which: { readonly runId: string; readonly jobId: string | null }) => Promise<number>;
}

/** Task definitions of packages, as the cluster knows them. Revisions are immutable; one may become inactive. */
export interface TaskDefinitions {
  /** The newest active revision of a family, and the digest of the package or image that it was made for; null where there is none. */
  readonly newest: (family: string) => Promise<{ readonly arn: string; readonly digest: string | null } | null>;
  readonly isActive: (arn: string) => Promise<boolean>;
  /** Registers the content of a revision as a new one; returns its ARN. */
  readonly registerAgain: (arn: string) => Promise<string>;
}

export interface TaskRequest {
  readonly runId: string;
  readonly jobId: string;
  readonly stage: string;
  readonly attempt: number;
}

/** Runs one stage of one job: a driver beside a model or evaluator server. */
export interface Compute extends Pick<TaskStopper, 'stopTask'> {
  /** Resolves when the task has ended, whatever its end; never rejects for what the task did. */
  readonly runTask: (request: TaskRequest, job: Job) => Promise<TaskFacts>;
}
