/**
 * Run plans as CSV with one row per model and task: rows of one task and data set become one spec, columns that nobody knows become params. Pure but
 * for the rows that it is given.
 */
import { canonicalJson } from '../../canonical-json.ts';
import { slugOf } from '../item-ids.ts';
import type { ReadEntry } from '../source-entry.ts';
import { assembleSpec } from './assemble-spec.ts';
import { type OldContext, type OldImport, type OldSuite, oldInvalid, taskOfWords } from './old-import.ts';
import { promptItems } from './prompt-items.ts';

const MAX_ROWS = 10_000;

const COLUMNS = {
  model: ['model', 'model_name', 'model_id'],
  task: ['task', 'task_name', 'task_type', 'benchmark'],
  suite: ['suite', 'dataset', 'dataset_name', 'data', 'prompts_file', 'input_file'],
  prompt: ['prompt', 'prompt_text'],
  limit: ['num_samples', 'n_samples', 'limit', 'max_samples', 'num_prompts'],
  perItem: ['repeats', 'num_repeats', 'runs', 'n_runs', 'num_videos_per_prompt'],
  seed: ['seed', 'random_seed'],
  concurrency: ['concurrency', 'num_workers', 'parallel_requests'],
  metric: ['metric', 'metrics'],
} as const;
type Part = keyof typeof COLUMNS;

/** Columns about how the old tool worked, not about what is measured. */
const HOUSEKEEPING =
  /^(id|run_id|job_id|name|status|state|priority|enabled|owner|notes?|comments?|gpu|gpus|device|node|output.*|log.*|created.*|started.*|finished.*|updated.*|timeout.*|batch_size|version|weights.*|checkpoint.*|hf_repo|repo)$/i;

interface Row {
  readonly where: string;
  readonly parts: Partial<Record<Part, string>>;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Throws `import-invalid` with the first bad row. */
export async function importRunPlan(entries: AsyncIterable<ReadEntry>, context: OldContext): Promise<OldImport> {
  const rows: Row[] = [];
  const left = new Set<string>();
  for await (const entry of entries) {
    if (entry.kind === 'refused') throw oldInvalid(`${entry.where}: ${entry.why}`, 'Correct the row.');
    if (rows.length >= MAX_ROWS) throw oldInvalid(`more than ${MAX_ROWS} rows`, 'Split the plan.');
    rows.push(rowOf(entry, left));
  }
  if (rows.length === 0) throw oldInvalid('the plan has no rows', 'Give a CSV file with a header and one row per model and task.');
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = canonicalJson([row.parts.task ?? '', row.parts.suite ?? '']);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const told = left.size === 0 ? [] : [`columns that were left out: ${[...left].join(', ')}`];
  const names = new Set<string>();
  const made = [...groups.values()].map((group) => specOfGroup(group, specName(group, groups.size, names, context), told, context));
  return { specs: made.map(({ spec }) => spec), suites: made.flatMap(({ suite }) => (suite === null ? [] : [suite])) };
}

function rowOf({ where, fields }: Extract<ReadEntry, { kind: 'entry' }>, left: Set<string>): Row {
  const parts: Partial<Record<Part, string>> = {};
  const params: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(fields)) {
    if (typeof value !== 'string') continue;
    const part = partOf(column);
    if (part !== null) parts[part] ??= value.trim();
    else if (HOUSEKEEPING.test(column)) left.add(column);
    else params[column] = value.trim();
  }
  if (parts.model === undefined) throw oldInvalid(`${where} names no model`, 'Give a column model, model_name or model_id.');
  return { where, parts, params };
}

function partOf(column: string): Part | null {
  for (const [part, names] of Object.entries(COLUMNS)) {
    if (names.some((name) => name === column.toLowerCase()) && isPart(part)) return part;
  }
  return null;
}

function isPart(name: string): name is Part {
  return Object.hasOwn(COLUMNS, name);
}

function specName(group: readonly Row[], groups: number, taken: Set<string>, { name }: OldContext): string {
  const { task, suite } = group[0]?.parts ?? {};
  const wanted = groups === 1 ? name : slugOf(`${name}-${task ?? ''}-${suite ?? ''}`, name, 40);
  let free = wanted;
  for (let n = 2; taken.has(free); n += 1) free = `${wanted}-${n}`;
  taken.add(free);
  return free;
}

function specOfGroup(group: readonly Row[], name: string, told: readonly string[], context: OldContext) {
  const [first] = group;
  const { task: taskName, suite: data } = first?.parts ?? {};
  const notes = [...told];
  const one = (part: Part): string | undefined => {
    const values = [...new Set(group.flatMap(({ parts }) => parts[part] ?? []))];
    if (values.length > 1) notes.push(`${part} differs from row to row (${values.slice(0, 5).join(', ')}); the spec has the first for all`);
    return values[0];
  };
  const prompts = group.flatMap(({ where, parts }) => (parts.prompt === undefined ? [] : [{ value: parts.prompt, where }]));
  const task =
    context.task ?? taskOfWords(taskName, data) ?? context.suites.get(data ?? '') ?? (prompts.length > 0 ? 'text-to-video' : null);
  const suite: OldSuite | null =
    prompts.length === 0 || task === null ? null : { id: `${name}-prompts`, task, drafts: promptItems(prompts) };
  if (suite !== null && !isFullPlan(group))
    notes.push('the plan pairs models with different prompts; a spec sends every prompt to every model');
  const reference = suite === null ? suiteReference(data ?? taskName ?? name, context, notes) : `./${suite.id}`;
  const models = group.map(({ where, parts, params }) => ({ name: parts.model ?? '', params, where }));
  const metrics = (one('metric') ?? '').split(/[;|,\s]+/).filter((each) => each !== '');
  const counts = { limit: one('limit'), perItem: one('perItem'), seed: one('seed'), concurrency: one('concurrency') };
  return {
    suite,
    spec: assembleSpec(
      { name, suite: reference, task, models, metrics, ...counts, truths: suite === null ? null : new Set(), notes },
      context,
    ),
  };
}

/** Whether every model has every prompt. */
function isFullPlan(group: readonly Row[]): boolean {
  const prompts = new Set(group.map(({ parts }) => parts.prompt));
  const pairs = new Map<string, Set<string | undefined>>();
  for (const { parts } of group) pairs.set(parts.model ?? '', (pairs.get(parts.model ?? '') ?? new Set()).add(parts.prompt));
  return [...pairs.values()].every((each) => each.size === prompts.size);
}

/** A registered suite, the one that the user gives, or a folder that is to be made. */
export function suiteReference(data: string, { suites, suite }: OldContext, notes: string[]): string {
  if (suite !== null) return suite;
  if (suites.has(data)) return data;
  const folder = `./${slugOf(data, 'suite')}`;
  notes.push(
    `the data set ${JSON.stringify(data)} is no registered suite: make ${folder} with "bakeoff suites import", or import again with --suite`,
  );
  return folder;
}
