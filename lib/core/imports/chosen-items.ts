/**
 * Keeps what an import keeps: items that pass the filter, each id once, and with a limit the first so many of the seeded order, which are the very
 * items that `samples: {seed, limit}` of a spec would send. Memory is bounded by the limits of a suite, however long the source is.
 */
import { sha256Hex } from '../canonical-json.ts';
import { BakeoffError } from '../errors.ts';
import { passesFilter, selectItems } from '../select-items.ts';
import type { SuiteItem } from '../suite.ts';

export const MAX_SUITE_ITEMS = 100_000;
/** Of `items.jsonl`. */
const MAX_SUITE_BYTES = 268_435_456;
/**
 * Ids that are remembered to tell one that comes twice, as 52 bits of a digest: at the most entries the chance that two different ids are taken for
 * one is below 1 in 2000, at 100,000 below 1 in 800,000. Text would take five times the memory.
 */
const MAX_ENTRIES = 2_000_000;

export interface Choice {
  readonly filter: Readonly<Record<string, readonly string[]>>;
  readonly limit: number | null;
  readonly seed: number;
}

interface Kept {
  readonly id: string;
  readonly attributes: SuiteItem['attributes'];
  readonly index: number;
  readonly line: string;
  readonly file: string | null;
}

export interface ChosenItems {
  /** Before anything costly is done for an item. */
  readonly passes: (attributes: SuiteItem['attributes']) => boolean;
  /** False: the id was there before, ignoring case. */
  readonly add: (item: SuiteItem) => boolean;
  /** Lines of `items.jsonl` in the order of the source, with the file that each names. */
  readonly end: () => readonly Pick<Kept, 'line' | 'file'>[];
}

/** `onDrop` gets the path of the file of every item that is not kept after all. `add` throws `suite-too-large`. */
export function chosenItems({ filter, limit, seed }: Choice, onDrop: (file: string) => void): ChosenItems {
  const seen = new Set<number>();
  let kept: Kept[] = [];
  let bytes = 0;
  let index = 0;
  const cut = (): void => {
    if (limit === null) return;
    const { selected, beyond } = selectItems(kept, { perItem: 1, seed, limit });
    kept = [...selected];
    for (const { line, file } of beyond) {
      bytes -= Buffer.byteLength(line) + 1;
      if (file !== null) onDrop(file);
    }
  };
  const add = (item: SuiteItem): boolean => {
    const key = Number.parseInt(sha256Hex(item.id.toLowerCase()).slice(0, 13), 16);
    if (seen.has(key)) return false;
    if (seen.size >= MAX_ENTRIES) throw tooLarge(`the source has more than ${MAX_ENTRIES} entries`);
    seen.add(key);
    const line = JSON.stringify(item);
    kept.push({ id: item.id, attributes: item.attributes, index, line, file: item.input.files?.[0]?.path ?? null });
    index += 1;
    bytes += Buffer.byteLength(line) + 1;
    if (limit !== null && (kept.length >= 2 * limit + 1000 || bytes > MAX_SUITE_BYTES)) cut();
    if (limit === null && kept.length > MAX_SUITE_ITEMS) throw tooLarge(`more than ${MAX_SUITE_ITEMS} items`);
    if (bytes > MAX_SUITE_BYTES) throw tooLarge(`more than ${MAX_SUITE_BYTES} bytes of items`);
    return true;
  };
  const end = (): Kept[] => {
    cut();
    if (kept.length > MAX_SUITE_ITEMS) throw tooLarge(`more than ${MAX_SUITE_ITEMS} items`);
    return kept.sort((a, b) => a.index - b.index);
  };
  const asFilter = Object.fromEntries(Object.entries(filter).map(([name, values]) => [name, [...values]]));
  return { passes: (attributes) => passesFilter({ id: '', attributes }, asFilter), add, end };
}

function tooLarge(seen: string): BakeoffError {
  return new BakeoffError({
    code: 'suite-too-large',
    message: `${seen}; a suite holds at most ${MAX_SUITE_ITEMS} items in ${MAX_SUITE_BYTES} bytes`,
    remedy: 'Take a part of the source with --limit or --filter, or split it.',
  });
}
