/** Lines that are items of a Bakeoff suite already: `{id, input, reference, attributes}`. They are taken as they are, their one file with them. */
import { suiteItemSchema } from '../suite.ts';
import type { Drafted } from './draft-item.ts';
import { isRecord, type SourceEntry } from './source-entry.ts';

const KEYS = new Set(Object.keys(suiteItemSchema.shape));

export function isBakeoffItem({ fields }: SourceEntry): boolean {
  return isRecord(fields.input) && typeof fields.id === 'string' && Object.keys(fields).every((key) => KEYS.has(key));
}

export function draftOfItem({ where, fields }: SourceEntry): Drafted {
  const parsed = suiteItemSchema.safeParse(fields);
  if (!parsed.success) {
    return { ok: false, why: parsed.error.issues.map((issue) => `${issue.path.join('.') || 'item'}: ${issue.message}`).join('; ') };
  }
  const { id, input, reference, attributes } = parsed.data;
  const { files, ...rest } = input;
  if (files !== undefined && files.length > 1) return { ok: false, why: `${files.length} files; an import takes one of each item` };
  const path = files?.[0]?.path;
  const image = path === undefined ? null : ({ kind: 'path', path } as const);
  return { ok: true, draft: { where, givenId: id, name: id, input: rest, image, reference, attributes } };
}
