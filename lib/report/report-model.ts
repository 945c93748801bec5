/**
 * The content of `report.json`: everything that a report shows, as plain data with a version. Built by build-report.ts, read
 * by every renderer and by anyone who wants the numbers. Bounded: it grows with jobs and metrics, never with samples.
 */
import { z } from 'zod';
import { failureSchema } from '../core/failure.ts';
import { gateVerdictSchema } from '../core/gates/gate-verdict.ts';
import { idSchema, sha256Schema } from '../core/ids.ts';
import { jobStateSchema, loadSchema, packageRefSchema, planSchema, runStateSchema, stageNameSchema } from '../core/job.ts';
import { metricInfoSchema } from '../core/manifest.ts';
import { jobScoresSchema, paretoSchema, rankingSchema } from '../core/scores.ts';

/** The machine that ran the jobs; null where a fact could not be read. */
export const hostFactsSchema = z.object({
  os: z.string().nullable(),
  architecture: z.string().nullable(),
  cpuModel: z.string().nullable(),
  logicalCpus: z.int().positive().nullable(),
  memoryMiB: z.number().nullable(),
  nodeVersion: z.string().nullable(),
  pythonVersion: z.string().nullable(),
});
export type HostFacts = z.infer<typeof hostFactsSchema>;

const runFactsSchema = z.object({
  runId: idSchema,
  name: idSchema,
  description: z.string().nullable(),
  state: runStateSchema,
  /** Explicit starts: 1, and one more per resume. */
  starts: z.int().positive(),
  createdAtMs: z.number(),
  /** Null while the run is not over. */
  finishedAtMs: z.number().nullable(),
  softwareVersion: z.string(),
  /** `process`: dependencies are isolated, hostile code is not; said as soon as one task was a process. */
  environment: z.enum(['process', 'docker', 'aws']),
  specSha256: sha256Schema,
  specText: z.string(),
  failure: failureSchema.nullable(),
});

const stageSummarySchema = z.object({
  name: stageNameSchema,
  status: z.enum(['pending', 'running', 'finished', 'failed']),
  attempts: z.int().nonnegative(),
  planned: z.int().nonnegative().nullable(),
  succeeded: z.int().nonnegative().nullable(),
  failed: z.int().nonnegative().nullable(),
  stopped: z.string().nullable(),
  failure: failureSchema.nullable(),
});

const resourceUseSchema = z.object({
  stage: stageNameSchema,
  attempt: z.int().positive(),
  /** Sampled at `sampleHz`: the true peak is at least this. */
  peakRssMiB: z.number().nullable(),
  sampleHz: z.number().nullable(),
  cpuSeconds: z.number().nullable(),
});

/** Milliseconds by phase; with `between tasks` they add up to `wallMs`. */
const jobTimeSchema = z.object({
  /** From the start of the first task to the end of the last; null when no task ran. */
  wallMs: z.number().nullable(),
  phases: z.array(z.object({ phase: z.string(), ms: z.number().nonnegative() })),
  tasks: z.int().nonnegative(),
});
export type JobTime = z.infer<typeof jobTimeSchema>;

/** What tasks cost: their time on their machines x the price of the class, all attempts. Null where a price or a time is missing. */
const taskCostSchema = z.object({
  seconds: z.number().nonnegative().nullable(),
  usd: z.number().nonnegative().nullable(),
  reason: z.string().nullable(),
  perSampleUsd: z.number().nonnegative().nullable(),
  perSampleReason: z.string().nullable(),
  perVideoMinuteUsd: z.number().nonnegative().nullable(),
  perVideoMinuteReason: z.string().nullable(),
});
export type TaskCost = z.infer<typeof taskCostSchema>;

const reportJobSchema = z.object({
  jobId: idSchema,
  ordinal: z.int().nonnegative(),
  /** The model, and the params in which it differs from the run's other jobs. */
  label: z.string(),
  model: packageRefSchema.extend({ title: z.string(), reference: z.boolean(), protocol: z.string() }),
  params: z.record(z.string(), z.unknown()),
  load: loadSchema,
  builtinScorers: z.array(z.string()),
  evaluators: z.array(packageRefSchema.extend({ scorers: z.array(z.string()), pass: z.int().optional() })),
  /** Containers that its tasks ran in, each once; absent where all were processes. */
  containers: z.array(z.object({ stage: stageNameSchema, image: z.string(), digest: sha256Schema })).optional(),
  /** What the model server said it ran on; null with a reason. */
  device: z.string().nullable(),
  deviceReason: z.string().nullable(),
  state: jobStateSchema,
  failure: failureSchema.nullable(),
  stages: z.array(stageSummarySchema),
  /** Null when the job never came to be scored. */
  scores: jobScoresSchema.nullable(),
  time: jobTimeSchema,
  /** Absent on one machine, which nobody bills. */
  cost: taskCostSchema.optional(),
  resources: z.array(resourceUseSchema),
});
export type ReportJob = z.infer<typeof reportJobSchema>;

/** Media shown in the page: embedded when small, else a path relative to the report's folder. */
const shownMediaSchema = z.object({
  kind: z.enum(['video', 'image', 'audio']),
  contentType: z.string(),
  bytes: z.int().nonnegative(),
  width: z.int().positive().nullable(),
  height: z.int().positive().nullable(),
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('embedded'), dataUrl: z.string() }),
    z.object({ kind: z.literal('linked'), href: z.string() }),
    z.object({ kind: z.literal('unreadable'), reason: z.string() }),
  ]),
});
export type ShownMedia = z.infer<typeof shownMediaSchema>;

/** Text as shown: the first characters, and how many were left out. */
const shownTextSchema = z.object({ text: z.string(), leftOutCharacters: z.int().nonnegative() });
export type ShownText = z.infer<typeof shownTextSchema>;

const sampleScoreSchema = z.object({ metric: z.string(), value: z.number().nullable(), reason: z.string().nullable() });
export type SampleScore = z.infer<typeof sampleScoreSchema>;

const exampleOutputSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('succeeded'),
    jobId: idSchema,
    sampleId: z.string(),
    text: shownTextSchema.nullable(),
    value: z.union([z.number(), z.string()]).nullable(),
    media: z.array(shownMediaSchema),
    /** Output files of kinds that the page does not show. */
    otherFiles: z.array(z.string()),
    latencyMs: z.number(),
    scores: z.array(sampleScoreSchema),
  }),
  z.object({ state: z.literal('failed'), jobId: idSchema, sampleId: z.string(), failure: failureSchema }),
  z.object({ state: z.literal('missing'), jobId: idSchema }),
]);
export type ExampleOutput = z.infer<typeof exampleOutputSchema>;

const exampleSchema = z.object({
  itemId: idSchema,
  /** Why this item is shown: the order of issue is a seeded permutation, so its first items are a fair sample. */
  chosen: z.enum(['first-issued', 'most-disagreement']),
  attributes: z.record(z.string(), z.string()),
  prompt: shownTextSchema.nullable(),
  row: z.record(z.string(), z.union([z.number(), z.string(), z.null()])).nullable(),
  media: z.array(shownMediaSchema),
  reference: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('none') }),
    z.object({ kind: z.literal('text'), text: shownTextSchema }),
    z.object({ kind: z.literal('value'), value: z.number() }),
    z.object({ kind: z.literal('fields'), fields: z.record(z.string(), z.string()) }),
  ]),
  outputs: z.array(exampleOutputSchema),
});
export type Example = z.infer<typeof exampleSchema>;

/** How a number came about. */
const computationSchema = z.object({
  metric: z.string(),
  info: metricInfoSchema,
  aggregation: z.string(),
  /** All settings in one line, where the field has a spelling for them (BLEU, chrF). */
  signature: z.string().optional(),
  intervalMethods: z.array(z.string()),
  /** `built in`, or the evaluator and its version. */
  computedBy: z.string(),
});
export type Computation = z.infer<typeof computationSchema>;

/** Scorers that were added after the run was planned. */
const laterPassSchema = z.object({
  n: z.int().positive(),
  askedAtMs: z.number(),
  scorers: z.array(z.string()),
  evaluators: z.array(packageRefSchema.extend({ scorers: z.array(z.string()), pass: z.int().optional() })),
  softwareVersion: z.string(),
  /** Scorers that the plan or an earlier pass has, too: this pass counts. */
  replaces: z.array(z.string()),
  /** Scorers of which a later pass counts. */
  replacedBy: z.array(z.string()),
});
export type LaterPass = z.infer<typeof laterPassSchema>;

const warningSchema = z.object({ code: z.string(), text: z.string(), jobIds: z.array(z.string()) });
export type Warning = z.infer<typeof warningSchema>;

export const reportSchema = z.object({
  schema: z.literal(1),
  /** Deterministic for a finished run: the time of its last change, not of rendering. */
  asOfMs: z.number(),
  run: runFactsSchema,
  host: hostFactsSchema.nullable(),
  suite: planSchema.shape.suite.extend({ itemCount: z.int().positive(), repeats: z.int().positive() }),
  verdict: z.object({ headline: z.string(), details: z.array(z.string()) }),
  warnings: z.array(warningSchema),
  ranking: rankingSchema,
  pareto: paretoSchema,
  jobs: z.array(reportJobSchema),
  examples: z.array(exampleSchema),
  computations: z.array(computationSchema),
  /** Later passes over the saved outputs, in their order; absent where there was none. */
  evaluations: z.array(laterPassSchema).optional(),
  /** Absent on one machine, which nobody bills. */
  cost: z
    .object({
      run: taskCostSchema,
      /** What the tasks ran on, with the price that the plan froze. */
      classes: z.array(
        z.object({
          className: z.string(),
          instanceType: z.string(),
          market: z.enum(['spot', 'on-demand']),
          usdPerHour: z.number().nonnegative().nullable(),
          priceDate: z.string(),
        }),
      ),
    })
    .optional(),
  /** The run judged by the gates of its spec; absent where the spec has none. */
  gates: gateVerdictSchema.optional(),
  time: z.object({
    /** Seconds that the run had the machine's slots: slots x wall = busy + idle. Null while it is not over. */
    wallMs: z.number().nullable(),
    slots: z.int().positive(),
    busyMs: z.number(),
    idleMs: z.number().nullable(),
  }),
});
export type Report = z.infer<typeof reportSchema>;
