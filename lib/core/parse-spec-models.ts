/** Checks the models of a spec against the registry: names, tasks, params, matrix, jobs. Called by parse-spec.ts with the entries whose shape is sound. */
import { combinationCount, expandEntry, modelOfEntry } from './expand-models.ts';
import { IMAGE_ONLY_KEYS } from './image-entry.ts';
import { nearestName } from './nearest-name.ts';
import { checkParam, type ParamValue } from './params.ts';
import { expectedNames, type SuiteView } from './parse-spec-suite.ts';
import { canStream } from './protocols.ts';
import type { RegisteredModel, Registry } from './registry.ts';
import { MAX_JOBS, type ModelEntry, type SpecLoad } from './spec.ts';
import { describeValue, type PathStep, type ProblemDraft } from './spec-problem.ts';

/** An entry with its place in the list. */
export interface PlacedEntry {
  readonly index: number;
  readonly entry: ModelEntry;
  /** False when keys of a wrong shape were left out: what remains may look like another job. */
  readonly isWhole: boolean;
}

/** Returns the registered models that the entries name. */
export function checkModels(
  entries: readonly PlacedEntry[],
  suite: SuiteView | null,
  load: SpecLoad | undefined,
  registry: Registry,
  problems: ProblemDraft[],
): RegisteredModel[] {
  const sound: { placed: PlacedEntry; model: RegisteredModel }[] = [];
  const found: RegisteredModel[] = [];
  for (const placed of entries) {
    checkImageKeys(placed, suite, problems);
    const model = modelOfEntry(placed.entry, registry);
    if (model === undefined) {
      problems.push(unusableModel(placed, registry));
      continue;
    }
    found.push(model);
    const before = problems.length;
    checkAgainstManifest(placed, model, suite, load, problems);
    if (problems.length === before && placed.isWhole) sound.push({ placed, model });
  }
  checkJobs(sound, problems);
  return found;
}

/** An image has no manifest: the entry must say what it speaks, and what it does where no suite says so. */
function checkImageKeys({ index, entry, isWhole }: PlacedEntry, suite: SuiteView | null, problems: ProblemDraft[]): void {
  const missing = (key: string): ProblemDraft => ({ code: 'missing-key', path: ['models', index, key], expected: `the key "${key}"` });
  if (entry.image !== undefined) {
    if (entry.protocol === undefined) problems.push(missing('protocol'));
    if (entry.task === undefined && suite !== null && suite.task === null) problems.push(missing('task'));
    return;
  }
  // An image of a wrong shape was left out, and told of.
  if (!isWhole) return;
  for (const key of IMAGE_ONLY_KEYS) {
    if (entry[key] === undefined) continue;
    problems.push({ code: 'key-needs-image', path: ['models', index, key], seen: describeValue(key), atKey: true });
  }
}

function unusableModel({ index, entry }: PlacedEntry, registry: Registry): ProblemDraft {
  const at = { path: ['models', index, 'model'] as const, seen: describeValue(entry.model) };
  if (registry.evaluators.has(entry.model)) return { code: 'evaluator-as-model', ...at };
  const fault = registry.faults.find(({ kind, id }) => kind === 'package' && id === entry.model);
  if (fault !== undefined) return { code: 'package-broken', ...at, detail: fault.error.message };
  const known = [...registry.models.keys()].sort();
  return { code: 'unknown-model', ...at, ...expectedNames(known), nearest: nearestName(entry.model, known) };
}

function checkAgainstManifest(
  { index, entry }: PlacedEntry,
  model: RegisteredModel,
  suite: SuiteView | null,
  load: SpecLoad | undefined,
  problems: ProblemDraft[],
): void {
  const { manifest } = model;
  const path: PathStep[] = ['models', index];
  if (suite !== null && suite.task !== null && !manifest.tasks.includes(suite.task)) {
    problems.push({
      code: 'task-mismatch',
      path: [...path, 'model'],
      seen: `${manifest.id} does ${manifest.tasks.join(', ')}`,
      expected: suite.task,
    });
  }
  if (entry.protocol !== undefined && entry.protocol !== manifest.protocol) {
    problems.push({
      code: 'protocol-mismatch',
      path: [...path, 'protocol'],
      seen: describeValue(entry.protocol),
      expected: manifest.protocol,
    });
  }
  if (load?.stream === true && !canStream(manifest.protocol)) {
    const seen = `${manifest.id} speaks ${manifest.protocol}`;
    problems.push({ code: 'stream-not-spoken', path: [...path, 'model'], seen, expected: 'a protocol that streams' });
  }
  if (load !== undefined) checkConcurrency(load, model, problems);
  checkParams(entry, model, path, problems);
}

/**
 * Clients that wait for their answers would measure the server's queue. In open loop that queue is what is measured: requests go out on
 * time, however many the model works on at once.
 */
function checkConcurrency(load: SpecLoad, { manifest }: RegisteredModel, problems: ProblemDraft[]): void {
  const { maxConcurrency } = manifest.requirements;
  const inFlight =
    load.mode === 'closed' ? { concurrency: load.concurrency } : load.mode === 'offline' ? { maxInFlight: load.maxInFlight } : {};
  for (const [key, count] of Object.entries({ ...inFlight, warmupConcurrency: load.warmupConcurrency ?? 0 })) {
    if (count <= maxConcurrency) continue;
    const expected = `at most ${maxConcurrency}, the maxConcurrency of ${manifest.id}`;
    problems.push({ code: 'above-max-concurrency', path: ['load', key], seen: String(count), expected });
  }
}

function checkParams(entry: ModelEntry, { manifest }: RegisteredModel, path: PathStep[], problems: ProblemDraft[]): void {
  const properties = new Map(Object.entries(manifest.params.properties));
  const names = [...properties.keys()];
  const check = (name: string, value: ParamValue, at: PathStep[]): void => {
    const schema = properties.get(name);
    const fault = schema === undefined ? null : checkParam(schema, value);
    if (fault !== null) problems.push({ ...fault, path: at, seen: describeValue(value) });
  };
  const checkName = (name: string, at: PathStep[]): void => {
    if (properties.has(name)) return;
    const expected = names.length === 0 ? { expected: `no params: ${manifest.id} has none` } : expectedNames(names);
    problems.push({
      code: 'unknown-param',
      path: at,
      seen: describeValue(name),
      ...expected,
      nearest: nearestName(name, names),
      atKey: true,
    });
  };
  for (const [name, value] of Object.entries(entry.params)) {
    checkName(name, [...path, 'params', name]);
    check(name, value, [...path, 'params', name]);
  }
  for (const [name, values] of Object.entries(entry.matrix ?? {})) {
    const at = [...path, 'matrix', name];
    checkName(name, at);
    if (Object.hasOwn(entry.params, name)) problems.push({ code: 'param-given-twice', path: at, seen: describeValue(name), atKey: true });
    for (const [index, value] of values.entries()) {
      check(name, value, [...at, index]);
      if (values.indexOf(value) < index) problems.push({ code: 'matrix-repeats-value', path: [...at, index], seen: describeValue(value) });
    }
  }
  if (entry.matrix !== undefined && Object.keys(entry.matrix).length === 0)
    problems.push({ code: 'mapping-empty', path: [...path, 'matrix'] });
  for (const name of manifest.params.required ?? []) {
    const isGiven =
      Object.hasOwn(entry.params, name) || Object.hasOwn(entry.matrix ?? {}, name) || properties.get(name)?.default !== undefined;
    if (!isGiven) problems.push({ code: 'missing-param', path: [...path, 'params', name], expected: `a value for ${name}` });
  }
}

function checkJobs(sound: readonly { placed: PlacedEntry; model: RegisteredModel }[], problems: ProblemDraft[]): void {
  const count = sound.reduce((sum, { placed }) => sum + combinationCount(placed.entry), 0);
  if (count > MAX_JOBS) {
    problems.push({ code: 'too-many-jobs', path: ['models'], seen: `${count} jobs`, expected: `at most ${MAX_JOBS}` });
    return;
  }
  const entryOfJob = new Map<string, number>();
  for (const { placed, model } of sound) {
    for (const { jobId, params } of expandEntry(placed.entry, model)) {
      const before = entryOfJob.get(jobId.toLowerCase());
      if (before === undefined) entryOfJob.set(jobId.toLowerCase(), placed.index);
      else {
        const detail = `${model.manifest.id} with ${describeValue(params)}, as in models[${before}]`;
        problems.push({ code: 'duplicate-job', path: ['models', placed.index], seen: describeValue(placed.entry.model), detail });
      }
    }
  }
}
