/** Jobs as the API tells them: what they are, how far they are, what came out. */
import { z } from 'zod';
import { failureSchema } from '../../core/failure.ts';
import { idSchema } from '../../core/ids.ts';
import { beatSchema, jobStateSchema, loadSchema, packageRefSchema, stageNameSchema } from '../../core/job.ts';
import { jobScoresSchema } from '../../core/scores.ts';
import { nextCursorSchema } from './page.ts';

/** A live sign of the driver of this job's current stage. */
export const progressSchema = beatSchema
  .omit({ runId: true, jobId: true })
  .meta({ id: 'Progress', description: 'The last sign of life of the current stage; milliseconds since the epoch.' });

export const jobMetricSchema = z
  .object({
    /** `<scorer>.<metric>`, `score.total`, or a figure of load such as `latency.p90.certified`. */
    name: z.string(),
    unit: z.string(),
    value: z.number().nullable(),
    /** Why there is no value. */
    reason: z.string().nullable(),
    n: z.int().nonnegative(),
  })
  .meta({ id: 'JobMetric', description: 'One number of a job; null with its reason where it does not exist.' });

const jobHead = {
  runId: idSchema,
  jobId: idSchema,
  ordinal: z.int().nonnegative(),
  state: jobStateSchema,
  /** Null where the job's frozen input cannot be read. */
  model: packageRefSchema.extend({ title: z.string(), reference: z.boolean(), protocol: z.string() }).nullable(),
  params: z.record(z.string(), z.unknown()).nullable(),
  samples: z
    .object({ planned: z.int().nonnegative(), succeeded: z.int().nonnegative(), failed: z.int().nonnegative() })
    .nullable()
    .meta({ description: 'Null until the job has inferred.' }),
  progress: progressSchema.nullable().meta({ description: 'Null for a job that is not running.' }),
  failure: failureSchema.nullable(),
};

export const jobSummarySchema = z
  .object({ ...jobHead, metrics: z.array(jobMetricSchema) })
  .meta({ id: 'JobSummary', description: 'A job of a run: its state, its progress, its numbers.' });
export type JobSummary = z.infer<typeof jobSummarySchema>;

export const jobPageSchema = z
  .object({ items: z.array(jobSummarySchema), cursor: nextCursorSchema })
  .meta({ id: 'JobPage', description: 'Jobs of a run by ordinal.' });

const stageSchema = z.object({
  name: stageNameSchema,
  status: z.enum(['pending', 'running', 'finished', 'failed']),
  attempts: z.int().nonnegative(),
  waitedMs: z.number().nonnegative(),
  stopped: z.string().nullable(),
  failure: failureSchema.nullable(),
});

const taskSchema = z.object({
  stage: stageNameSchema,
  attempt: z.int().positive(),
  startedAtMs: z.number(),
  endedAtMs: z.number(),
  phasesMs: z.record(z.string(), z.number()),
  driverExitCode: z.int().nullable(),
  serverExitCode: z.int().nullable(),
  peakRssMiB: z.number().nullable(),
  cpuSeconds: z.number().nullable(),
  error: failureSchema.nullable(),
});

export const jobDetailSchema = z
  .object({
    ...jobHead,
    task: z.string().nullable(),
    itemCount: z.int().positive().nullable(),
    repeats: z.int().positive().nullable(),
    load: loadSchema.nullable(),
    stages: z.array(stageSchema),
    tasks: z.array(taskSchema),
    /** Null until the job is scored. */
    scores: jobScoresSchema.nullable(),
  })
  .meta({ id: 'Job', description: 'A job with its stages, its tasks and its scores.' });
