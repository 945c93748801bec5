/**
 * Regression files as JSON lines: rows of numbers with a target (`{features, target}`), or test cases with an expected answer (`{prompt, expected}`).
 * One spec and one suite; answers that the file brings along are left out. Pure but for the lines that it is given.
 */
import type { Task } from '../../builtin-scorers.ts';
import { MAX_SUITE_ITEMS } from '../chosen-items.ts';
import { type ColumnRoles, columnRoles } from '../column-roles.ts';
import { type DraftItem, draftItem } from '../draft-item.ts';
import { isRecord, type ReadEntry, type RefusedEntry, refusedEntry, type SourceEntry } from '../source-entry.ts';
import { assembleSpec } from './assemble-spec.ts';
import { type OldContext, type OldImport, oldInvalid } from './old-import.ts';

const FEATURES = ['features', 'row', 'inputs', 'x', 'X'];
const TARGETS = ['target', 'value', 'y', 'y_true', 'expected', 'label'];
/** What an old run wrote down, and rules of passing: neither is an item. */
const LEFT_OUT =
  /^(prediction|predicted|y_pred|output|actual|response|score|passed|error|latency.*|tolerance|threshold|abs_tol|rel_tol|checks?|assert.*|must_.*)$/i;

/** Throws `import-invalid`. */
export async function importRegression(entries: AsyncIterable<ReadEntry>, context: OldContext): Promise<OldImport> {
  const drafts: (DraftItem | RefusedEntry)[] = [];
  const models = new Set<string>();
  const left = new Set<string>();
  const truths = new Set<string>();
  let task: Task | null = context.task;
  for await (const entry of entries) {
    if (drafts.length >= MAX_SUITE_ITEMS) throw oldInvalid(`more than ${MAX_SUITE_ITEMS} rows`, 'Split the file.');
    if (entry.kind === 'refused') {
      drafts.push(entry);
      continue;
    }
    task ??= featuresOf(entry) === null ? 'image-to-text' : 'tabular-regression';
    const draft = draftOf(entry, task, left);
    if (!('kind' in draft)) for (const key of Object.keys(draft.reference ?? {})) truths.add(key);
    drafts.push(draft);
    const model = entry.fields.model ?? entry.fields.model_name;
    if (typeof model === 'string') models.add(model);
  }
  if (task === null) throw oldInvalid('the file has no rows', 'Give JSON lines such as {"features": {…}, "target": 1.5}.');
  const names = models.size > 0 ? [...models] : context.otherwise;
  if (names.length === 0) throw oldInvalid('the file names no model', 'Give --model <id>, once for each.');
  const notes = [
    ...(left.size === 0 ? [] : [`keys of rows that were left out: ${[...left].join(', ')}`]),
    ...([...left].some((key) => /tol|threshold|check|assert|must/i.test(key))
      ? ['what a row must reach is left out: write gates, see docs/gates.md']
      : []),
  ];
  const suite = { id: `${context.name}-rows`, task, drafts };
  const run = { name: context.name, suite: `./${suite.id}`, task, metrics: [], truths, notes };
  return { specs: [assembleSpec({ ...run, models: names.map((name) => ({ name, params: {}, where: null })) }, context)], suites: [suite] };
}

function featuresOf({ fields }: SourceEntry): Readonly<Record<string, unknown>> | null {
  const value = FEATURES.map((key) => fields[key]).find((each) => isRecord(each) || Array.isArray(each));
  if (isRecord(value)) return value;
  if (!Array.isArray(value)) return null;
  const names: unknown[] = Array.isArray(fields.feature_names) ? fields.feature_names : [];
  return Object.fromEntries(value.map((each: unknown, index) => [typeof names[index] === 'string' ? names[index] : `f${index}`, each]));
}

function draftOf(entry: SourceEntry, task: Task, left: Set<string>): DraftItem | RefusedEntry {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(entry.fields)) {
    if (LEFT_OUT.test(key)) left.add(key);
    else if (key !== 'model' && key !== 'model_name' && key !== 'feature_names') kept[key] = value;
  }
  return task === 'tabular-regression' ? rowDraft({ ...entry, fields: kept }, entry) : caseDraft({ ...entry, fields: kept }, task);
}

function rowDraft(entry: SourceEntry, whole: SourceEntry): DraftItem | RefusedEntry {
  const row = featuresOf(whole);
  if (row === null) return refusedEntry(entry.where, 'no features: an object or a list is expected');
  const target = TARGETS.find((key) => entry.fields[key] !== undefined);
  if (target === undefined) return refusedEntry(entry.where, `no target: one of ${TARGETS.join(', ')} is expected`);
  const others = Object.fromEntries(
    Object.entries(entry.fields).filter(([key]) => !FEATURES.includes(key) && key !== target && key !== 'id'),
  );
  const prefixed = Object.fromEntries(Object.entries(row).map(([key, value]) => [`row ${key}`, value]));
  const fields = { ...others, id: entry.fields.id ?? null, 'the target': entry.fields[target], ...prefixed };
  const roles: ColumnRoles = { id: 'id', value: 'the target' };
  const rules = { task: 'tabular-regression', roles, attributes: Object.keys(others), prompt: null, features: Object.keys(prefixed) };
  const drafted = draftItem({ ...entry, fields }, rules);
  if (!drafted.ok) return refusedEntry(entry.where, drafted.why.replace(/^row /, ''));
  const plain = Object.fromEntries(Object.entries(drafted.draft.input.row ?? {}).map(([key, value]) => [key.slice('row '.length), value]));
  return { ...drafted.draft, name: 'row', input: { row: plain } };
}

/** `input` may be the prompt; `expected` a text, a list of texts, or an object that says which it is. */
function caseDraft(entry: SourceEntry, task: Task): DraftItem | RefusedEntry {
  const { input, expected, ...rest } = entry.fields;
  const truth = isRecord(expected) ? (expected.reference ?? expected.text ?? expected.answer) : expected;
  const fields = { ...rest, ...(typeof input === 'string' ? { prompt: input } : {}), ...(truth === undefined ? {} : { expected: truth }) };
  const roles = columnRoles(Object.keys(fields), task, truth === undefined ? {} : { text: 'expected' });
  const drafted = draftItem({ ...entry, fields }, { task, roles, attributes: null, prompt: null, features: [] });
  return drafted.ok ? drafted.draft : refusedEntry(entry.where, drafted.why);
}
