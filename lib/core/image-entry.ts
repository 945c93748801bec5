/**
 * Models that are an image and nothing else: what an entry of a spec tells in place of a manifest, and what a job keeps of it. Pure. Used by
 * spec parsing, planning, and whoever starts the container.
 */
import { z } from 'zod';
import { sha256Hex } from './canonical-json.ts';
import { digestOfReference, IMAGE_PATTERN } from './image-reference.ts';
import { type ModelManifest, modelManifestSchema, requirementsSchema, TASKS } from './manifest.ts';
import type { ModelProtocolName } from './protocols.ts';
import type { RegisteredModel } from './registry.ts';

/** Where servers listen that are told nothing else. */
export const DEFAULT_PORT = 8000;

/** Of an image that does not say what it needs. */
const DEFAULT_REQUIREMENTS = { accelerator: { kind: 'none' as const }, cpu: 2, memoryMiB: 4096, diskMiB: 0, maxConcurrency: 4096 };

export const imageSchema = z.string().regex(IMAGE_PATTERN);

/** `environment`: no secrets; they would be kept with the run. */
export const imageKeys = {
  image: imageSchema
    .optional()
    .describe(
      'A container image, by digest or by a tag that is then resolved to one. Runs in the environment docker; protocol is needed too.',
    ),
  task: z.enum(TASKS).optional().describe('With image: what it does; default: the task of the suite.'),
  command: z.array(z.string().max(10_000)).min(1).max(200).optional().describe('With image: arguments in place of its own command.'),
  port: z.int().min(1024).max(65_535).optional().describe('With image: where its server listens; default: 8000, also told as PORT.'),
  environment: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/), z.string().max(10_000))
    .optional()
    .describe('With image: variables of its server. No secrets: they are kept with the run.'),
  requirements: requirementsSchema
    .partial()
    .optional()
    .describe('With image: its limits and what it needs; default: 2 CPUs, 4096 MiB of memory, no GPU.'),
};

/** What says something of an image, and of nothing else. */
export const IMAGE_ONLY_KEYS = ['task', 'command', 'port', 'environment', 'requirements'] as const;

type Value = string | number | boolean;
type Requirements = z.infer<typeof requirementsSchema>;

export interface ImageEntry {
  readonly model: string;
  readonly image: string;
  readonly protocol?: ModelProtocolName | undefined;
  readonly params: Readonly<Record<string, Value>>;
  readonly matrix?: Readonly<Record<string, readonly Value[]>> | undefined;
  readonly reference?: boolean | undefined;
  readonly task?: (typeof TASKS)[number] | undefined;
  readonly command?: readonly string[] | undefined;
  readonly port?: number | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly requirements?: { readonly [Key in keyof Requirements]?: Requirements[Key] | undefined } | undefined;
}

/** The entry as a registered model. Its digest is the image's; of a tag, which is not resolved yet, that of its text. */
export function imageModel(entry: ImageEntry): RegisteredModel {
  const { model: id, image, command = [], port = DEFAULT_PORT, environment = {} } = entry;
  const digest = digestOfReference(image) ?? sha256Hex(image);
  const manifest: ModelManifest = modelManifestSchema.parse({
    apiVersion: 'bakeoff/v1',
    kind: 'model',
    id,
    version: digest.slice(0, 12),
    title: id,
    runtime: { image, command, port, environment },
    requirements: { ...DEFAULT_REQUIREMENTS, ...withoutUndefined(entry.requirements ?? {}) },
    license: 'unknown',
    tasks: entry.task === undefined ? [...TASKS] : [entry.task],
    protocol: entry.protocol ?? 'native',
    reference: entry.reference ?? false,
    params: { type: 'object', additionalProperties: false, properties: paramsOf(entry) },
  });
  return { manifest, digest, folder: '' };
}

/** An image declares no params: those that are given are its params, with the types of their values. */
function paramsOf({ params, matrix = {} }: ImageEntry): Record<string, { type: string }> {
  const firsts = Object.entries(matrix).map(([name, values]): [string, Value | undefined] => [name, values[0]]);
  return Object.fromEntries([...Object.entries(params), ...firsts].map(([name, value]) => [name, { type: typeof (value ?? '') }]));
}

function withoutUndefined(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

export const containerAcceleratorSchema = z.object({
  kind: z.enum(['none', 'cuda']),
  count: z.int().nonnegative().optional(),
  minMemoryMiB: z.int().nonnegative().optional(),
});
export type ContainerAccelerator = z.infer<typeof containerAcceleratorSchema>;

/** What a job keeps of its model's image, frozen at plan time. */
export const jobImageSchema = z.object({
  /** By digest. */
  reference: z.string(),
  command: z.array(z.string()),
  port: z.int().positive(),
  environment: z.record(z.string(), z.string()),
  cpu: z.int().positive(),
  memoryMiB: z.int().positive(),
  accelerator: containerAcceleratorSchema,
});
export type JobImage = z.infer<typeof jobImageSchema>;

/** Null for a package, which is built or installed from its folder. */
export function jobImageOf({ runtime, requirements }: Pick<ModelManifest, 'runtime' | 'requirements'>): JobImage | null {
  if (!('image' in runtime)) return null;
  const { image: reference, command, port, environment } = runtime;
  const { cpu, memoryMiB, accelerator } = requirements;
  return { reference, command, port, environment, cpu, memoryMiB, accelerator };
}
