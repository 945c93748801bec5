/** Checks what a spec sends: the suite or inline items it names, and its filter. Called by parse-spec.ts with the sections whose shape is sound. */
import type { z } from 'zod';
import type { Task } from './builtin-scorers.ts';
import { nearestName } from './nearest-name.ts';
import type { Registry } from './registry.ts';
import { passesFilter, selectItems } from './select-items.ts';
import { type inlineItemSchema, isSuitePath, MAX_SAMPLES_PER_JOB, type SpecSamples } from './spec.ts';
import { describeValue, type PathStep, type ProblemDraft } from './spec-problem.ts';
import type { SuiteItem } from './suite.ts';

export type InlineItem = z.infer<typeof inlineItemSchema>;

export interface PlacedItem {
  readonly index: number;
  readonly item: InlineItem;
}

/** What the checks of other sections need to know of the items. */
export interface SuiteView {
  /** Null for inline items: their task is that of the models. */
  readonly task: Task | null;
  readonly items: readonly (SuiteItem | InlineItem)[];
  /** Where a problem with an item belongs in the document. */
  readonly pathOfItem: (index: number) => PathStep[];
}

export interface SuiteSections {
  readonly hasSuiteKey: boolean;
  readonly hasItemsKey: boolean;
  readonly suite: string | undefined;
  /** Inline items whose shape is sound, with their places in the list. */
  readonly items: readonly PlacedItem[] | undefined;
  readonly samples: SpecSamples | undefined;
}

/** Adds the problems of `suite`, `items` and `samples`; returns what other sections need of them, or null. */
export function checkSuite(sections: SuiteSections, registry: Registry, problems: ProblemDraft[]): SuiteView | null {
  if (!sections.hasSuiteKey && !sections.hasItemsKey) problems.push({ code: 'suite-missing', path: [], expected: 'suite or items' });
  if (sections.hasSuiteKey && sections.hasItemsKey) problems.push({ code: 'suite-and-items', path: ['items'], atKey: true });
  if (sections.items !== undefined) checkItemIds(sections.items, problems);
  const view = viewOf(sections, registry, problems);
  if (view !== null && sections.samples !== undefined) checkSelection(view, sections.samples, problems);
  return view;
}

function viewOf(sections: SuiteSections, registry: Registry, problems: ProblemDraft[]): SuiteView | null {
  if (sections.suite === undefined) {
    const { items } = sections;
    if (items === undefined || items.length === 0) return null;
    return { task: null, items: items.map(({ item }) => item), pathOfItem: (index) => ['items', items[index]?.index ?? index] };
  }
  const suite = registry.suites.get(sections.suite);
  if (suite !== undefined) return { task: suite.manifest.task, items: suite.items, pathOfItem: () => ['suite'] };
  problems.push(unusableSuite(sections.suite, registry));
  return null;
}

function unusableSuite(name: string, registry: Registry): ProblemDraft {
  const fault = registry.faults.find(({ kind, id }) => kind === 'suite' && id === name);
  const seen = describeValue(name);
  if (fault !== undefined) return { code: 'suite-broken', path: ['suite'], seen, detail: fault.error.message };
  const known = [...registry.suites.keys()].filter((key) => !isSuitePath(key));
  return { code: 'unknown-suite', path: ['suite'], seen, ...expectedNames(known), nearest: nearestName(name, known) };
}

function checkItemIds(items: readonly PlacedItem[], problems: ProblemDraft[]): void {
  const before = new Map<string, { id: string; index: number }>();
  for (const { index, item } of items) {
    const { id } = item;
    const first = before.get(id.toLowerCase());
    if (first === undefined) before.set(id.toLowerCase(), { id, index });
    else {
      const code = first.id === id ? 'duplicate-item-id' : 'item-ids-differ-in-case';
      problems.push({
        code,
        path: ['items', index, 'id'],
        seen: describeValue(id),
        expected: `an id other than that of items[${first.index}]`,
      });
    }
  }
}

function checkSelection(view: SuiteView, samples: SpecSamples, problems: ProblemDraft[]): void {
  const before = problems.length;
  const known = new Map<string, Set<string>>();
  for (const item of view.items) {
    for (const [name, value] of Object.entries(item.attributes)) known.set(name, (known.get(name) ?? new Set()).add(value));
  }
  for (const [name, wanted] of Object.entries(samples.filter ?? {})) checkFilter(name, wanted, known, problems);
  if (problems.length > before) return;
  if (!view.items.some((item) => passesFilter(item, samples.filter))) {
    problems.push({ code: 'filter-matches-nothing', path: ['samples', 'filter'], seen: describeValue(samples.filter) });
    return;
  }
  const count = selectItems(view.items, samples).selected.length * samples.perItem;
  if (count > MAX_SAMPLES_PER_JOB) {
    problems.push({
      code: 'too-many-samples',
      path: ['samples'],
      seen: `${count} samples per job`,
      expected: `at most ${MAX_SAMPLES_PER_JOB}`,
    });
  }
}

function checkFilter(
  name: string,
  wanted: string | readonly string[],
  known: ReadonlyMap<string, ReadonlySet<string>>,
  problems: ProblemDraft[],
): void {
  const values = known.get(name);
  const path = ['samples', 'filter', name];
  if (values === undefined) {
    const names = [...known.keys()].sort();
    problems.push({
      code: 'unknown-attribute',
      path,
      seen: describeValue(name),
      ...expectedNames(names),
      nearest: nearestName(name, names),
      atKey: true,
    });
    return;
  }
  for (const [index, value] of [wanted].flat().entries()) {
    if (values.has(value)) continue;
    const at = typeof wanted === 'string' ? path : [...path, index];
    const sorted = [...values].sort();
    problems.push({
      code: 'unknown-attribute-value',
      path: at,
      seen: describeValue(value),
      ...expectedNames(sorted),
      nearest: nearestName(value, sorted),
    });
  }
}

/** The names that would do, as far as they fit on a line or two. */
export function expectedNames(names: readonly string[]): { expected?: string } {
  if (names.length === 0) return {};
  const shown = names.slice(0, 12).join(', ');
  return { expected: `one of ${shown}${names.length > 12 ? `, and ${names.length - 12} more` : ''}` };
}
