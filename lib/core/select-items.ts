/** Which items of a suite a run sends, and in which order. Pure; used by spec parsing and by planning. */
import { orderOfIssue } from './seed.ts';
import type { SpecSamples } from './spec.ts';

interface Selectable {
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Selection<T> {
  /** In order of issue: filtered, permuted, cut to the limit. */
  readonly selected: readonly T[];
  /** Everything else of the suite: what the limit cut off, then what the filter left out, both in order of issue. */
  readonly beyond: readonly T[];
}

/** An item passes when, for every attribute of the filter, it has one of the values. */
export function passesFilter(item: Selectable, filter: SpecSamples['filter']): boolean {
  return Object.entries(filter ?? {}).every(([name, wanted]) => {
    const value = Object.hasOwn(item.attributes, name) ? item.attributes[name] : undefined;
    return value !== undefined && [wanted].flat().includes(value);
  });
}

/** The items of a spec by its filter, in its seeded order, up to its limit; `beyond` is what was not selected. */
export function selectItems<T extends Selectable>(items: readonly T[], samples: SpecSamples): Selection<T> {
  const ordered = orderOfIssue(items, samples.seed);
  const passing = ordered.filter((item) => passesFilter(item, samples.filter));
  const limit = samples.limit ?? passing.length;
  return {
    selected: passing.slice(0, limit),
    beyond: [...passing.slice(limit), ...ordered.filter((item) => !passesFilter(item, samples.filter))],
  };
}
