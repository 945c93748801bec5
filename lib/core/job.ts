/**
 * The plan of a run, the frozen input of a job (`job.json`), and the records of runs and jobs. Plan writes them, Advance and
 * the driver move the records on, everyone else reads. Long, because these schemas are built of each other and change together.
 */
import { z } from 'zod';
import { failureSchema } from './failure.ts';
import { idSchema, sha256Schema } from './ids.ts';
import { type JobImage, jobImageSchema } from './image-entry.ts';
import { metricInfoSchema } from './manifest.ts';
import { MODEL_PROTOCOLS } from './protocols.ts';

/** A later pass of an evaluator over the same outputs has its number: `evaluate:<package>:<pass>` (evaluation-pass.ts). */
export const stageNameSchema = z.string().regex(/^(infer|score|evaluate:[A-Za-z0-9][A-Za-z0-9._-]{0,63}(:[1-9][0-9]{0,3})?)$/);
export type StageName = z.infer<typeof stageNameSchema>;

export const packageRefSchema = z.object({
  id: idSchema,
  version: z.string(),
  /** SHA-256 over the package's files and the SDK: its identity in results. */
  digest: sha256Schema,
});
/** `image`: of a model that is an image and no package. */
export type PackageRef = z.infer<typeof packageRefSchema> & { readonly image?: JobImage | undefined };

export const limitsSchema = z.object({
  readyMs: z.int().positive(),
  sampleMs: z.int().positive(),
  jobMs: z.int().positive(),
  /** Fraction of failed samples above which a job stops, once minSamplesForStop are final. */
  maxErrorRate: z.number().min(0).max(1),
  minSamplesForStop: z.int().positive(),
});
export type Limits = z.infer<typeof limitsSchema>;

/** Absent keys: as in the plans of earlier versions, not asked for. */
const everyLoad = { warmup: z.int().nonnegative(), warmupConcurrency: z.int().positive().optional(), stream: z.boolean().optional() };
const openLoad = {
  ...everyLoad,
  maxInFlight: z.int().positive(),
  durationMs: z.int().positive().optional(),
  graceMs: z.int().nonnegative().optional(),
  stopOnSaturation: z.boolean(),
  /** Samples that the schedule sends: the first so many in order of issue. Never more than items x repeats. */
  arrivals: z.int().positive(),
};
const rated = { ...openLoad, ratePerSecond: z.number().positive(), rampMs: z.int().nonnegative().optional() };

export const loadSchema = z.discriminatedUnion('mode', [
  z.object({
    mode: z.literal('closed'),
    concurrency: z.int().positive(),
    ...everyLoad,
    durationMs: z.int().positive().optional(),
    rampMs: z.int().nonnegative().optional(),
    graceMs: z.int().nonnegative().optional(),
  }),
  z.object({ mode: z.literal('offline'), maxInFlight: z.int().positive(), ...everyLoad }),
  z.object({ mode: z.literal('poisson'), ...rated }),
  z.object({ mode: z.literal('constant'), ...rated }),
  /** `traceKey`: the run's schedule, as JSON `{timesMs: […]}`. */
  z.object({ mode: z.literal('trace'), ...openLoad, traceKey: z.string(), traceSha256: sha256Schema }),
]);
export type Load = z.infer<typeof loadSchema>;
export type OpenLoad = Extract<Load, { arrivals: number }>;

/** Objectives of goodput. */
export const sloSchema = z.object({ latencyMs: z.number().positive().optional(), ttftMs: z.number().positive().optional() });
export type Slo = z.infer<typeof sloSchema>;

/** `runs/<run>/jobs/<job>/job.json`: all that the driver needs to know, frozen at plan time. */
export const jobSchema = z.object({
  schema: z.literal(1),
  runId: idSchema,
  jobId: idSchema,
  ordinal: z.int().nonnegative(),
  model: packageRefSchema.extend({
    title: z.string(),
    reference: z.boolean(),
    protocol: z.enum(MODEL_PROTOCOLS),
    /** Of a model that is an image; absent for a package. */
    image: jobImageSchema.optional(),
  }),
  /** On one machine: the packages of this job run in containers too. Absent: as processes. */
  environment: z.literal('docker').optional(),
  task: z.string(),
  /** Params of this job with the manifest's defaults filled in. */
  params: z.record(z.string(), z.unknown()),
  specSeed: z.int().nonnegative(),
  repeats: z.int().positive(),
  itemCount: z.int().positive(),
  /** Keys of the frozen items in order of issue, and of the references (never read in stage infer). */
  itemsKey: z.string(),
  referencesKey: z.string(),
  /** Key of the `load.warmup` items to warm up with, in their order; absent when there are none. */
  warmupsKey: z.string().optional(),
  load: loadSchema,
  slo: sloSchema.optional(),
  /** How many samples are sent once more after the load. */
  audit: z.object({ resend: z.int().positive() }).optional(),
  limits: limitsSchema,
  /** What to set aside before the first task, and of how much, dollars; absent where the run has no budget. */
  budget: z.object({ maxUsd: z.number().positive(), reserveUsd: z.number().nonnegative() }).optional(),
  /** Scorers built into core, by name. */
  builtinScorers: z.array(z.string()),
  /** Metrics are named `<scorer>.<metric>` here, as in the rows. */
  evaluators: z.array(
    z.object({
      package: packageRefSchema,
      /** From the package's second pass over the run on; absent in its first. */
      pass: z.int().min(2).max(9999).optional(),
      scorers: z.array(z.string()),
      metrics: z.array(metricInfoSchema),
      /** By scorer; absent in the plans of earlier versions. */
      scorerVersions: z.record(z.string(), z.string()).optional(),
    }),
  ),
});
export type Job = z.infer<typeof jobSchema>;

/** `runs/<run>/items.jsonl`, one a line. Files lie under `cache/sha256/<digest>`. */
export const frozenItemSchema = z.object({
  id: idSchema,
  input: z.object({
    prompt: z.string().optional(),
    messages: z.array(z.unknown()).optional(),
    row: z.record(z.string(), z.union([z.number(), z.string(), z.null()])).optional(),
    files: z.array(z.object({ sha256: sha256Schema, contentType: z.string(), name: z.string() })).optional(),
  }),
  attributes: z.record(z.string(), z.string()),
});
export type FrozenItem = z.infer<typeof frozenItemSchema>;

/** `runs/<run>/references.jsonl`, one a line, same order as the items. */
export const referenceLineSchema = z.object({ id: idSchema, reference: z.record(z.string(), z.unknown()).nullable() });
export type ReferenceLine = z.infer<typeof referenceLineSchema>;

/** Where a task ran and at what price: what cost accounting needs (lib/core/cost.ts). Absent on one machine, which nobody bills. */
export const taskPlaceSchema = z.object({
  className: z.string(),
  instanceType: z.string(),
  market: z.enum(['spot', 'on-demand']),
  /** Price of the class as the plan froze it; null where the price sheet has none. */
  usdPerHour: z.number().nonnegative().nullable(),
  /** Date of the price sheet, YYYY-MM-DD. */
  priceDate: z.string(),
  /** EC2's id of the machine (`i-…`); null where it could not be learnt. */
  instanceId: z.string().nullable(),
  /**
   * While the task held its machine: ECS `pullStartedAt` (`startedAt` where nothing was pulled) to `stoppedAt`. Null for a task that never
   * got a machine.
   */
  occupied: z.object({ fromMs: z.number(), untilMs: z.number() }).nullable(),
});
export type TaskPlace = z.infer<typeof taskPlaceSchema>;

/** What a task did and used, as its compute saw it. Kept whole: it has the times and the reasons. */
export const taskFactsSchema = z.object({
  taskId: z.string(),
  stage: stageNameSchema,
  attempt: z.int().positive(),
  startedAtMs: z.number(),
  endedAtMs: z.number(),
  /** Milliseconds by phase: they partition the task's wall time. */
  phasesMs: z.record(z.string(), z.number()),
  driverExitCode: z.int().nullable(),
  server: z.object({
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    /** `OutOfMemoryError` when the memory watchdog killed it: evidence for oom_host. */
    reason: z.string().nullable(),
    peakRssMiB: z.number().nullable(),
    cpuSeconds: z.number().nullable(),
    sampleHz: z.number().nullable(),
    logTail: z.string().nullable(),
  }),
  /** Set when the task could not run at all. */
  error: failureSchema.nullable(),
  where: taskPlaceSchema.optional(),
  /** On one machine: the container that the server ran in. Absent: it was a process. */
  container: z
    .object({
      /** As planned; of a package the tag that was built from it. */
      image: z.string(),
      /** 64 hex digits: the registry's digest, or the image's own id where it was never in one. */
      digest: sha256Schema,
      /** What it took to pull or build it; null when it was there. */
      broughtMs: z.number().nonnegative().nullable(),
      /** From asking for the container until its process ran. */
      startMs: z.number().nonnegative().nullable(),
      /** UUIDs. */
      gpus: z.array(z.string()),
    })
    .optional(),
  /** How many tasks this entry stands for, where a record had to be kept small (bound-job-record.ts): times and phases are their sums. */
  folded: z.int().min(2).optional(),
});
export type TaskFacts = z.infer<typeof taskFactsSchema>;

const stageOutcomeSchema = z.object({
  planned: z.int().nonnegative(),
  succeeded: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  /**
   * Why the stage ended before its last sample; null when it did not. `duration`: the load's time was over, as the spec wanted; `saturated`:
   * the server fell so far behind an open-loop schedule that going on would measure the queue.
   */
  stopped: z.enum(['error-rate', 'job-deadline', 'cancelled', 'duration', 'saturated']).nullable(),
});
export type StageOutcome = z.infer<typeof stageOutcomeSchema>;

/** Why an attempt ended without finishing its stage; the driver writes it before it exits. */
const attemptEndSchema = z.object({
  kind: z.enum(['server-died', 'server-hung', 'not-ready', 'wrong-instance', 'refused', 'stopped', 'driver-error']),
  failure: failureSchema,
  /** Answers that this attempt made durable: progress. Samples that it gave up do not count. */
  newRows: z.int().nonnegative(),
});
export type AttemptEnd = z.infer<typeof attemptEndSchema>;

/**
 * A sample that an attempt sent and has no end for. 0 deaths: it is blamed for nothing (a stop came, or its server died while it
 * waited for its next try), and only flagged as tried before.
 */
const suspectSchema = z.object({ sampleId: z.string(), deaths: z.int().nonnegative(), failure: failureSchema });
export type Suspect = z.infer<typeof suspectSchema>;

const stageRecordSchema = z.object({
  name: stageNameSchema,
  status: z.enum(['pending', 'running', 'finished', 'failed']),
  /** The current attempt; 0 before the first. Grows over all starts. */
  attempt: z.int().nonnegative(),
  /** Who claimed the current attempt (the task's id); null while nobody has. */
  claim: z.string().nullable(),
  /** Attempts of this start that ended without progress. */
  fruitless: z.int().nonnegative(),
  /** Attempts of this start. */
  attemptsThisStart: z.int().nonnegative(),
  /** Time spent waiting for capacity, apart from attempts. */
  waitedMs: z.number().nonnegative(),
  attemptEnd: attemptEndSchema.nullable(),
  suspects: z.array(suspectSchema),
  outcome: stageOutcomeSchema.nullable(),
  failure: failureSchema.nullable(),
});
export type StageRecord = z.infer<typeof stageRecordSchema>;

/** `stopped`: never begun, because the run's budget was spent. */
export const jobStateSchema = z.enum(['pending', 'running', 'succeeded', 'incomplete', 'failed', 'cancelled', 'stopped']);
export type JobState = z.infer<typeof jobStateSchema>;

export const jobRecordSchema = z.object({
  schema: z.literal(1),
  runId: idSchema,
  jobId: idSchema,
  ordinal: z.int().nonnegative(),
  /** Raised by every write; writes are conditional on it. */
  version: z.int().nonnegative(),
  start: z.int().positive(),
  state: jobStateSchema,
  stages: z.array(stageRecordSchema),
  tasks: z.array(taskFactsSchema),
  failure: failureSchema.nullable(),
});
export type JobRecord = z.infer<typeof jobRecordSchema>;

export const runStateSchema = z.enum([
  'accepted',
  'running',
  'succeeded',
  'incomplete',
  'failed',
  'cancelled',
  'stopped-budget',
  'rejected',
]);
export type RunState = z.infer<typeof runStateSchema>;

export const runRecordSchema = z.object({
  schema: z.literal(1),
  runId: idSchema,
  name: idSchema,
  version: z.int().nonnegative(),
  /** 1 for the first start; raised by an explicit resume. */
  start: z.int().positive(),
  state: runStateSchema,
  specSha256: sha256Schema,
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  finishedAtMs: z.number().nullable(),
  cancelRequested: z.boolean(),
  /** What this start may do: `evaluate` sends nothing to a model. Absent: all that is missing. */
  scope: z.enum(['all', 'evaluate']).optional(),
  /** The process that drives this start on one machine; null when none does. */
  owner: z.string().nullable(),
  failure: failureSchema.nullable(),
});
export type RunRecord = z.infer<typeof runRecordSchema>;

/** Live progress of a stage, outside every condition: last write wins. */
export const beatSchema = z.object({
  runId: idSchema,
  jobId: idSchema,
  stage: stageNameSchema,
  attempt: z.int().positive(),
  phase: z.string(),
  planned: z.int().nonnegative(),
  done: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  ratePerSecond: z.number().nullable(),
  atMs: z.number(),
});
export type Beat = z.infer<typeof beatSchema>;

/** One aggregate of a job, for queries over runs: `METRIC#<job>#<name>`. Null where the number does not exist. */
export const metricRecordSchema = z.object({
  runId: idSchema,
  jobId: idSchema,
  /** `<scorer>.<metric>`, `score.total`, or a figure of load such as `latency.p90.certified` (gates/load-metrics.ts). */
  name: z.string(),
  unit: z.string(),
  value: z.number().nullable(),
  reason: z.string().nullable(),
  n: z.int().nonnegative(),
});
export type MetricRecord = z.infer<typeof metricRecordSchema>;

/** `runs/<run>/plan.json`. */
export const planSchema = z.object({
  schema: z.literal(1),
  runId: idSchema,
  name: idSchema,
  specSha256: sha256Schema,
  suite: z.object({
    id: idSchema,
    version: z.string(),
    digest: sha256Schema,
    title: z.string(),
    task: z.string(),
    categories: z.array(z.string()),
  }),
  itemCount: z.int().positive(),
  repeats: z.int().positive(),
  jobs: z.array(z.object({ jobId: idSchema, stages: z.array(stageNameSchema) })),
  softwareVersion: z.string(),
  /** True where every task has a machine to itself, so that jobs side by side do not disturb each other; absent on one machine. */
  machinePerJob: z.boolean().optional(),
});
export type Plan = z.infer<typeof planSchema>;
