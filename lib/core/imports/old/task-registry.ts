/**
 * Registries of tasks as YAML: `tasks:` as a mapping or a list, or one task as evaluation harnesses write it (`task`, `dataset_path`, `metric_list`).
 * Every task becomes a spec; models come from the task, the file or the user. Pure.
 */
import { readSpecDocument } from '../../parse-spec-document.ts';
import { slugOf } from '../item-ids.ts';
import { isRecord } from '../source-entry.ts';
import { assembleSpec, type OldModel } from './assemble-spec.ts';
import { type OldContext, type OldImport, oldInvalid, taskOfWords } from './old-import.ts';
import { promptItems } from './prompt-items.ts';
import { suiteReference } from './run-plan.ts';

const MAX_TASKS = 1000;

/** Keys of a task that have a place in a spec; the first that is there counts. */
const KEYS = {
  kind: ['task_type', 'type', 'output_type', 'category', 'modality'],
  data: ['suite', 'dataset', 'dataset_path', 'data', 'data_path', 'prompts_file'],
  prompts: ['prompts'],
  models: ['models', 'model'],
  metrics: ['metrics', 'metric_list', 'metric'],
  params: ['params', 'config', 'generation_kwargs', 'parameters'],
  limit: ['num_samples', 'limit', 'max_samples'],
  perItem: ['repeats', 'num_repeats'],
  seed: ['seed'],
} as const;
const SILENT = new Set(['task', 'name', 'id', 'title', 'description', 'version', 'metadata']);

/** Throws `import-invalid`. */
export function importTaskRegistry(text: string | Uint8Array, context: OldContext): OldImport {
  const { data, problems } = readSpecDocument(text);
  const told = problems.map(
    ({ draft, position }) => `line ${position.line}: ${draft.code}${draft.seen === undefined ? '' : ` (${draft.seen})`}`,
  );
  if (!isRecord(data))
    throw oldInvalid(told[0] ?? 'the file is no mapping', 'Give YAML with "tasks:", or one task with its name under "task".');
  const tasks = tasksOf(data);
  if (tasks.length === 0 || tasks.length > MAX_TASKS)
    throw oldInvalid(`${tasks.length} tasks; 1 to ${MAX_TASKS} are expected`, 'Give YAML with "tasks:".');
  const names = new Set<string>();
  const made = tasks.map(({ name, task }) => specOfTask(name, task, { file: data, told, names, isAlone: tasks.length === 1 }, context));
  return { specs: made.map(({ spec }) => spec), suites: made.flatMap(({ suite }) => suite ?? []) };
}

interface NamedTask {
  readonly name: string;
  readonly task: Readonly<Record<string, unknown>>;
}

function tasksOf(data: Readonly<Record<string, unknown>>): NamedTask[] {
  const { tasks } = data;
  if (Array.isArray(tasks)) {
    return tasks.filter(isRecord).map((task, index) => ({ name: nameOf(task) ?? `task-${index + 1}`, task }));
  }
  if (isRecord(tasks)) return Object.entries(tasks).map(([name, task]) => ({ name, task: isRecord(task) ? task : {} }));
  const name = nameOf(data);
  if (name !== null) return [{ name, task: data }];
  return Object.entries(data).flatMap(([key, task]) => (isRecord(task) ? [{ name: key, task }] : []));
}

function nameOf(task: Readonly<Record<string, unknown>>): string | null {
  return [task.task, task.name, task.id].find((each) => typeof each === 'string') ?? null;
}

interface Registry {
  readonly file: Readonly<Record<string, unknown>>;
  readonly told: readonly string[];
  readonly names: Set<string>;
  readonly isAlone: boolean;
}

function specOfTask(name: string, task: NamedTask['task'], { file, told, names, isAlone }: Registry, context: OldContext) {
  const notes = [...told];
  const used = new Set<string>(SILENT);
  const value = (part: keyof typeof KEYS): unknown => {
    const key = KEYS[part].find((each) => task[each] !== undefined && task[each] !== null);
    if (key !== undefined) used.add(key);
    return key === undefined ? undefined : task[key];
  };
  const specName = freeName(isAlone ? context.name : slugOf(`${context.name}-${name}`, context.name, 40), names);
  const [kind, data, prompts] = [textOf(value('kind')), textOf(value('data')), value('prompts')];
  const kindOfTask = context.task ?? taskOfWords(kind, name, data) ?? context.suites.get(data ?? '') ?? null;
  const listed = Array.isArray(prompts)
    ? prompts.map((each: unknown, index) => ({ value: each, where: `${name}, prompt ${index + 1}` }))
    : [];
  const suite =
    listed.length === 0 ? null : { id: `${specName}-prompts`, task: kindOfTask ?? 'text-to-video', drafts: promptItems(listed) };
  const params = value('params');
  const models = modelsOf(value('models') ?? file.models, isRecord(params) ? params : {}, context);
  if (models.length === 0) throw oldInvalid(`the task ${JSON.stringify(name)} names no model`, 'Give --model <id>, once for each.');
  const run = {
    ...{ name: specName, suite: suite === null ? suiteReference(data ?? name, context, notes) : `./${suite.id}`, task: kindOfTask, models },
    ...{ limit: value('limit'), perItem: value('perItem'), seed: value('seed') ?? file.seed, metrics: metricsOf(value('metrics')) },
  };
  const left = Object.keys(task).filter((key) => !used.has(key) && !(task === file && key === 'models'));
  if (left.length > 0) notes.push(`keys of the task that were left out: ${left.slice(0, 30).join(', ')}`);
  return { suite, spec: assembleSpec({ ...run, truths: suite === null ? null : new Set(), notes }, context) };
}

function freeName(wanted: string, taken: Set<string>): string {
  let free = wanted;
  for (let n = 2; taken.has(free); n += 1) free = `${wanted}-${n}`;
  taken.add(free);
  return free;
}

function modelsOf(given: unknown, params: Readonly<Record<string, unknown>>, { otherwise }: OldContext): OldModel[] {
  const list: unknown[] = Array.isArray(given)
    ? given
    : given === undefined
      ? [...otherwise]
      : isRecord(given)
        ? namedMembers(given)
        : [given];
  return list.flatMap((each) => {
    if (typeof each === 'string') return [{ name: each, params, where: null }];
    if (!isRecord(each)) return [];
    const name = [each.model, each.name, each.id, each.model_name].find((text) => typeof text === 'string');
    const own = [each.params, each.config, each.parameters].find(isRecord) ?? {};
    return typeof name === 'string' ? [{ name, params: { ...params, ...own }, where: null }] : [];
  });
}

/** `models: {name: {…}}`. */
function namedMembers(models: Readonly<Record<string, unknown>>): unknown[] {
  if (typeof models.name === 'string' || typeof models.model === 'string') return [models];
  return Object.entries(models).map(([name, each]) => ({ ...(isRecord(each) ? each : {}), name }));
}

function metricsOf(given: unknown): string[] {
  const list: unknown[] = Array.isArray(given) ? given : given === undefined ? [] : isRecord(given) ? Object.keys(given) : [given];
  return list.flatMap((each) => {
    const name = isRecord(each) ? (each.metric ?? each.name) : each;
    return typeof name === 'string' ? [name] : [];
  });
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
