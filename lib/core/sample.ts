/**
 * The rows that the driver writes: one final row per sample (stage `infer`), one per sample and evaluator (stage
 * `evaluate`). Every score follows from these rows. Written by lib/driver, read by scoring and the report.
 */
import { z } from 'zod';
import { failureSchema } from './failure.ts';
import { idSchema, sha256Schema } from './ids.ts';

const mediaFileSchema = z.object({
  kind: z.enum(['video', 'image', 'audio', 'text', 'file']),
  /** Object key, e.g. `runs/<run>/jobs/<job>/outputs/<attempt>/<sample>.webm`. */
  key: z.string(),
  sha256: sha256Schema,
  bytes: z.int().nonnegative(),
  contentType: z.string(),
  width: z.int().positive().optional(),
  height: z.int().positive().optional(),
  frames: z.int().positive().optional(),
  fps: z.number().positive().optional(),
  durationMs: z.number().nonnegative().optional(),
});
export type MediaFile = z.infer<typeof mediaFileSchema>;

const sampleOutputSchema = z.object({
  text: z.string().optional(),
  value: z.union([z.number(), z.string(), z.null()]).optional(),
  files: z.array(mediaFileSchema).optional(),
});
export type SampleOutput = z.infer<typeof sampleOutputSchema>;

/** Milliseconds on the attempt's own monotonic clock, which starts at 0 when its load starts. */
const timingsSchema = z.object({
  scheduledMs: z.number(),
  sentMs: z.number(),
  firstByteMs: z.number().nullable(),
  doneMs: z.number(),
  /** doneMs - scheduledMs in open loop, doneMs - sentMs in closed loop. */
  latencyMs: z.number().nonnegative(),
  /** Open loop: how long the request waited because `maxInFlight` others were unanswered; part of sentMs - scheduledMs. */
  heldMs: z.number().nonnegative().optional(),
  /** Of a polled answer: it may have been there so much before it was seen. Absent where the server told at once. */
  resolutionMs: z.number().nonnegative().optional(),
});

/** Times that the model server reports of itself; null where its protocol cannot tell. */
const serverTimingsSchema = z.object({
  queueMs: z.number().nullable(),
  loadMs: z.number().nullable(),
  generateMs: z.number().nullable(),
  encodeMs: z.number().nullable(),
});

/** Fewer gaps than pieces - 1 are kept of an answer with more; `pieces` counts all. */
export const MAX_GAPS = 16_384;

/** An answer that came piece by piece. A piece is what one event of the stream adds to the answer; clock as in the timings. */
const streamSchema = z.object({
  firstPieceMs: z.number(),
  lastPieceMs: z.number(),
  pieces: z.int().positive(),
  /** Time from each piece to the next, milliseconds, in their order. */
  gapsMs: z.array(z.number().nonnegative()).max(MAX_GAPS),
  tokens: z.int().positive(),
  /** `server`: as its usage says; `pieces`: each piece counted as one, for want of that. */
  tokensFrom: z.enum(['server', 'pieces']),
});
export type SampleStream = z.infer<typeof streamSchema>;

const trySchema = z.object({ generationId: z.string(), sentMs: z.number(), doneMs: z.number(), error: failureSchema.nullable() });

const rowHead = {
  schema: z.literal(1),
  sampleId: z.string(),
  itemId: idSchema,
  repeat: z.int().nonnegative(),
  /** Index of the item in `items.jsonl` (the order of issue) times repeats, plus the repeat. -1 for warm-up. */
  ordinal: z.int(),
  attempt: z.int().positive(),
  warmup: z.boolean(),
  seed: z.int().nonnegative(),
  timings: timingsSchema,
  /** Every try of this attempt, the last one included. */
  tries: z.array(trySchema),
  /** True when it was known to be sent before, in this attempt or an earlier one: no closed-loop latency statistic. */
  retried: z.boolean(),
  /** The sample of which this is a second sending, for the audit. Such a row is no sample of the job, and is marked as warm-up is. */
  resendOf: z.string().optional(),
  /** Sent while the load rose to its full strength: no latency statistic. Absent otherwise. */
  ramp: z.literal(true).optional(),
};

export const succeededRowSchema = z.object({
  ...rowHead,
  state: z.literal('succeeded'),
  output: sampleOutputSchema,
  server: serverTimingsSchema.nullable(),
  usage: z.object({ promptTokens: z.int().optional(), completionTokens: z.int().optional() }).nullable(),
  effectiveParams: z.record(z.string(), z.unknown()).nullable(),
  peakAcceleratorMemoryMiB: z.number().nullable(),
  /** Absent where no stream was asked for; null where the answer came in one piece all the same. */
  stream: streamSchema.nullable().optional(),
});

const failedRowSchema = z.object({
  ...rowHead,
  state: z.literal('failed'),
  error: failureSchema,
  /** Null when this attempt never sent it: a suspect of earlier attempts, whose servers died with their clocks. */
  timings: timingsSchema.nullable(),
});

export const sampleRowSchema = z.discriminatedUnion('state', [succeededRowSchema, failedRowSchema]);
export type SampleRow = z.infer<typeof sampleRowSchema>;
export type SucceededRow = z.infer<typeof succeededRowSchema>;
export type FailedRow = z.infer<typeof failedRowSchema>;

const evaluatedHead = { schema: z.literal(1), sampleId: z.string(), ordinal: z.int(), evaluator: idSchema, attempt: z.int().positive() };

/** One row per sample and evaluator. A metric is a value or an error, never both, never a stand-in. */
export const evaluationRowSchema = z.discriminatedUnion('state', [
  z.object({
    ...evaluatedHead,
    state: z.literal('evaluated'),
    /** `<scorer>.<metric>` -> value. */
    values: z.record(z.string(), z.number()),
    errors: z.record(z.string(), failureSchema),
  }),
  z.object({ ...evaluatedHead, state: z.literal('failed'), error: failureSchema }),
]);
export type EvaluationRow = z.infer<typeof evaluationRowSchema>;
