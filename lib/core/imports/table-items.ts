/**
 * Entries of a table (JSON lines, CSV, Parquet) as drafts of items. The first entries decide which column is what; from then on every entry becomes a
 * draft or is refused by its place. Pure but for the entries that it is given.
 */
import { BakeoffError } from '../errors.ts';
import { draftOfItem, isBakeoffItem } from './bakeoff-entries.ts';
import { type ColumnRoles, columnRoles, unknownColumn } from './column-roles.ts';
import { attributeName, type DraftItem, type DraftRules, draftItem } from './draft-item.ts';
import { type ReadEntry, type RefusedEntry, refusedEntry, type SourceEntry } from './source-entry.ts';

export interface TableOptions {
  readonly task: string;
  readonly mapped: ColumnRoles;
  /** Null: every column that is left over. */
  readonly attributes: readonly string[] | null;
  readonly prompt: string | null;
}

/** Entries that are looked at before the first becomes an item: optional columns may be missing in one. */
const LOOKED_AT = 100;

/** `onRules` is told once what was made of the columns. Throws `unknown-column`, `columns-missing`, and what `entries` throws. */
export async function* tableItems(
  entries: AsyncIterable<ReadEntry>,
  options: TableOptions,
  onRules: (rules: DraftRules) => void,
): AsyncGenerator<DraftItem | RefusedEntry> {
  let waiting: ReadEntry[] | null = [];
  let rules: DraftRules | null = null;
  for await (const entry of entries) {
    if (waiting === null) {
      yield rules === null ? draftOrRefusal(entry, null) : draftOrRefusal(entry, rules);
      continue;
    }
    waiting.push(entry);
    if (waiting.length < LOOKED_AT) continue;
    rules = rulesOf(waiting, options, onRules);
    for (const each of waiting) yield draftOrRefusal(each, rules);
    waiting = null;
  }
  if (waiting === null) return;
  rules = rulesOf(waiting, options, onRules);
  for (const each of waiting) yield draftOrRefusal(each, rules);
}

function draftOrRefusal(entry: ReadEntry, rules: DraftRules | null): DraftItem | RefusedEntry {
  if (entry.kind === 'refused') return entry;
  const drafted = rules === null ? draftOfItem(entry) : draftItem(entry, rules);
  return drafted.ok ? drafted.draft : refusedEntry(entry.where, drafted.why);
}

/** Null: the lines are items of a suite already. */
function rulesOf(first: readonly ReadEntry[], options: TableOptions, onRules: (rules: DraftRules) => void): DraftRules | null {
  const entries = first.filter((entry): entry is SourceEntry => entry.kind === 'entry');
  if (entries.length > 0 && entries.every(isBakeoffItem)) return null;
  const columns = [...new Set(entries.flatMap(({ fields }) => Object.keys(fields)))];
  const roles = entries.length === 0 ? {} : columnRoles(columns, options.task, options.mapped);
  for (const name of options.attributes ?? []) if (entries.length > 0 && !columns.includes(name)) throw unknownColumn(name, columns);
  const used = new Set([...Object.values(roles), ...(options.attributes ?? [])]);
  const features = options.task === 'tabular-regression' ? columns.filter((name) => !used.has(name)) : [];
  const rules: DraftRules = { task: options.task, roles, attributes: options.attributes, prompt: options.prompt, features };
  if (entries.length > 0) {
    checkSendable(rules, columns);
    checkNames(columns);
  }
  onRules(rules);
  return rules;
}

function checkSendable({ task, roles, prompt }: DraftRules, columns: readonly string[]): void {
  const needed = task === 'text-to-video' ? (['prompt'] as const) : (['image', 'messages', 'prompt'] as const);
  if (task === 'tabular-regression' || needed.some((role) => roles[role] !== undefined) || (task === 'text-to-video' && prompt !== null))
    return;
  throw new BakeoffError({
    code: 'columns-missing',
    message: `no column looks like ${needed.join(' or ')}; the columns are ${columns.slice(0, 20).join(', ')}${columns.length > 20 ? ', …' : ''}`,
    remedy: `Say which it is: --map ${needed[0]}=<column>.`,
  });
}

function checkNames(columns: readonly string[]): void {
  const byName = new Map<string, string>();
  for (const column of columns) {
    const other = byName.get(attributeName(column));
    if (other !== undefined) {
      throw new BakeoffError({
        code: 'columns-alike',
        message: `the columns ${JSON.stringify(other)} and ${JSON.stringify(column)} would both be called ${attributeName(column)}`,
        remedy: 'Rename one of them.',
      });
    }
    byName.set(attributeName(column), column);
  }
}
