/**
 * The manifest of a package (`models/<id>/model.yaml`): what a model or an evaluator is, needs, accepts and measures.
 */
import { z } from 'zod';
import { idSchema, sha256Schema } from './ids.ts';
import { IMAGE_PATTERN } from './image-reference.ts';
import { MODEL_PROTOCOLS } from './protocols.ts';

/** A path inside the package: relative, no `..`, no back-slash. */
const packagePathSchema = z.string().regex(/^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))[^\\\0]+$/, 'a relative path inside the package');

const pinnedFileSchema = z.strictObject({ path: packagePathSchema, sha256: sha256Schema, bytes: z.int().nonnegative() });

export const metricInfoSchema = z.strictObject({
  name: idSchema,
  unit: z.string(),
  /** `none`: a diagnostic, never ranked. */
  direction: z.enum(['higher', 'lower', 'none']),
  range: z.tuple([z.number().nullable(), z.number().nullable()]),
  minN: z.int().positive(),
  title: z.string(),
  description: z.string(),
});
export type MetricInfo = z.infer<typeof metricInfoSchema>;

const runtimeSchema = z.union([
  z.strictObject({
    python: z.strictObject({ version: z.literal('3.11'), lock: packagePathSchema, prune: z.array(packagePathSchema).default([]) }),
    command: z.array(z.string()).min(1),
  }),
  z.strictObject({ node: z.strictObject({ lock: packagePathSchema }), command: z.array(z.string()).min(1) }),
  /** A stock image: nothing is installed. An empty command is the image's own. */
  z.strictObject({
    image: z.string().regex(IMAGE_PATTERN, 'the reference of an image'),
    command: z.array(z.string()).default([]),
    port: z.int().min(1024).max(65_535).default(8000),
    environment: z.record(z.string(), z.string()).default({}),
  }),
]);

export const requirementsSchema = z.strictObject({
  accelerator: z.strictObject({
    kind: z.enum(['none', 'cuda']),
    count: z.int().nonnegative().optional(),
    minMemoryMiB: z.int().nonnegative().optional(),
    minComputeCapability: z.string().optional(),
  }),
  cpu: z.int().positive(),
  memoryMiB: z.int().positive(),
  diskMiB: z.int().nonnegative(),
  maxConcurrency: z.int().positive(),
});

/** The part of JSON Schema that a manifest's params may use. */
const paramSchema = z.looseObject({
  type: z.enum(['number', 'integer', 'string', 'boolean']),
  default: z.union([z.number(), z.string(), z.boolean()]).optional(),
  enum: z.array(z.union([z.number(), z.string(), z.boolean()])).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  description: z.string().optional(),
});
export type ParamSchema = z.infer<typeof paramSchema>;

const paramsSchema = z.strictObject({
  type: z.literal('object'),
  additionalProperties: z.literal(false),
  properties: z.record(z.string(), paramSchema),
  required: z.array(z.string()).optional(),
});

const shared = {
  apiVersion: z.literal('bakeoff/v1'),
  id: idSchema,
  version: z.string().min(1).max(64),
  title: z.string().min(1).max(120),
  description: z.string().max(2000).optional(),
  runtime: runtimeSchema,
  requirements: requirementsSchema,
  weights: z.array(pinnedFileSchema).default([]),
  files: z.array(pinnedFileSchema).default([]),
  license: z.string(),
};

export const TASKS = ['text-to-video', 'image-to-text', 'chat', 'tabular-regression'] as const;

export const modelManifestSchema = z.strictObject({
  ...shared,
  kind: z.literal('model'),
  tasks: z.array(z.enum(TASKS)).min(1),
  protocol: z.enum(MODEL_PROTOCOLS),
  reference: z.boolean().default(false),
  params: paramsSchema.default({ type: 'object', additionalProperties: false, properties: {} }),
});

export const evaluatorManifestSchema = z.strictObject({
  ...shared,
  kind: z.literal('evaluator'),
  protocol: z.literal('evaluator').default('evaluator'),
  scorers: z.record(idSchema, z.strictObject({ version: z.string(), metrics: z.array(metricInfoSchema).min(1) })),
});

export const manifestSchema = z.discriminatedUnion('kind', [modelManifestSchema, evaluatorManifestSchema]);
export type ModelManifest = z.infer<typeof modelManifestSchema>;
export type EvaluatorManifest = z.infer<typeof evaluatorManifestSchema>;
export type Manifest = z.infer<typeof manifestSchema>;
