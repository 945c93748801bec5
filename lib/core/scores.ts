/**
 * What scoring yields for a job and for a run: the input of the report, the content of `scores.json`, and what `rescore`
 * recomputes. Made by lib/core/score-job.ts and compare-jobs.ts; holds numbers only where they are real.
 */
import { z } from 'zod';
import { failureClassSchema } from './failure.ts';
import { metricInfoSchema } from './manifest.ts';

/** An interval, its confidence and how it was made (`bca-bootstrap`, `wilson`, `normal`…); null with a reason where there is none. */
export const intervalSchema = z.object({ low: z.number(), high: z.number(), confidence: z.number(), method: z.string() });
export type Interval = z.infer<typeof intervalSchema>;

const metricScoreSchema = z.object({
  /** `<scorer>.<metric>` */
  name: z.string(),
  info: metricInfoSchema,
  /** How rows become the value: `mean`, `corpus-ratio`, `rmse`, `r2`, … */
  aggregation: z.string(),
  /** Null with a reason: never a stand-in. */
  value: z.number().nullable(),
  reason: z.string().nullable(),
  interval: intervalSchema.nullable(),
  intervalReason: z.string().nullable(),
  /** Samples with a value, clusters (items) behind the interval, samples planned, samples that could not be parsed (scored as wrong). */
  n: z.int().nonnegative(),
  clusters: z.int().nonnegative(),
  planned: z.int().nonnegative(),
  unparsed: z.int().nonnegative(),
  /** All settings in one line, as the field spells them (BLEU, chrF). */
  signature: z.string().optional(),
  /** How uncertain the value is (lib/core/measures/spread.ts); of the whole suite only, null with a reason. */
  standardError: z.number().nullable().optional(),
  standardErrorReason: z.string().nullable().optional(),
  effectiveN: z.number().nullable().optional(),
  effectiveNReason: z.string().nullable().optional(),
});
export type MetricScore = z.infer<typeof metricScoreSchema>;

const percentileSchema = z.object({
  /** A share: 0.5, 0.9, 0.999. */
  p: z.number(),
  /** `sorted[floor(n*p)]` with rank arithmetic in integers; null with a reason (`censored`, `no samples`). */
  empirical: z.number().nullable(),
  empiricalReason: z.string().nullable(),
  /** One-sided binomial bound at 99 % confidence (MLPerf early stopping); null below minN. */
  certified: z.number().nullable(),
  certifiedReason: z.string().nullable(),
  minN: z.int().positive(),
});
export type Percentile = z.infer<typeof percentileSchema>;

/** How well an open-loop schedule was kept; lag is sent - scheduled. */
const scheduleScoreSchema = z.object({
  /** Label of the random stream that drew it, which anyone can draw again; null for a trace and for equal distances. */
  seedLabel: z.string().nullable(),
  offeredPerSecond: z.number().nullable(),
  arrivals: z.int().nonnegative(),
  sent: z.int().nonnegative(),
  lagMedianMs: z.number().nullable(),
  lagP99Ms: z.number().nullable(),
  lagMaxMs: z.number().nullable(),
  /** Requests held back by `maxInFlight`. */
  held: z.int().nonnegative(),
  kept: z.boolean(),
  /** Why it was not kept; null when it was. */
  reason: z.string().nullable(),
});
export type ScheduleScore = z.infer<typeof scheduleScoreSchema>;

const goodputScoreSchema = z.object({
  slo: z.object({ latencyMs: z.number().optional(), ttftMs: z.number().optional() }),
  /** Samples that met every objective, of those measured; failed ones met none. */
  met: z.int().nonnegative(),
  n: z.int().nonnegative(),
  share: z.number().nullable(),
  shareInterval: intervalSchema.nullable(),
  shareIntervalReason: z.string().nullable(),
  perSecond: z.number().nullable(),
  /** Why there is no share, or no rate; a rate may stand beside an absent share. */
  reason: z.string().nullable(),
});
export type GoodputScore = z.infer<typeof goodputScoreSchema>;

const streamScoreSchema = z.object({
  /** From sent (closed) or scheduled (open) to the first piece; failed samples are infinitely slow. */
  ttft: z.object({ n: z.int().nonnegative(), percentiles: z.array(percentileSchema) }),
  /** Every gap of every answer, `method` names how the order was made; never certified: gaps of one answer depend on each other. */
  gaps: z.object({
    n: z.int().nonnegative(),
    method: z.string(),
    percentiles: z.array(percentileSchema),
    maxMs: z.number().nullable(),
    /** Gaps of answers with more of them than a row keeps. */
    leftOut: z.int().nonnegative(),
  }),
  /** All tokens over active time. */
  tokensPerSecond: z.number().nullable(),
  /** Answers of which nobody knows how many tokens they have: with one of them there is no rate. */
  answersUncounted: z.int().nonnegative(),
  /** Median over answers of (tokens - tokens / pieces) / (last piece - first piece). */
  tokensPerSecondOfAnswerMedian: z.number().nullable(),
  tokens: z.int().nonnegative(),
  pieces: z.int().nonnegative(),
  /** `mixed` where only some answers said how many tokens they have. */
  tokensFrom: z.enum(['server', 'pieces', 'mixed']),
  /** Answers that came in one piece although a stream was asked for. */
  notStreamed: z.int().nonnegative(),
});
export type StreamScore = z.infer<typeof streamScoreSchema>;

const latencyScoreSchema = z.object({
  unit: z.literal('ms'),
  /** Measured samples in the order statistic, failed ones included as +infinity; retried, ramp and warm-up ones are left out. */
  n: z.int().nonnegative(),
  failedAsInfinite: z.int().nonnegative(),
  leftOutRetried: z.int().nonnegative(),
  /** Absent where the load has no ramp. */
  leftOutRamp: z.int().nonnegative().optional(),
  /** Answers behind the throughput, where they are not all that succeeded: open loop, ramp, stream, objectives. */
  answers: z.int().nonnegative().optional(),
  mean: z.number().nullable(),
  percentiles: z.array(percentileSchema),
  /** Where answers were polled for: the coarsest of the latencies, which may be too long by so much. */
  resolutionMs: z.number().nonnegative().optional(),
  serverGenerateMsMedian: z.number().nullable(),
  throughputSamplesPerSecond: z.number().nullable(),
  /** Why there is none, where it is not for want of time. */
  throughputReason: z.string().optional(),
  attempts: z.int().nonnegative(),
  /** Set where something else ran beside it: never certified, gated or charted. */
  contended: z.boolean(),
  /** Open loop only. */
  schedule: scheduleScoreSchema.optional(),
  /** Where the spec states objectives. */
  goodput: goodputScoreSchema.optional(),
  /** Where a stream was asked for. */
  stream: streamScoreSchema.optional(),
});
export type LatencyScore = z.infer<typeof latencyScoreSchema>;

/** What a job of the scorer `labels` answered; an unparsed answer is none of the labels. */
const confusionSchema = z.object({
  /** What is done to labels before they are compared, in words. */
  normalisation: z.string(),
  labelCount: z.int().nonnegative(),
  /** Null with a reason where there are too many to show. */
  labels: z.array(z.string()).nullable(),
  /** matrix[truth][answer], in the order of the labels; the last column counts the unparsed. Failed and missing samples are not in it. */
  matrix: z.array(z.array(z.int().nonnegative())).nullable(),
  classes: z
    .array(
      z.object({
        label: z.string(),
        /** Answers whose truth it is, and answers that name it. */
        support: z.int().nonnegative(),
        answered: z.int().nonnegative(),
        /** Null where nothing answers it; the averages take 0. */
        precision: z.number().nullable(),
        /** Null where it is nobody's truth. */
        recall: z.number().nullable(),
        f1: z.number().nullable(),
      }),
    )
    .nullable(),
  reason: z.string().nullable(),
});
export type Confusion = z.infer<typeof confusionSchema>;

export const failureGroupSchema = z.object({
  class: failureClassSchema,
  code: z.string(),
  count: z.int().positive(),
  exampleSampleId: z.string(),
  exampleMessage: z.string(),
});

/** What came of sending samples once more with the same seeds (lib/core/audits). */
const auditScoreSchema = z.object({
  resent: z.int().nonnegative(),
  caching: z.object({
    verdict: z.enum(['passed', 'failed', 'inconclusive']),
    reason: z.string().nullable(),
    /** Pairs with both latencies, and the geometric mean of second over first. */
    n: z.int().nonnegative(),
    ratio: z.number().nullable(),
    interval: intervalSchema.nullable(),
  }),
  determinism: z.object({
    verdict: z.enum(['same', 'differs', 'inconclusive']),
    reason: z.string().nullable(),
    n: z.int().nonnegative(),
    same: z.int().nonnegative(),
    differingSampleId: z.string().nullable(),
  }),
});
export type AuditScore = z.infer<typeof auditScoreSchema>;

export const jobScoresSchema = z.object({
  schema: z.literal(1),
  jobId: z.string(),
  planned: z.int().nonnegative(),
  succeeded: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  missing: z.int().nonnegative(),
  metrics: z.array(metricScoreSchema),
  latency: latencyScoreSchema.nullable(),
  /** Composite of the spec's `score`, with its formula; value null with a reason when a part is missing. */
  total: metricScoreSchema.nullable(),
  failures: z.array(failureGroupSchema),
  /** Of the scorer `labels`. */
  confusion: confusionSchema.optional(),
  /** Where the spec asks for samples to be sent again. */
  audit: auditScoreSchema.optional(),
  /** Length of all videos together; absent where there is none, or one whose length is not known. */
  videoMs: z.number().nonnegative().optional(),
  /** attribute -> value -> metric name -> score. */
  categories: z.record(z.string(), z.record(z.string(), z.array(metricScoreSchema))),
});
export type JobScores = z.infer<typeof jobScoresSchema>;

/** a minus b on common samples. */
export const comparisonSchema = z.object({
  metric: z.string(),
  a: z.string(),
  b: z.string(),
  difference: z.number().nullable(),
  interval: intervalSchema.nullable(),
  commonItems: z.int().nonnegative(),
  leftOut: z.int().nonnegative(),
  /** `a`/`b` is separably better; `not separable`; `not comparable` with a reason. */
  verdict: z.enum(['a', 'b', 'not separable', 'not comparable']),
  reason: z.string().nullable(),
});
export type Comparison = z.infer<typeof comparisonSchema>;

const rankingEntrySchema = z.object({
  jobId: z.string(),
  reference: z.boolean(),
  value: z.number().nullable(),
  reason: z.string().nullable(),
  interval: intervalSchema.nullable(),
  /** Null for references and for jobs without a value. */
  rank: z.int().positive().nullable(),
  /** Best and worst rank that the pairwise comparisons allow. */
  rankRange: z.tuple([z.int().positive(), z.int().positive()]).nullable(),
  notSeparableFrom: z.array(z.string()),
});
export type RankingEntry = z.infer<typeof rankingEntrySchema>;

/** What a composite is made of, so that anyone can make it again. */
export const compositeSchema = z.object({
  /** `weighted`, `mean-win-rate`, `bradley-terry`, or a published profile. */
  profile: z.string(),
  version: z.string(),
  formula: z.string(),
  /** Where the formula was published; null for our own. */
  source: z.string().nullable(),
  /** What a reader must know who knows a similar number. */
  note: z.string().nullable(),
  inputs: z.array(
    z.object({
      /** The metric itself where the rule has no names of its own. */
      dimension: z.string(),
      metric: z.string(),
      weight: z.number(),
      /** Raw values that count as 0 and as 1, in the unit of the metric; null where nothing is scaled. */
      min: z.number().nullable(),
      max: z.number().nullable(),
      /** `quality`, `semantic`…; null without groups. */
      group: z.string().nullable(),
    }),
  ),
  groups: z.array(z.object({ name: z.string(), weight: z.number() })),
  /** Beside the total: group scores in its unit; win rates by metric; strength, battles won and lost. Null where a job has none. */
  jobs: z.array(z.object({ jobId: z.string(), figures: z.record(z.string(), z.number().nullable()) })),
});
export type Composite = z.infer<typeof compositeSchema>;

export const rankingSchema = z.object({
  /** `score.total` or `<scorer>.<metric>`. */
  metric: z.string(),
  direction: z.enum(['higher', 'lower']),
  formula: z.string(),
  /** How multiple comparisons are handled, in words. */
  correction: z.string(),
  /** Where jobs are ranked by `score.total`. */
  composite: compositeSchema.optional(),
  entries: z.array(rankingEntrySchema),
  comparisons: z.array(comparisonSchema),
});
export type Ranking = z.infer<typeof rankingSchema>;

export const paretoSchema = z.object({
  x: z.literal('latency.p50.empirical'),
  y: z.string(),
  points: z.array(
    z.object({
      jobId: z.string(),
      x: z.number(),
      y: z.number(),
      xInterval: intervalSchema.nullable(),
      yInterval: intervalSchema.nullable(),
      onFront: z.boolean(),
      dominatedBy: z.array(z.string()),
      reference: z.boolean(),
    }),
  ),
  leftOut: z.array(z.object({ jobId: z.string(), reason: z.string() })),
});
export type Pareto = z.infer<typeof paretoSchema>;

export const runScoresSchema = z.object({
  schema: z.literal(1),
  ranking: rankingSchema,
  pareto: paretoSchema,
  jobs: z.array(jobScoresSchema),
});
export type RunScores = z.infer<typeof runScoresSchema>;
