/**
 * A suite: the items that every model is sent, with their truth. `suite.yaml` describes it, `items.jsonl` holds one item a line.
 */
import { z } from 'zod';
import { idSchema, sha256Schema } from './ids.ts';
import { TASKS } from './manifest.ts';

export const suiteManifestSchema = z.strictObject({
  apiVersion: z.literal('bakeoff/v1'),
  kind: z.literal('suite'),
  id: idSchema,
  version: z.string().min(1).max(64),
  title: z.string().min(1).max(120),
  description: z.string().max(4000),
  task: z.enum(TASKS),
  license: z.string(),
  source: z.string(),
  items: z.literal('items.jsonl'),
  categories: z.array(idSchema).default([]),
});
export type SuiteManifest = z.infer<typeof suiteManifestSchema>;

export const suiteItemSchema = z.strictObject({
  id: idSchema,
  input: z.strictObject({
    prompt: z.string().max(100_000).optional(),
    messages: z.array(z.unknown()).optional(),
    row: z.record(z.string(), z.union([z.number(), z.string(), z.null()])).optional(),
    files: z.array(z.strictObject({ path: z.string(), sha256: sha256Schema, contentType: z.string() })).optional(),
  }),
  reference: z.record(z.string(), z.unknown()).nullable().default(null),
  attributes: z.record(z.string(), z.string()).default({}),
});
export type SuiteItem = z.infer<typeof suiteItemSchema>;

/** Every attribute with the values that occur, both sorted. */
export function attributesOf(items: readonly SuiteItem[]): Record<string, string[]> {
  const values = new Map<string, Set<string>>();
  for (const item of items) {
    for (const [name, value] of Object.entries(item.attributes)) values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  return Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, set]) => [name, [...set].sort()]));
}
