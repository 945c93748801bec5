/** Runs as the API tells them, and the answers to starting, resuming and cancelling one. */
import { z } from 'zod';
import { failureSchema } from '../../core/failure.ts';
import { idSchema, sha256Schema } from '../../core/ids.ts';
import { runStateSchema } from '../../core/job.ts';
import { runCostViewSchema } from './cost.ts';
import { jobSummarySchema } from './job.ts';
import { nextCursorSchema } from './page.ts';
import { specProblemSchema } from './problem.ts';

const runHead = {
  runId: idSchema,
  name: z.string(),
  state: runStateSchema,
  /** 1 for the first start; raised by every resume. */
  start: z.int().positive(),
  /** Milliseconds since the epoch. */
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  finishedAtMs: z.number().nullable(),
  cancelRequested: z.boolean(),
  interrupted: z.boolean().meta({ description: 'It began and has not ended, and nobody drives it: resume it.' }),
  specSha256: sha256Schema,
  failure: failureSchema.nullable(),
};

export const runSummarySchema = z.object(runHead).meta({ id: 'RunSummary', description: 'A run: its state and its times.' });
export type RunSummary = z.infer<typeof runSummarySchema>;

export const runPageSchema = z
  .object({ items: z.array(runSummarySchema), cursor: nextCursorSchema })
  .meta({ id: 'RunPage', description: 'Runs, newest first.' });

/** A run's answer holds so many of its jobs; the rest is a listing of its own. */
export const MAX_JOBS_OF_RUN = 100;

export const runSchema = z
  .object({
    ...runHead,
    /** Null before the run is planned. */
    plan: z
      .object({
        suite: z.object({ id: idSchema, version: z.string(), digest: sha256Schema, title: z.string(), task: z.string() }),
        itemCount: z.int().positive(),
        repeats: z.int().positive(),
        jobs: z.int().positive(),
        softwareVersion: z.string(),
      })
      .nullable(),
    jobCounts: z.record(z.string(), z.int().nonnegative()).meta({ description: 'Jobs by their state.' }),
    jobs: z
      .array(jobSummarySchema)
      .meta({ description: `At most ${MAX_JOBS_OF_RUN}, those that run before the others, by ordinal; links.jobs lists them all.` }),
    cost: runCostViewSchema,
    problems: z.array(specProblemSchema).nullable().meta({ description: 'All problems of a spec that was rejected; else null.' }),
    links: z.object({
      self: z.string(),
      jobs: z.string(),
      report: z.string().nullable().meta({ description: 'Null until there is a report.' }),
    }),
  })
  .meta({ id: 'Run', description: 'A run with its jobs, its numbers and its cost.' });
export type Run = z.infer<typeof runSchema>;

export const acceptedRunSchema = z
  .object({ runId: idSchema, kind: z.enum(['started', 'already-started']), links: z.object({ self: z.string() }) })
  .meta({ id: 'AcceptedRun', description: 'The run that was started, now or by an earlier request with the same key.' });

export const startedEvaluationSchema = z
  .object({
    runId: idSchema,
    start: z.int().positive(),
    evaluation: z.int().positive().nullable().meta({ description: 'Number of the pass; null when an earlier one goes on.' }),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'StartedEvaluation', description: "The start that evaluates a run's saved outputs." });

export const startedRunSchema = z
  .object({ runId: idSchema, start: z.int().positive(), links: z.object({ self: z.string() }) })
  .meta({ id: 'StartedRun', description: 'The start that goes on with the run.' });
