/** The part files of a stage in the order in which readers keep rows. Called by scoring, by the report and by Advance. */
import { type PartName, partsIn } from '../core/part-name.ts';
import type { ObjectStore } from '../core/ports.ts';

/** `owner`: the evaluator of score parts, null for sample parts. Other files are passed over. */
export async function listParts(objects: ObjectStore, prefix: string, owner: string | null): Promise<PartName[]> {
  return partsIn(await objects.list(prefix), owner === null ? prefix : `${prefix}${owner}-`);
}
