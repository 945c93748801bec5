/** The items of a run as identities: id, and a digest of what was sent and of its truth. Used by the comparison of runs. */
import { canonicalJson, sha256Hex } from '../core/canonical-json.ts';
import { frozenItemSchema, type Job, referenceLineSchema } from '../core/job.ts';
import type { ObjectStore } from '../core/ports.ts';
import { forEachLine, parseLine } from './read-lines.ts';
import type { RunItems } from './align-columns.ts';

/** In the order of issue. Throws `corrupt-row` and `object-missing`. */
export async function readItemIdentities(
  objects: ObjectStore,
  job: Pick<Job, 'itemsKey' | 'referencesKey' | 'repeats'>,
): Promise<RunItems> {
  const truths = new Map<string, string>();
  await forEachLine(objects, job.referencesKey, (line) => {
    const { id, reference } = parseLine(line, referenceLineSchema);
    truths.set(id, sha256Hex(canonicalJson(reference)));
  });
  const items: { id: string; digest: string }[] = [];
  await forEachLine(objects, job.itemsKey, (line) => {
    const { id, input } = parseLine(line, frozenItemSchema);
    items.push({ id, digest: sha256Hex(`${canonicalJson(input)}\n${truths.get(id) ?? ''}`) });
  });
  return { items, repeats: job.repeats };
}
