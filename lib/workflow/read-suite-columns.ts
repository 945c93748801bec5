/**
 * The frozen items of a run as columns: their order for bootstraps and their category codes. Read once, shared by all jobs.
 */
import { NO_CATEGORY, type SuiteColumns } from '../core/columns.ts';
import { frozenItemSchema, type Job } from '../core/job.ts';
import type { ObjectStore } from '../core/ports.ts';
import { corruptLine, forEachLine, parseLine } from './read-lines.ts';

/** With more items every interval is a normal approximation (lib/core/measures/estimate.ts), which no order can change. */
const MAX_ORDERED_ITEMS = 20_000;

interface CategoryBuilder {
  readonly attribute: string;
  readonly codes: Uint16Array;
  /** Codes in order of appearance. */
  readonly codeOf: Map<string, number>;
}

function note(builder: CategoryBuilder, item: number, value: string | undefined): void {
  if (value === undefined) return;
  const code = builder.codeOf.get(value) ?? builder.codeOf.size;
  if (code >= NO_CATEGORY) return;
  builder.codeOf.set(value, code);
  builder.codes[item] = code;
}

/** Renumbers the codes so that the values are sorted. */
function sorted({ attribute, codes, codeOf }: CategoryBuilder): SuiteColumns['categories'][number] {
  const values = [...codeOf.keys()].sort();
  const newCodes = new Uint16Array(codeOf.size);
  for (const [code, value] of values.entries()) newCodes[codeOf.get(value) ?? 0] = code;
  return { attribute, values, codes: codes.map((code) => newCodes[code] ?? NO_CATEGORY) };
}

function orderOf(ids: readonly string[], itemCount: number): Uint32Array {
  const order = Uint32Array.from({ length: itemCount }, (_, item) => item);
  const idOf = (item: number): string => ids[item] ?? '';
  return ids.length === 0 ? order : order.sort((a, b) => (idOf(a) < idOf(b) ? -1 : idOf(a) > idOf(b) ? 1 : 0));
}

/** `categories`: attributes to break scores down by. Throws `corrupt-row` where the file is not the plan's. */
export async function readSuiteColumns(
  objects: ObjectStore,
  job: Pick<Job, 'itemsKey' | 'itemCount' | 'repeats'>,
  categories: readonly string[],
): Promise<SuiteColumns> {
  const { itemsKey, itemCount, repeats } = job;
  const ordered = itemCount <= MAX_ORDERED_ITEMS;
  const ids: string[] = [];
  const builders = categories.map((attribute): CategoryBuilder => {
    return { attribute, codes: new Uint16Array(itemCount).fill(NO_CATEGORY), codeOf: new Map() };
  });
  if (ordered || builders.length > 0) {
    let item = 0;
    await forEachLine(objects, itemsKey, (line) => {
      const { id, attributes } = parseLine(line, frozenItemSchema);
      if (ordered) ids.push(id);
      for (const builder of builders) note(builder, item, attributes[builder.attribute]);
      item++;
    });
    if (item !== itemCount) throw corruptLine({ key: itemsKey, number: item }, `${item} items, the plan has ${itemCount}`);
  }
  return { itemCount, repeats, order: orderOf(ids, itemCount), categories: builders.map(sorted) };
}
