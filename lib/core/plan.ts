/**
 * From a parsed spec to a plan: the frozen items, the jobs and their stages. Pure: the same spec, registry and run id give the
 * same plan. Called by the plan step and by `bakeoff plan`; the caller writes what it returns and copies `files`.
 */
import { BUILTIN_SCORERS, type Task } from './builtin-scorers.ts';
import { canonicalJson, sha256Hex } from './canonical-json.ts';
import { BakeoffError } from './errors.ts';
import { type ExpandedJob, expandEntry, modelOfEntry } from './expand-models.ts';
import { stagesOfJob } from './evaluation-pass.ts';
import type { FrozenItem, Job, Limits, Plan } from './job.ts';
import { jobImageOf } from './image-entry.ts';
import { freezeLoad, type FrozenLoad } from './load/freeze-load.ts';
import { keys } from './object-key.ts';
import { commonTask } from './parse-spec.ts';
import { type FrozenReference, freezeItems, type SuiteFile } from './plan-items.ts';
import type { RegisteredModel, Registry } from './registry.ts';
import { offersOf, scoreRuleOf } from './resolve-scorers.ts';
import { frozenScore } from './score-section.ts';
import { durationMs, type ModelEntry, type Spec } from './spec.ts';
import type { SuiteItem } from './suite.ts';

export interface PlanInput {
  /** A spec that parseSpec accepted against this registry. */
  readonly spec: Spec;
  readonly registry: Registry;
  readonly runId: string;
  readonly softwareVersion: string;
  /** On one machine: `docker` runs packages in containers too; default: images alone. */
  readonly environment?: RunEnvironment;
}

/** Where models and evaluators of a run on one machine run. `auto`: packages as processes, images in containers. */
export type RunEnvironment = 'auto' | 'process' | 'docker';

export interface PlannedRun {
  /** `spec.json`: the spec with its defaults and its score rule filled in; it parses again to itself. */
  readonly spec: Spec;
  readonly plan: Plan;
  readonly jobs: readonly Job[];
  /** `items.jsonl`, in order of issue. */
  readonly items: readonly FrozenItem[];
  /** `references.jsonl`, same order. */
  readonly references: readonly FrozenReference[];
  /** `warmups.jsonl`: `load.warmup` items, none of them measured where the suite has others. */
  readonly warmups: readonly FrozenItem[];
  /** The times of a load that follows a trace; null for every other load. */
  readonly trace: FrozenLoad['trace'];
  /** Files of the items, to be copied from `suiteFolder` to `cache/sha256/<digest>`. */
  readonly files: readonly SuiteFile[];
  readonly suiteFolder: string | null;
}

interface PlannedSuite extends Pick<Plan, 'suite'> {
  readonly items: readonly SuiteItem[];
  readonly folder: string | null;
}

/** All that a run freezes. Throws `plan-without-model` when the spec was validated against another registry. */
export function planRun(input: PlanInput): PlannedRun {
  const { registry, runId, softwareVersion } = input;
  const rule = scoreRuleOf(input.spec, registry);
  const spec: Spec = rule === null ? input.spec : { ...input.spec, score: frozenScore(rule) };
  const expanded = spec.models.flatMap((entry) => expandEntry(entry, registeredModel(entry, registry)));
  const { suite, items: suiteItems, folder } = suiteOf(spec, registry, expanded);
  const frozen = freezeItems(suiteItems, spec.samples, spec.load.warmup);
  const { perItem, seed } = spec.samples;
  const { load, trace } = freezeLoad(spec.load, { samples: frozen.items.length * perItem, specSeed: seed, traceKey: keys.trace(runId) });
  const shared = {
    ...sharedOfJobs(spec, registry, runId, suite.task),
    load,
    ...(input.environment === 'docker' ? { environment: 'docker' as const } : {}),
    ...(spec.slo === undefined ? {} : { slo: spec.slo }),
    ...(spec.audit === undefined ? {} : { audit: spec.audit }),
    itemCount: frozen.items.length,
    hasWarmups: frozen.warmups.length > 0,
  };
  const jobs = expanded.map((job, ordinal) => freezeJob(job, ordinal, shared));
  const plan: Plan = {
    schema: 1,
    runId,
    name: spec.name,
    specSha256: sha256Hex(canonicalJson(spec)),
    suite,
    itemCount: frozen.items.length,
    repeats: spec.samples.perItem,
    jobs: jobs.map((job) => ({ jobId: job.jobId, stages: stagesOfJob(job) })),
    softwareVersion,
  };
  return { spec, plan, jobs, ...frozen, trace, suiteFolder: folder };
}

function registeredModel(entry: ModelEntry, registry: Registry): RegisteredModel {
  const id = entry.model;
  const model = modelOfEntry(entry, registry);
  if (model !== undefined) return model;
  throw new BakeoffError({
    code: 'plan-without-model',
    message: `the model "${id}" is not in the registry that the plan is made with`,
    remedy: 'Validate the spec against the same registry before planning.',
    kind: 'internal',
  });
}

function suiteOf(spec: Spec, registry: Registry, jobs: readonly ExpandedJob[]): PlannedSuite {
  const registered = spec.suite === undefined ? undefined : registry.suites.get(spec.suite);
  if (registered !== undefined) {
    const { id, version, title, task, categories } = registered.manifest;
    const { digest, items, folder } = registered;
    const named = categories.filter((name) => Object.hasOwn(registered.attributes, name));
    return { suite: { id, version, digest, title, task, categories: named }, items, folder };
  }
  const items = spec.items ?? [];
  const task = commonTask(jobs.map(({ model }) => model)) ?? '';
  const categories = [...new Set(items.flatMap((item) => Object.keys(item.attributes)))].sort();
  const suite = { id: 'inline', version: '1', digest: sha256Hex(canonicalJson(items)), title: `Items of ${spec.name}`, task, categories };
  return { suite, items, folder: null };
}

type SharedOfJobs = ReturnType<typeof sharedOfJobs>;

function sharedOfJobs(spec: Spec, registry: Registry, runId: string, task: Task | string) {
  return {
    runId,
    task,
    specSeed: spec.samples.seed,
    repeats: spec.samples.perItem,
    limits: limitsOf(spec),
    builtinScorers: spec.scorers.filter((scorer) => BUILTIN_SCORERS.has(scorer)),
    evaluators: evaluatorsOf(spec.scorers, registry),
  };
}

function limitsOf({ limits }: Spec): Limits {
  return {
    readyMs: durationMs(limits.ready),
    sampleMs: durationMs(limits.sample),
    jobMs: durationMs(limits.job),
    maxErrorRate: limits.maxErrorRate,
    minSamplesForStop: limits.minSamplesForStop,
  };
}

/** The evaluator packages that the scorers need, each with the scorers and metrics that it is asked for. */
export function evaluatorsOf(scorers: readonly string[], registry: Registry): Job['evaluators'] {
  const evaluators = new Map<string, Job['evaluators'][number]>();
  for (const scorer of scorers) {
    for (const { evaluator, metrics } of offersOf(scorer, registry)) {
      const registered = evaluator === null ? undefined : registry.evaluators.get(evaluator);
      if (registered === undefined) continue;
      const { id, version } = registered.manifest;
      const fresh: Job['evaluators'][number] = { package: { id, version, digest: registered.digest }, scorers: [], metrics: [] };
      const entry = evaluators.get(id) ?? fresh;
      entry.scorers.push(scorer);
      const offered = registered.manifest.scorers[scorer]?.version;
      if (offered !== undefined) entry.scorerVersions = { ...entry.scorerVersions, [scorer]: offered };
      entry.metrics.push(...metrics.map((metric) => ({ ...metric, name: `${scorer}.${metric.name}` })));
      evaluators.set(id, entry);
    }
  }
  return [...evaluators.values()];
}

function freezeJob(
  { jobId, model, reference, params }: ExpandedJob,
  ordinal: number,
  shared: SharedOfJobs & Pick<Job, 'load' | 'slo' | 'audit' | 'environment'> & { readonly itemCount: number; readonly hasWarmups: boolean },
): Job {
  const { hasWarmups, ...rest } = shared;
  const { id, version, title, protocol } = model.manifest;
  const image = jobImageOf(model.manifest);
  return {
    schema: 1,
    jobId,
    ordinal,
    model: { id, version, digest: model.digest, title, reference, protocol, ...(image === null ? {} : { image }) },
    params,
    itemsKey: keys.items(shared.runId),
    referencesKey: keys.references(shared.runId),
    ...(hasWarmups ? { warmupsKey: keys.warmups(shared.runId) } : {}),
    ...rest,
  };
}
