/**
 * VBench's own metadata (`VBench_full_info.json`: a list of `{prompt_en, dimension: […], auxiliary_info?}`) as items. Every entry stays an item of
 * its own: a prompt that stands twice is judged in two sets of dimensions. Format: Vchitect/VBench, vbench/VBench_full_info.json.
 */
import { z } from 'zod';
import { BakeoffError, messageOf } from '../errors.ts';
import type { DraftItem } from './draft-item.ts';
import { type RefusedEntry, refusedEntry } from './source-entry.ts';

const entrySchema = z.looseObject({
  prompt_en: z.string().trim().min(1).max(100_000),
  dimension: z
    .array(z.string().regex(/^[a-z0-9_]{1,50}$/i, 'the name of a dimension'))
    .min(1)
    .max(50),
  auxiliary_info: z.record(z.string(), z.unknown()).optional(),
});

const KNOWN_KEYS = new Set(Object.keys(entrySchema.shape));

export interface VbenchFile {
  readonly entries: readonly (DraftItem | RefusedEntry)[];
  /** Dimensions in the order of their first entry. */
  readonly dimensions: readonly string[];
  readonly uniquePrompts: number;
  readonly notes: readonly string[];
}

/** Throws `vbench-invalid` for what is no list. */
export function readVbench(text: string): VbenchFile {
  const dimensions = new Set<string>();
  const prompts = new Set<string>();
  const unknown = new Set<string>();
  const entries = parseList(text).map((value, index): DraftItem | RefusedEntry => {
    const where = `entry ${index + 1}`;
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) {
      const why = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'entry'}: ${issue.message}`).join('; ');
      return refusedEntry(where, why);
    }
    for (const key of Object.keys(parsed.data)) if (!KNOWN_KEYS.has(key)) unknown.add(key);
    for (const dimension of parsed.data.dimension) dimensions.add(dimension);
    prompts.add(parsed.data.prompt_en);
    return draftOf(parsed.data, where);
  });
  const notes = unknown.size === 0 ? [] : [`keys of entries that were left out: ${[...unknown].slice(0, 20).join(', ')}`];
  return { entries, dimensions: [...dimensions], uniquePrompts: prompts.size, notes };
}

/** `dimensions` breaks scores down, `dimension.<name>` filters; the truth keeps VBench's own names, for those who judge by them. */
function draftOf({ prompt_en: prompt, dimension, auxiliary_info: info }: z.infer<typeof entrySchema>, where: string): DraftItem {
  return {
    where,
    givenId: null,
    name: prompt,
    input: { prompt },
    image: null,
    reference: { dimension, ...(info === undefined ? {} : { auxiliary_info: info }) },
    attributes: { dimensions: dimension.join('+'), ...Object.fromEntries(dimension.map((name) => [`dimension.${name}`, 'yes'])) },
  };
}

function parseList(text: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (thrown) {
    throw invalid(`the file is not JSON: ${messageOf(thrown).slice(0, 200)}`, thrown);
  }
  if (Array.isArray(value) && value.length > 0) return value;
  throw invalid(Array.isArray(value) ? 'the list has no entries' : 'the file holds no list', undefined);
}

function invalid(message: string, cause: unknown): BakeoffError {
  const remedy = 'Give VBench_full_info.json as VBench publishes it: a list of {"prompt_en", "dimension"}.';
  return new BakeoffError({ code: 'vbench-invalid', message, remedy, cause });
}
