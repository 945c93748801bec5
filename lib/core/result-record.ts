/**
 * Records that outlive a run: one result per job and metric, for leaderboards and histories, and images registered at run time.
 * The report step writes results; the API reads both.
 */
import { z } from 'zod';
import { idSchema, sha256Schema } from './ids.ts';
import { modelManifestSchema } from './manifest.ts';

export const resultRecordSchema = z.object({
  schema: z.literal(1),
  runId: idSchema,
  jobId: idSchema,
  modelId: idSchema,
  modelVersion: z.string(),
  /** Identity of the package or image. */
  modelDigest: z.string(),
  params: z.record(z.string(), z.unknown()),
  suiteId: idSchema,
  suiteDigest: sha256Schema,
  /** `<scorer>.<metric>`, `score.total`, or a figure of load such as `latency.p90.certified` (gates/load-metrics.ts). */
  metric: z.string(),
  /** Version of the scorer that made the value. */
  metricVersion: z.string(),
  unit: z.string(),
  direction: z.enum(['higher', 'lower', 'none']),
  value: z.number(),
  /** Confidence interval, where there is one. */
  interval: z.tuple([z.number(), z.number()]).nullable(),
  n: z.int().nonnegative(),
  /** Of what was planned, the share that was answered. */
  coverage: z.number().min(0).max(1).nullable(),
  /** A reference is shown and never ranked. */
  reference: z.boolean(),
  finishedAtMs: z.number(),
});
export type ResultRecord = z.infer<typeof resultRecordSchema>;

export const registeredImageSchema = z.object({
  schema: z.literal(1),
  version: z.int().positive(),
  manifest: modelManifestSchema,
  /** `<registry>/<repository>@sha256:<digest>`. */
  image: z.string(),
  imageDigest: sha256Schema,
  /** The task definition's family and the hash of what was registered: the same content is registered once. */
  family: z.string(),
  contentSha256: sha256Schema,
  taskDefinitionArn: z.string(),
  registeredAtMs: z.number(),
});
export type RegisteredImage = z.infer<typeof registeredImageSchema>;
