/** The last step from a draft to an item: files with their digests, and the id. Pure; called when the image has been read. */
import { canonicalJson } from '../canonical-json.ts';
import { type SuiteItem, suiteItemSchema } from '../suite.ts';
import type { DraftItem } from './draft-item.ts';
import { idOfContent, idOfGiven } from './item-ids.ts';
import { isNestedTooDeep, NESTED_TOO_DEEP } from './nesting.ts';

export interface ImportedFile {
  /** Inside the suite. */
  readonly path: string;
  readonly sha256: string;
  readonly contentType: string;
}

/** The item, or why the suite's schema refuses it. */
export function finishItem({ givenId, name, input, reference, attributes }: DraftItem, file: ImportedFile | null): SuiteItem | string {
  if (isNestedTooDeep(input) || isNestedTooDeep(reference)) return NESTED_TOO_DEEP;
  const whole = { input: file === null ? input : { ...input, files: [file] }, reference, attributes };
  const id = givenId === null ? idOfContent(name, canonicalJson(whole)) : idOfGiven(givenId);
  const parsed = suiteItemSchema.safeParse({ id, ...whole });
  if (parsed.success) return parsed.data;
  return parsed.error.issues.map((issue) => `${issue.path.join('.') || 'item'}: ${issue.message}`).join('; ');
}
