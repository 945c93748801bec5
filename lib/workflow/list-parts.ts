/**
 * The part files of a stage in the order in which readers keep rows: by attempt, then by number. Keys are sorted by bytes in a
 * store, so `10-1` would come before `2-1`. Called by scoring, by the report, and by Advance.
 */
import type { ObjectStore } from '../core/ports.ts';

const PART_NAME = /^(?:(.+)-)?(\d{1,9})-(\d{1,9})\.jsonl$/;

export interface StoredPart {
  readonly key: string;
  readonly attempt: number;
  readonly number: number;
}

/** `owner`: the evaluator of score parts, null for sample parts. Other files are passed over. */
export async function listParts(objects: ObjectStore, prefix: string, owner: string | null): Promise<StoredPart[]> {
  const parts = (await objects.list(prefix)).flatMap((key) => {
    const match = PART_NAME.exec(key.slice(prefix.length));
    const found = match !== null && (match[1] ?? null) === owner;
    return found ? [{ key, attempt: Number(match[2]), number: Number(match[3]) }] : [];
  });
  return parts.sort((a, b) => a.attempt - b.attempt || a.number - b.number);
}
