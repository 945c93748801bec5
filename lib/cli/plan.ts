/**
 * `bakeoff plan SPEC`: what a run would do, how long it took before, and what so many samples can support. Starts nothing and
 * writes nothing.
 */
import { resolveImages } from '../compose/resolve-images.ts';
import { rankedName } from '../core/composite.ts';
import { ONE_MACHINE_REASON } from '../core/cost.ts';
import { countNoun } from '../core/count-noun.ts';
import { type EarlierJob, forecastJob } from '../core/forecast.ts';
import type { Load } from '../core/job.ts';
import { type LoadOutlook, loadOutlook } from '../core/load/load-outlook.ts';
import { minimumSamples } from '../core/measures/percentile.ts';
import { type PlannedRun, planRun } from '../core/plan.ts';
import type { Registry } from '../core/registry.ts';
import { plannedMetric, type Resolution, resolutionOf } from '../core/resolution.ts';
import { scoreRuleOf } from '../core/resolve-scorers.ts';
import { placeOfStage } from '../core/run-place.ts';
import { limitItems } from '../core/spec.ts';
import { earlierJobs } from './earlier-jobs.ts';
import { earlierSpread } from './earlier-spread.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { loadSpec } from './load-spec.ts';
import { type ClassForecast, classForecasts } from './plan-class.ts';
import { environmentChoice } from './environment-choice.ts';
import { positiveNumber } from './positive-number.ts';
import { printProblems } from './print-error.ts';
import { layOutPlan } from './print-plan.ts';
import { SOFTWARE_VERSION } from './software-version.ts';

const PERCENTILES = [
  { name: 'p50', perMyriad: 5000 },
  { name: 'p90', perMyriad: 9000 },
  { name: 'p95', perMyriad: 9500 },
  { name: 'p99', perMyriad: 9900 },
  { name: 'p99.9', perMyriad: 9990 },
];

type PlanOptions = CommonOptions & { limit?: number; class?: string; env?: unknown; difference?: unknown; precision?: unknown };

export async function planVerb(args: readonly string[], options: PlanOptions, io: VerbIo): Promise<ExitCode> {
  const [specPath = ''] = args;
  const wanted = {
    difference: positiveNumber(options.difference, '--difference', 'the ranked metric'),
    precision: positiveNumber(options.precision, '--precision', 'the ranked metric'),
  };
  const loaded = await loadSpec(specPath, io);
  if (!loaded.ok) return printProblems(loaded.problems, specPath, io, options);
  const limited = limitItems(loaded.spec, options.limit);
  const environment = environmentChoice(options.env, limited);
  const spec = await resolveImages(limited, io.settings.dockerHost);
  const planned = planRun({ spec, registry: loaded.registry, runId: 'plan', softwareVersion: SOFTWARE_VERSION, environment });
  const load = loadOf(planned);
  const outlook = outlookOf(planned, load);
  const earlier = await earlierJobs(options.dir, new Set(planned.jobs.map(({ jobId }) => jobId)));
  const expected = forecast(planned, outlook, earlier);
  const classes = options.class === undefined ? [] : classForecasts(options.class, spec, loaded.registry, expected.expected);
  const rule = scoreRuleOf(spec, loaded.registry);
  const ranked = new Set(planned.jobs.filter(({ model }) => !model.reference).map(({ jobId }) => jobId));
  const { digest: suiteDigest } = planned.plan.suite;
  const resolution = resolutionOf({
    metric: plannedMetric(rule, loaded.registry),
    items: outlook.items,
    jobs: ranked.size,
    confidence: spec.stats.confidence,
    measured: await earlierSpread(options.dir, { suiteDigest, metric: rankedName(rule), jobIds: ranked }),
    wanted,
  });
  const summary = { ...summarise(planned, outlook, loaded.registry), ...expected, resolution, classes, notes: loaded.notes };
  if (options.json) writeJson(io, summary);
  else io.stdout.write(`${layOutPlan(summary, load, io.columns).join('\n')}\n`);
  return 0;
}

/** Equal for every job. */
function loadOf({ jobs: [job] }: PlannedRun): Load {
  if (job === undefined) throw new TypeError('a plan without jobs');
  return job.load;
}

function outlookOf({ plan: { itemCount, repeats }, spec, trace }: PlannedRun, load: Load): LoadOutlook {
  return loadOutlook({ load, itemCount, repeats, specSeed: spec.samples.seed, traceTimesMs: trace?.timesMs ?? null });
}

export type PlanSummary = ReturnType<typeof summarise> &
  ReturnType<typeof forecast> & {
    readonly resolution: Resolution;
    readonly classes: readonly ClassForecast[];
    readonly notes: readonly string[];
  };

function summarise({ plan, jobs, spec, warmups }: PlannedRun, outlook: LoadOutlook, registry: Registry) {
  const { samples: samplesPerJob } = outlook;
  const reason = noPercentiles(spec);
  const evaluators = new Map(jobs.flatMap((job) => job.evaluators).map((evaluator) => [evaluator.package.id, evaluator]));
  return {
    name: plan.name,
    specSha256: plan.specSha256,
    suite: { ...plan.suite, items: registry.suites.get(spec.suite ?? '')?.itemCount ?? spec.items?.length ?? 0 },
    items: plan.itemCount,
    perItem: plan.repeats,
    seed: spec.samples.seed,
    samplesPerJob,
    samples: samplesPerJob * jobs.length,
    warmupPerJob: warmups.length,
    load: withoutTimes(spec.load),
    slo: spec.slo ?? null,
    audit: spec.audit ?? null,
    outlook,
    limits: spec.limits,
    maxParallelJobs: spec.compute.maxParallelJobs,
    score: spec.score ?? null,
    latency: {
      reason,
      percentiles: PERCENTILES.map(({ name, perMyriad }) => {
        const minN = minimumSamples(perMyriad);
        return { name, minN, canBeCertified: reason === null && (outlook.measured ?? samplesPerJob) >= minN };
      }),
    },
    jobs: jobs.map((job, ordinal) => ({
      jobId: job.jobId,
      model: job.model.id,
      version: job.model.version,
      reference: job.model.reference,
      params: job.params,
      environment: placeOfStage(job, 'infer'),
      image: job.model.image?.reference ?? null,
      packageDigest: job.model.digest,
      stages: plan.jobs[ordinal]?.stages ?? [],
      samples: samplesPerJob,
    })),
    evaluators: [...evaluators.values()].map(({ package: { id, version, digest }, scorers }) => {
      return { id, version, scorers, environment: jobs[0]?.environment ?? ('process' as const), packageDigest: digest };
    }),
  };
}

/** The times of a trace are the run's, not the summary's: there may be a hundred thousand. */
function withoutTimes(load: PlannedRun['spec']['load']): Omit<PlannedRun['spec']['load'], 'timesMs'> {
  if (load.mode !== 'trace') return load;
  const { timesMs: _, ...rest } = load;
  return rest;
}

/** Jobs side by side slow each other down in a way that no earlier run tells: their time is not forecast. */
function forecast({ plan, jobs, spec }: PlannedRun, { lastDueMs }: LoadOutlook, earlier: readonly EarlierJob[]) {
  const forecasts = jobs.map((job, at) =>
    forecastJob({ job, stages: plan.jobs[at]?.stages ?? [], suiteDigest: plan.suite.digest, lastDueMs }, earlier),
  );
  const unknown = jobs.filter((_, at) => forecasts[at]?.ms === null).map(({ jobId }) => jobId);
  const runs = [...new Set(forecasts.flatMap(({ fromRunId }) => fromRunId ?? []))];
  const reason =
    spec.compute.maxParallelJobs > 1
      ? 'jobs at once slow each other down by an unknown amount'
      : unknown.length > 0
        ? `of ${countNoun(jobs.length, 'job')} ${unknown.length} never ran in this folder with this package, suite and load`
        : null;
  const seconds = reason === null ? forecasts.reduce((sum, { ms }) => sum + (ms ?? 0), 0) / 1000 : null;
  const cost = { usd: null, reason: ONE_MACHINE_REASON };
  return { expected: { seconds, reason, fromRuns: runs }, cost };
}

/** Why no latency percentile will be certified whatever the count; null when the count decides. */
function noPercentiles(spec: PlannedRun['spec']): string | null {
  if (spec.load.mode === 'offline') return 'offline load reports throughput, no percentiles';
  if (spec.compute.maxParallelJobs > 1) return 'jobs that share the machine are labelled contended, and never certified';
  return null;
}
