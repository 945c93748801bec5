/**
 * The spec: what to run. This schema is its only definition; the types, `docs/spec.schema.json` and the checks of the parser
 * follow from it. A parsed spec is itself a valid document (durations stay text, defaults are filled in).
 */
import { z } from 'zod';
import { ID_PATTERN, idSchema } from './ids.ts';
import { imageKeys } from './image-entry.ts';
import { PROFILE_NAMES } from './profiles/profiles.ts';
import { MODEL_PROTOCOLS } from './protocols.ts';

export const NAME_PATTERN = /^[a-z0-9][a-z0-9-]{0,47}$/;
export const DURATION_PATTERN = /^\d{1,9}(ms|s|m|h)$/;
export const METRIC_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\.[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
/** Parallel children of a Distributed Map, AWS's limit; one machine takes them one after the other. */
export const MAX_JOBS = 10_000;
export const MAX_SAMPLES_PER_JOB = 1_000_000;
const MAX_SEED = 2 ** 31 - 1;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `500ms`, `15s`, `15m` or `6h`; the text has passed the schema. */
export function durationMs(text: string): number {
  const [, amount = '0', unit = 'ms'] = /^(\d+)(\w+)$/.exec(text) ?? [];
  return Number(amount) * (UNIT_MS[unit] ?? 1);
}

const durationSchema = z.string().regex(DURATION_PATTERN).describe('A whole number and a unit: 500ms, 15s, 15m, 6h.');
const metricNameSchema = z.string().regex(METRIC_PATTERN).describe('<scorer>.<metric>, for example text.cer.');
const paramNameSchema = z.string().min(1).max(64);
const paramValueSchema = z.union([z.number(), z.string().max(10_000), z.boolean()]);

export const modelEntrySchema = z.strictObject({
  model: idSchema.describe('A registered model: see `bakeoff models list`. With image: a name for it.'),
  params: z.record(paramNameSchema, paramValueSchema).default({}).describe('Params that differ from the defaults of the manifest.'),
  matrix: z
    .record(paramNameSchema, z.array(paramValueSchema).min(1).max(100))
    .optional()
    .describe('Params with several values: one job per combination.'),
  protocol: z.enum(MODEL_PROTOCOLS).optional().describe('Must be the protocol of the manifest; with image: what its server speaks.'),
  reference: z.boolean().optional().describe('Overrides the manifest: true shows the model, flagged, and never ranks it.'),
  ...imageKeys,
});
export type ModelEntry = z.infer<typeof modelEntrySchema>;

export const inlineItemSchema = z.strictObject({
  id: idSchema,
  input: z.strictObject({
    prompt: z.string().max(100_000).optional(),
    messages: z.array(z.unknown()).max(1000).optional(),
    row: z.record(z.string(), z.union([z.number(), z.string(), z.null()])).optional(),
  }),
  reference: z.record(z.string(), z.unknown()).nullable().default(null).describe('The truth; never sent to a model.'),
  attributes: z.record(z.string(), z.string()).default({}),
});

const samplesSchema = z.strictObject({
  perItem: z.int().min(1).max(1000).default(1).describe('How often each item is sent, each time with another seed.'),
  seed: z.int().min(0).max(MAX_SEED).default(0).describe('Decides the seeds of all samples and the order of the items.'),
  limit: z.int().min(1).max(100_000).optional().describe('At most so many items: the first of the seeded order.'),
  filter: z
    .record(idSchema, z.union([z.string(), z.array(z.string()).min(1).max(100)]))
    .optional()
    .describe('Only items whose attribute has one of these values.'),
});

const rateSchema = z.number().gt(0).max(100_000).describe('Arrivals per second.');
const grace = durationSchema
  .optional()
  .describe('How long answers are waited for once the last request has gone out; default: limits.sample.');
const duration = durationSchema.optional().describe('No request goes out later. Samples that were never due are not missing.');
/** What every load has beside its own keys. */
const everyLoad = {
  warmup: z.int().min(0).max(1000).default(2).describe('Samples before the measured ones: recorded, marked, left out.'),
  warmupConcurrency: z.int().min(1).max(4096).optional().describe('In flight at once while warming up; default: as many as the load.'),
  stream: z.boolean().default(false).describe('Asks for answers piece by piece, and measures the time to the first and between pieces.'),
};
/** Loads whose requests go out by a schedule, whatever the server does: latency counts from the scheduled time. */
const openLoad = {
  ...everyLoad,
  duration,
  maxInFlight: z
    .int()
    .min(1)
    .max(4096)
    .default(1024)
    .describe('More are held back by the client, which is then said, and no tail is certified.'),
  grace,
  stopOnSaturation: z.boolean().default(true).describe('Stops once requests are held back for longer than limits.sample.'),
};
const ramp = durationSchema.optional();

export const loadSchema = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('closed').describe('So many clients, each sends its next request when the last has been answered.'),
    concurrency: z.int().min(1).max(4096).default(1),
    ...everyLoad,
    duration,
    ramp: ramp.describe('Clients begin one after the other over this time; what is sent in it counts in no latency.'),
    grace,
  }),
  z.strictObject({
    mode: z.literal('offline').describe('All samples are offered at once: reports throughput, no percentiles.'),
    maxInFlight: z.int().min(1).max(4096).default(1),
    ...everyLoad,
  }),
  z.strictObject({
    mode: z.literal('poisson').describe('Requests arrive at random, independent of each other and of the answers.'),
    rate: rateSchema,
    ...openLoad,
    ramp: ramp.describe('The rate rises from 0 over this time; what is due in it counts in no latency.'),
  }),
  z.strictObject({
    mode: z.literal('constant').describe('Requests arrive at equal distances, whatever the answers do.'),
    rate: rateSchema,
    ...openLoad,
    ramp: ramp.describe('The rate rises from 0 over this time; what is due in it counts in no latency.'),
  }),
  z.strictObject({
    mode: z.literal('trace').describe('Requests arrive at recorded times.'),
    file: z.string().min(1).max(500).optional().describe('Path relative to the spec: one time a line, seconds from the start, ascending.'),
    timesMs: z
      .array(z.number().min(0).max(604_800_000))
      .min(1)
      .max(100_000)
      .optional()
      .describe('The times themselves, milliseconds, ascending.'),
    ...openLoad,
  }),
]);
export type SpecLoad = z.infer<typeof loadSchema>;

export const sloSchema = z
  .strictObject({
    latencyMs: z.number().gt(0).max(86_400_000).optional().describe('From when a sample was due to its last byte.'),
    ttftMs: z.number().gt(0).max(86_400_000).optional().describe('From when a sample was due to its first token; needs load.stream.'),
  })
  .describe('Goodput counts the samples that meet all of these objectives.');

export const limitsSchema = z.strictObject({
  ready: durationSchema.default('15m').describe('Until a started model must be ready.'),
  sample: durationSchema.default('5m').describe('Until a sample must be answered.'),
  job: durationSchema.default('6h').describe('Until a job stops with what it has.'),
  maxErrorRate: z.number().min(0).max(1).default(0.2).describe('A job with a larger share of failed samples stops.'),
  minSamplesForStop: z.int().min(1).max(MAX_SAMPLES_PER_JOB).default(20).describe('No job stops for errors before so many samples.'),
});

export const scoreSchema = z.strictObject({
  profile: z
    .enum(['weighted', ...PROFILE_NAMES, 'mean-win-rate', 'bradley-terry'])
    .optional()
    .describe(
      'weighted: the mean of metrics, each brought to 0..1 by its range. A published profile: its total, from a metric for each of its dimensions. mean-win-rate and bradley-terry: jobs against jobs.',
    ),
  weights: z
    .record(metricNameSchema, z.number().gt(0).max(1_000_000))
    .optional()
    .describe('Of weighted: relative; they need not sum up to 1.'),
  dimensions: z
    .record(z.string().min(1).max(100), metricNameSchema)
    .optional()
    .describe('Of a published profile: the metric of each dimension. A metric that has the name of the dimension need not be named.'),
  metrics: z.array(metricNameSchema).min(1).max(100).optional().describe('Of mean-win-rate: what jobs are compared in, each metric alike.'),
  metric: metricNameSchema.optional().describe('Of bradley-terry: of every sample of two jobs the better value wins.'),
  rankBy: metricNameSchema.optional().describe('Rank by one metric as it is, instead of a profile.'),
});
export type SpecScore = z.infer<typeof scoreSchema>;

/** A regression as text: `10%`, `2.5 %` or `significant`. */
export const REGRESSION_PATTERN = /^(?:significant|\d{1,4}(?:\.\d{1,4})? ?%)$/;

/** As a user writes it, in a spec or in a file of gates. */
export const writtenGateSchema = z.strictObject({
  metric: z.string().max(200).regex(METRIC_PATTERN).describe('<scorer>.<metric>, score.total, or a figure of load: docs/gates.md.'),
  model: idSchema.optional().describe('Only the jobs of this model; default: every job but references.'),
  min: z.number().optional().describe('The least that passes, in the unit of the metric.'),
  max: z.number().optional().describe('The most that passes, in the unit of the metric.'),
  baseline: idSchema.optional().describe('A run, or latest (the default): for each job the newest earlier run of the same name and suite.'),
  maxRegression: z
    .union([z.number().min(0), z.string().regex(REGRESSION_PATTERN, 'a number, a share such as 10%, or significant')])
    .optional()
    .describe("How much worse than the baseline: in the unit of the metric, 10% of the baseline's value, or significant."),
});
export type WrittenGate = z.infer<typeof writtenGateSchema>;
export const MAX_GATES = 200;

export const specSchema = z
  .strictObject({
    apiVersion: z.literal('bakeoff/v1'),
    name: z.string().regex(NAME_PATTERN).describe('Lower-case letters, digits and hyphens, at most 48.'),
    description: z.string().max(2000).optional(),
    suite: z.string().min(1).max(500).optional().describe('A registered suite, or the path of a suite folder relative to the spec.'),
    items: z.array(inlineItemSchema).min(1).max(10_000).optional().describe('Items in place of a suite.'),
    samples: samplesSchema.prefault({}),
    models: z.array(modelEntrySchema).min(1).max(200),
    load: loadSchema.prefault({ mode: 'closed' }),
    slo: sloSchema.optional(),
    audit: z
      .strictObject({
        resend: z.int().min(1).max(1000).describe('So many of the last samples are sent once more with their seeds: 16 are a good number.'),
      })
      .optional()
      .describe('Tells whether repeated samples are answered from a cache, and whether the same seed gives the same answer.'),
    limits: limitsSchema.prefault({}),
    scorers: z
      .array(idSchema)
      .min(1)
      .max(50)
      .describe('latency, resources, text, numbers, overlap, fields, labels, or a scorer of an evaluator package.'),
    score: scoreSchema.optional().describe('What to rank by; default: the first metric with a direction of the scorers in their order.'),
    stats: z.strictObject({ confidence: z.number().min(0.8).max(0.999).default(0.95) }).prefault({}),
    compute: z
      .strictObject({
        class: z
          .string()
          .regex(NAME_PATTERN)
          .default('auto')
          .describe('Class of the fleet that the models run on; auto: for each model the cheapest that fits. Applies to a deployment.'),
        spot: z
          .boolean()
          .optional()
          .describe('false: On-Demand capacity only. Otherwise Spot too, where it is cheaper. Applies to a deployment.'),
        maxParallelJobs: z.int().min(1).max(64).default(1).describe('Above 1, latencies on one machine are labelled contended.'),
      })
      .prefault({}),
    budget: z
      .strictObject({
        maxUsd: z.number().gt(0).max(1_000_000).describe('Task-seconds times the price of the class, over all jobs of the run.'),
        onExceed: z
          .literal('stop')
          .default('stop')
          .describe('No further job starts; jobs in flight finish, and what they cost comes on top.'),
      })
      .optional()
      .describe('Applies to a deployment: one machine has no price.'),
    gates: z
      .array(writtenGateSchema)
      .min(1)
      .max(MAX_GATES)
      .optional()
      .describe('Rules that make a run fail: bounds, and regressions against a baseline. Judged with the report; exit code 1.'),
  })
  .describe('A Bakeoff spec: what to run, how, and what to rank by.');
export type Spec = z.infer<typeof specSchema>;
export type SpecSamples = Spec['samples'];

/** The spec with at most so many items: what `--limit` does. A smaller limit of the spec stays. */
export function limitItems(spec: Spec, limit: number | undefined): Spec {
  if (limit === undefined) return spec;
  return { ...spec, samples: { ...spec.samples, limit: Math.min(limit, spec.samples.limit ?? limit) } };
}

/** A path names a suite folder; anything else is the id of a registered suite. */
export function isSuitePath(suite: string): boolean {
  return !ID_PATTERN.test(suite);
}
