/**
 * From the text of a spec to a spec that can be planned, or to all of its problems at once with their places. Pure and total:
 * it never throws, whatever the text. Called by the verbs of the CLI; what is registered comes in as a value.
 */
import type { z } from 'zod';
import type { Task } from './builtin-scorers.ts';
import type { Fleet } from './fleet.ts';
import { idSchema } from './ids.ts';
import { TASKS } from './manifest.ts';
import { type PositionedDraft, readSpecDocument, type SpecDocument } from './parse-spec-document.ts';
import { isMapping, takeOutLater } from './parse-spec-later.ts';
import { checkModels } from './parse-spec-models.ts';
import { checkScore, checkScorers, type ScoreSection } from './parse-spec-scorers.ts';
import { shapeProblems } from './parse-spec-shape.ts';
import { checkSuite, type SuiteView } from './parse-spec-suite.ts';
import { placementProblems } from './placement-problems.ts';
import type { RegisteredModel, Registry } from './registry.ts';
import { durationMs, inlineItemSchema, isSuitePath, METRIC_PATTERN, modelEntrySchema, type Spec, scoreSchema, specSchema } from './spec.ts';
import { describeValue, type ProblemDraft, problemAt, type SpecProblem } from './spec-problem.ts';

export type ParsedSpec =
  | { readonly ok: true; readonly spec: Spec; readonly document: unknown }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] };

/** Nobody reads more; it bounds the time that a hostile document can cost. */
const MAX_PROBLEMS = 1000;
const MAX_LIMIT_MS = 168 * 3_600_000;

export interface ParseContext {
  readonly registry: Registry;
  /** Classes of the deployment that is to run the spec; left out on one machine. */
  readonly fleet?: Fleet;
}

/** Bytes are checked for UTF-8; a text is taken as it is. */
export function parseSpec(input: string | Uint8Array, { registry, fleet }: ParseContext): ParsedSpec {
  const document = readSpecDocument(input);
  if (document.data === undefined) return refuse(document.problems, document, []);
  if (!isMapping(document.data)) {
    return refuse(document.problems, document, [
      { code: 'document-not-a-mapping', path: [], seen: describeValue(document.data), expected: 'a mapping' },
    ]);
  }
  const later = takeOutLater(document.data);
  const parsed = specSchema.safeParse(later.data);
  const shape = parsed.success ? [] : shapeProblems(later.data, parsed.error.issues);
  const placement = parsed.success && fleet !== undefined ? placementProblems(parsed.data, registry, fleet) : [];
  const drafts = [...later.problems, ...shape, ...crossProblems(later.data, document.data, registry), ...placement];
  if (parsed.success && drafts.length === 0 && document.problems.length === 0)
    return { ok: true, spec: parsed.data, document: document.data };
  return refuse(document.problems, document, drafts);
}

/** The path under which a spec names its suite, or null: read before the registry, so that the suite can be. Never throws. */
export function suitePathOf(input: string | Uint8Array): string | null {
  const suite = suiteNameOf(input);
  return suite !== null && isSuitePath(suite) && !/^[a-z0-9]+:/i.test(suite) ? suite : null;
}

/** The suite that a spec names, as it is written; null when it names none. Never throws. */
export function suiteNameOf(input: string | Uint8Array): string | null {
  const { data } = readSpecDocument(input);
  if (!isMapping(data) || typeof data.suite !== 'string') return null;
  return specSchema.shape.suite.safeParse(data.suite).success ? data.suite : null;
}

function refuse(syntax: readonly PositionedDraft[], document: SpecDocument, drafts: readonly ProblemDraft[]): ParsedSpec {
  const positioned = drafts
    .slice(0, MAX_PROBLEMS)
    .map((draft) => ({ draft, position: document.positionOf(draft.path, draft.atKey === true) }));
  const problems = [...syntax.slice(0, MAX_PROBLEMS), ...positioned].map(({ draft, position }) => problemAt(draft, position));
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  const told = new Set<string>();
  const once = problems.filter(({ code, path, line, column, seen }) => {
    const key = JSON.stringify([code, path, line, column, seen]);
    return !told.has(key) && told.add(key);
  });
  return { ok: false, problems: once };
}

/** Checks across sections, as far as their shapes are sound. */
function crossProblems(
  data: Readonly<Record<string, unknown>>,
  original: Readonly<Record<string, unknown>>,
  registry: Registry,
): ProblemDraft[] {
  const problems: ProblemDraft[] = [];
  const { shape } = specSchema;
  const suite = checkSuite(
    {
      hasSuiteKey: Object.hasOwn(original, 'suite'),
      hasItemsKey: Object.hasOwn(original, 'items'),
      suite: sound(shape.suite, data.suite),
      items: soundEntries(inlineItemSchema, data.items).map(({ index, value }) => ({ index, item: value })),
      samples: soundPart(shape.samples, data.samples),
    },
    registry,
    problems,
  );
  const entries = soundEntries(modelEntrySchema, data.models).map(({ index, value, isWhole }) => ({ index, entry: value, isWhole }));
  const models = checkModels(entries, suite, sound(shape.load, data.load), registry, problems);
  const task = suite?.task ?? commonTask(models);
  if (suite !== null && suite.task === null) checkInlineItems(suite, task, models, problems);
  const scorers = soundEntries(idSchema, data.scorers).map(({ index, value }) => ({ index, scorer: value }));
  checkScorers(scorers, task, suite, registry, problems);
  const names = Array.isArray(data.scorers) ? scorers.map(({ scorer }) => scorer) : undefined;
  if (isMapping(data.score)) checkScore(scoreSection(data.score), names, registry, problems);
  const limits = soundPart(shape.limits, data.limits);
  if (limits !== undefined) checkLimits(limits, problems);
  return problems;
}

function sound<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> | undefined {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** A mapping without the keys whose shape is wrong, as far as the rest is sound. */
function soundPart<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  if (!isMapping(value)) return undefined;
  const rest: Record<string, unknown> = structuredClone(value);
  for (const issue of parsed.error.issues) {
    const bad = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    for (const [first, second] of bad) {
      const inner = rest[String(first)];
      const hasMore = second !== undefined && isMapping(inner) && Object.keys(inner).some((key) => key !== String(second));
      if (hasMore) delete inner[String(second)];
      else delete rest[String(first)];
    }
  }
  return sound(schema, rest);
}

function soundEntries<T extends z.ZodType>(schema: T, list: unknown): { index: number; value: z.infer<T>; isWhole: boolean }[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown, index) => {
    const value = soundPart(schema, entry);
    return value === undefined ? [] : [{ index, value, isWhole: schema.safeParse(entry).success }];
  });
}

function scoreSection(score: Readonly<Record<string, unknown>>): ScoreSection {
  const names = isMapping(score.weights) ? Object.keys(score.weights) : undefined;
  const weighed = names?.filter((name) => METRIC_PATTERN.test(name));
  return {
    keys: Object.keys(score),
    weighed: names !== undefined && names.length > 0 && weighed?.length === 0 ? undefined : weighed,
    rankBy: sound(scoreSchema.shape.rankBy, score.rankBy),
  };
}

/** The first task that all models can do: the task of inline items. */
export function commonTask(models: readonly RegisteredModel[]): Task | null {
  if (models.length === 0) return null;
  return TASKS.find((task) => models.every(({ manifest }) => manifest.tasks.includes(task))) ?? null;
}

const INPUT_OF_TASK: Readonly<Record<Task, 'prompt' | 'messages' | 'row'>> = {
  'text-to-video': 'prompt',
  'image-to-text': 'messages',
  'tabular-regression': 'row',
};

function checkInlineItems(suite: SuiteView, task: Task | null, models: readonly RegisteredModel[], problems: ProblemDraft[]): void {
  if (task === null) {
    const seen = [...new Set(models.flatMap(({ manifest }) => manifest.tasks))].join(', ');
    if (models.length > 0)
      problems.push({ code: 'task-mismatch', path: ['models'], seen, expected: 'models of one task for the inline items' });
    return;
  }
  for (const [index, { input }] of suite.items.entries()) {
    const key = INPUT_OF_TASK[task];
    if (input[key] !== undefined) continue;
    problems.push({
      code: 'item-without-input',
      path: ['items', index, 'input'],
      seen: describeValue(input),
      expected: `${key}, for ${task}`,
    });
  }
}

function checkLimits(limits: Spec['limits'], problems: ProblemDraft[]): void {
  for (const key of ['ready', 'sample', 'job'] as const) {
    const ms = durationMs(limits[key]);
    if (ms === 0)
      problems.push({ code: 'limit-is-zero', path: ['limits', key], seen: describeValue(limits[key]), expected: 'more than 0' });
    if (ms > MAX_LIMIT_MS)
      problems.push({ code: 'limit-too-long', path: ['limits', key], seen: describeValue(limits[key]), expected: 'at most 168h' });
  }
  if (durationMs(limits.sample) > durationMs(limits.job)) {
    problems.push({
      code: 'limits-out-of-order',
      path: ['limits', 'sample'],
      seen: `sample ${limits.sample}, job ${limits.job}`,
      expected: 'sample at most job',
    });
  }
}
