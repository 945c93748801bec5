/**
 * From the text of a spec to a spec that can be planned, or to all of its problems at once with their places. Pure and total:
 * it never throws, whatever the text. Called by the verbs of the CLI; what is registered comes in as a value.
 */
import type { Task } from './builtin-scorers.ts';
import type { Fleet } from './fleet.ts';
import { checkGates, type GatedSpec } from './gates/check-gates.ts';
import { soundGates } from './gates/rule-problems.ts';
import { idSchema } from './ids.ts';
import type { RefusedTrace, TraceFile } from './load/trace-file.ts';
import { TASKS } from './manifest.ts';
import { checkCompany } from './parse-spec-company.ts';
import { MAX_SPEC_BYTES, type PositionedDraft, readSpecDocument, type SpecDocument } from './parse-spec-document.ts';
import { isMapping, takeOutLater } from './parse-spec-later.ts';
import { checkLimits } from './parse-spec-limits.ts';
import { checkLoad, withTraceTimes } from './parse-spec-load.ts';
import { checkModels } from './parse-spec-models.ts';
import { checkScore, totalInfoOfSection } from './parse-spec-score.ts';
import { checkScorers } from './parse-spec-scorers.ts';
import { shapeProblems } from './parse-spec-shape.ts';
import { sound, soundEntries, soundPart } from './parse-spec-sound.ts';
import { checkSuite, type SuiteView } from './parse-spec-suite.ts';
import { placementProblems } from './placement-problems.ts';
import type { RegisteredModel, Registry } from './registry.ts';
import { registeredOffers } from './resolve-scorers.ts';
import { selectItems } from './select-items.ts';
import {
  inlineItemSchema,
  isSuitePath,
  MAX_SAMPLES_PER_JOB,
  modelEntrySchema,
  type Spec,
  type SpecLoad,
  type SpecSamples,
  specSchema,
} from './spec.ts';
import { describeValue, type ProblemDraft, problemAt, type SpecProblem } from './spec-problem.ts';

export type ParsedSpec =
  | { readonly ok: true; readonly spec: Spec; readonly document: unknown }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] };

/** Nobody reads more; it bounds the time that a hostile document can cost. */
const MAX_PROBLEMS = 1000;

export interface ParseContext {
  readonly registry: Registry;
  /** Classes of the deployment that is to run the spec; left out on one machine. */
  readonly fleet?: Fleet;
  /** What the file that `load.file` names came to; left out where a spec comes without its folder. */
  readonly trace?: TraceFile;
}

/** Bytes are checked for UTF-8; a text is taken as it is. */
export function parseSpec(input: string | Uint8Array, { registry, fleet, trace }: ParseContext): ParsedSpec {
  const document = readSpecDocument(input);
  if (document.data === undefined) return refuse(document.problems, document, []);
  if (!isMapping(document.data)) {
    return refuse(document.problems, document, [
      { code: 'document-not-a-mapping', path: [], seen: describeValue(document.data), expected: 'a mapping' },
    ]);
  }
  const later = takeOutLater(document.data);
  const data = withTraceTimes(later.data, trace);
  const parsed = specSchema.safeParse(data);
  const shape = parsed.success ? [] : shapeProblems(data, parsed.error.issues);
  const whole = parsed.success ? problemsOfTheWhole(parsed.data, registry, fleet) : [];
  const drafts = [...later.problems, ...shape, ...crossProblems(data, document.data, { registry, trace }), ...whole];
  if (parsed.success && drafts.length === 0 && document.problems.length === 0)
    return { ok: true, spec: parsed.data, document: document.data };
  return refuse(document.problems, document, drafts);
}

function problemsOfTheWhole(spec: Spec, registry: Registry, fleet: Fleet | undefined): ProblemDraft[] {
  const placement = fleet === undefined ? [] : [...imagesNotDeployed(spec), ...placementProblems(spec, registry, fleet)];
  if (spec.load.mode !== 'trace') return placement;
  // A stored spec is a spec again: with a time a line it must still be one.
  const bytes = Buffer.byteLength(JSON.stringify(spec, null, 2));
  const tooLong: ProblemDraft = {
    code: 'trace-too-long',
    path: ['load'],
    seen: `${spec.load.timesMs?.length ?? 0} times, which make a spec of ${bytes} bytes`,
    expected: `at most ${MAX_SPEC_BYTES} bytes`,
  };
  return bytes > MAX_SPEC_BYTES ? [tooLong, ...placement] : placement;
}

/** A deployment runs images that were registered there: a task definition has to be made of them. */
function imagesNotDeployed({ models }: Spec): ProblemDraft[] {
  const detail = 'images in a spec are not available in this version of a deployment: register the image there, and name the model';
  return models.flatMap(({ image }, index): ProblemDraft[] =>
    image === undefined
      ? []
      : [{ code: 'not-available', path: ['models', index, 'image'], seen: describeValue(image), detail, atKey: true }],
  );
}

/** The file of times that a spec names, as it is written; null when it names none. Never throws. */
export function traceFileOf(input: string | Uint8Array): string | null {
  const { data } = readSpecDocument(input);
  if (!isMapping(data) || !isMapping(data.load)) return null;
  const { mode, file } = data.load;
  return mode === 'trace' && typeof file === 'string' && !Object.hasOwn(data.load, 'timesMs') ? file : null;
}

/** The faults of a trace's file, at the place where the spec names it: for whoever sends a spec on without parsing it. */
export function traceProblems(input: string | Uint8Array, { faults }: RefusedTrace): SpecProblem[] {
  const path = ['load', 'file'];
  const position = readSpecDocument(input).positionOf(path, false);
  return faults.map((fault) => problemAt({ seen: describeValue(traceFileOf(input)), ...fault, path }, position));
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
  { registry, trace }: Pick<ParseContext, 'registry'> & { readonly trace: TraceFile | undefined },
): ProblemDraft[] {
  const problems: ProblemDraft[] = [];
  const { shape } = specSchema;
  const samples = soundPart(shape.samples, data.samples);
  const load = soundPart(shape.load, data.load);
  const suite = checkSuite(
    {
      hasSuiteKey: Object.hasOwn(original, 'suite'),
      hasItemsKey: Object.hasOwn(original, 'items'),
      suite: sound(shape.suite, data.suite),
      items: soundEntries(inlineItemSchema, data.items).map(({ index, value }) => ({ index, item: value })),
      samples,
    },
    registry,
    problems,
  );
  const entries = soundEntries(modelEntrySchema, data.models).map(({ index, value, isWhole }) => ({ index, entry: value, isWhole }));
  const models = checkModels(entries, suite, load, registry, problems);
  const task = suite?.task ?? commonTask(models);
  if (suite !== null && suite.task === null) checkInlineItems(suite, task, models, problems);
  const scorers = soundEntries(idSchema, data.scorers).map(({ index, value }) => ({ index, scorer: value }));
  checkScorers(scorers, task, suite, registry, problems);
  const names = Array.isArray(data.scorers) ? scorers.map(({ scorer }) => scorer) : undefined;
  if (isMapping(data.score)) {
    checkScore(data.score, names, registeredOffers(registry), problems);
    checkCompany(data.score, { list: data.models, entries, models }, problems);
  }
  const planned = suite === null || samples === undefined ? null : samplesOf(suite, samples);
  checkGates(soundGates(data.gates), { ...gatedSpec(data, original, names, load), samples: planned }, registry, problems);
  const limits = soundPart(shape.limits, data.limits);
  if (limits !== undefined) checkLimits(limits, problems);
  if (isMapping(data.slo) && Object.keys(data.slo).length === 0) problems.push({ code: 'mapping-empty', path: ['slo'] });
  const sent = samplesSent(suite, samples, load);
  const objectives = soundPart(shape.slo, data.slo);
  const isWhole = sound(shape.load, data.load) !== undefined;
  checkLoad({ load, isWhole, slo: objectives, limits, samples: sent, seed: samples?.seed ?? 0, trace }, problems);
  return problems;
}

/** Items x repeats where a schedule follows from them; null where that is not known, or too much. */
function samplesSent(suite: SuiteView | null, samples: SpecSamples | undefined, load: SpecLoad | undefined): number | null {
  if (suite === null || samples === undefined || load === undefined || load.mode === 'closed' || load.mode === 'offline') return null;
  return samplesOf(suite, samples);
}

/** Items x repeats; null where there are none, or too many. */
function samplesOf(suite: SuiteView, samples: SpecSamples): number | null {
  const count = selectItems(suite.items, samples).selected.length * samples.perItem;
  return count > 0 && count <= MAX_SAMPLES_PER_JOB ? count : null;
}

/** What gates are checked against. A part that is refused as not available counts as there: it is told once. */
function gatedSpec(
  data: Readonly<Record<string, unknown>>,
  original: Readonly<Record<string, unknown>>,
  scorers: readonly string[] | undefined,
  load: SpecLoad | undefined,
): Omit<GatedSpec, 'samples'> {
  const models = Array.isArray(data.models) ? data.models.map((entry: unknown) => sound(namedModelSchema, entry)?.model) : [undefined];
  const isWhole = (names: readonly (string | undefined)[]): names is string[] => names.every((name) => name !== undefined);
  const { score } = original;
  return {
    models: isWhole(models) ? models : undefined,
    scorers,
    load: isMapping(original.load) && !isMapping(data.load) ? undefined : load,
    hasObjectives: Object.hasOwn(original, 'slo'),
    composite: isMapping(score) ? totalInfoOfSection(score) : null,
    isJoint: isMapping(score) && (score.profile === 'mean-win-rate' || score.profile === 'bradley-terry'),
  };
}

const namedModelSchema = modelEntrySchema.pick({ model: true }).loose();

/** The first task that all models can do: the task of inline items. */
export function commonTask(models: readonly RegisteredModel[]): Task | null {
  if (models.length === 0) return null;
  return TASKS.find((task) => models.every(({ manifest }) => manifest.tasks.includes(task))) ?? null;
}

const INPUT_OF_TASK: Readonly<Record<Task, 'prompt' | 'messages' | 'row'>> = {
  'text-to-video': 'prompt',
  'image-to-text': 'messages',
  chat: 'messages',
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
