/**
 * Puts a spec together from what an old file says: models and params by their registered names, samples, scorers for the metrics that it names. Notes
 * whatever could not be carried over. Pure; called by the importers of this folder.
 */
import { BUILTIN_SCORERS, type Task } from '../../builtin-scorers.ts';
import type { ParamValue } from '../../params.ts';
import { MAX_SAMPLES_PER_JOB } from '../../spec.ts';
import { carryModel } from './carry-model.ts';
import { carryParams } from './carry-params.ts';
import type { OldContext, OldSpec } from './old-import.ts';

export interface OldModel {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** For notes: `line 3`; null where there is one place only. */
  readonly where: string | null;
}

export interface OldRun {
  readonly name: string;
  readonly suite: string;
  readonly task: Task | null;
  readonly models: readonly OldModel[];
  readonly perItem?: unknown;
  readonly seed?: unknown;
  readonly limit?: unknown;
  readonly concurrency?: unknown;
  readonly metrics: readonly string[];
  /** Which truths the items have; null: unknown. */
  readonly truths: ReadonlySet<string> | null;
  readonly notes: readonly string[];
}

export function assembleSpec(run: OldRun, context: OldContext): OldSpec {
  const notes = [...run.notes];
  const models = modelEntries(run.models, context, notes);
  const samples = {
    ...wholeNumber('samples per item', run.perItem, 1, 1000, 'perItem', notes),
    ...wholeNumber('seed', run.seed, 0, 2 ** 31 - 1, 'seed', notes),
    ...wholeNumber('number of samples', run.limit, 1, Math.min(100_000, MAX_SAMPLES_PER_JOB), 'limit', notes),
  };
  const load = wholeNumber('concurrency', run.concurrency, 1, 4096, 'concurrency', notes);
  const metrics = carryMetrics(run, notes);
  const scorers = [...new Set(['latency', 'resources', ...metrics.map((metric) => metric.split('.')[0] ?? ''), ...scorersOfTruths(run)])];
  const document = {
    apiVersion: 'bakeoff/v1',
    name: run.name,
    description: `Imported from ${context.fileName}.`,
    suite: run.suite,
    models,
    ...(Object.keys(samples).length === 0 ? {} : { samples }),
    load: { mode: 'closed', concurrency: load.concurrency ?? 1 },
    scorers,
    ...(metrics[0] === undefined ? {} : { score: { rankBy: metrics[0] } }),
  };
  return { name: run.name, document, notes: [...new Set(notes)] };
}

function modelEntries(
  models: readonly OldModel[],
  context: OldContext,
  notes: string[],
): { model: string; params?: Record<string, ParamValue> }[] {
  const entries = new Map<string, { model: string; params?: Record<string, ParamValue> }>();
  for (const { name, params: old, where } of models) {
    const carried = carryModel(name, context);
    const { params, notes: told } = carryParams(old, carried.registered);
    notes.push(...carried.notes, ...told.map((note) => (where === null ? `${name}: ${note}` : `${where}, ${name}: ${note}`)));
    const entry = { model: carried.id, ...(Object.keys(params).length === 0 ? {} : { params }) };
    entries.set(JSON.stringify(entry), entry);
  }
  return [...entries.values()];
}

function wholeNumber<K extends string>(
  what: string,
  value: unknown,
  least: number,
  most: number,
  key: K,
  notes: string[],
): { [P in K]?: number } {
  if (value === undefined || value === null || value === '') return {};
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value.trim()) ? Number(value) : value;
  const result: { [P in K]?: number } = {};
  if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) result[key] = number;
  else notes.push(`${what} ${JSON.stringify(value)} is left out: a whole number from ${least} to ${most} is expected`);
  return result;
}

/** Old names of metrics, without case and separators. */
const METRICS: Readonly<Record<string, string>> = {
  cer: 'text.cer',
  wer: 'text.wer',
  anls: 'text.anls',
  exactmatch: 'text.exact-match',
  em: 'text.exact-match',
  bleu: 'overlap.bleu',
  chrf: 'overlap.chrf',
  accuracy: 'labels.accuracy',
  acc: 'labels.accuracy',
  f1: 'labels.macro-f1',
  macrof1: 'labels.macro-f1',
  mae: 'numbers.mae',
  meanabsoluteerror: 'numbers.mae',
  rmse: 'numbers.rmse',
  rootmeansquarederror: 'numbers.rmse',
  r2: 'numbers.r2',
  r2score: 'numbers.r2',
  spearman: 'numbers.spearman',
};

const MEASURED_ANYWAY = /latency|throughput|memory|vram|time|duration|fps/i;

function carryMetrics({ metrics, task, truths }: OldRun, notes: string[]): string[] {
  return metrics.flatMap((old) => {
    const name = METRICS[old.toLowerCase().replace(/[^a-z0-9]/g, '')];
    const [scorer = '', metric] = name?.split('.') ?? [];
    const offer = BUILTIN_SCORERS.get(scorer);
    const reads = offer?.metrics.some((each) => each.name === metric) === true;
    const fits = reads && (task === null || offer?.appliesTo === 'any' || offer?.appliesTo.includes(task) === true);
    const hasTruth = truths === null || (offer?.reference?.keys ?? []).some((key) => truths.has(key));
    if (name !== undefined && fits && hasTruth) return [name];
    if (MEASURED_ANYWAY.test(old)) return [];
    const why =
      name === undefined ? 'Bakeoff has no metric of that name' : fits ? 'the items have no truth for it' : `it is no metric of ${task}`;
    notes.push(`the metric ${JSON.stringify(old)} is left out: ${why}`);
    return [];
  });
}

/** Built-in scorers that can read the task's answers and the items' truths. */
function scorersOfTruths({ task, truths }: OldRun): string[] {
  if (truths === null || task === null) return [];
  return [...BUILTIN_SCORERS].flatMap(([name, { appliesTo, reference }]) => {
    if (name === 'overlap' && truths.has('text')) return [];
    const fits = appliesTo !== 'any' && appliesTo.includes(task) && reference?.keys.some((key) => truths.has(key)) === true;
    return fits ? [name] : [];
  });
}
