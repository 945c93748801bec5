/**
 * `bakeoff plan SPEC`: what a run would do, how long it took before, and what so many samples can support. Starts nothing and
 * writes nothing.
 */
import { ONE_MACHINE_REASON } from '../core/cost.ts';
import { countNoun } from '../core/count-noun.ts';
import { type EarlierJob, forecastJob } from '../core/forecast.ts';
import { minimumSamples } from '../core/measures/percentile.ts';
import { type PlannedRun, planRun } from '../core/plan.ts';
import type { Registry } from '../core/registry.ts';
import { limitItems } from '../core/spec.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { formatDuration } from '../report/format-number.ts';
import { earlierJobs } from './earlier-jobs.ts';
import { loadSpec } from './load-spec.ts';
import { type ClassForecast, classForecasts, describeClasses } from './plan-class.ts';
import { printProblems } from './print-error.ts';
import { SOFTWARE_VERSION } from './software-version.ts';
import { alignColumns, safeText, wrapText } from './wrap-text.ts';

const PERCENTILES = [
  { name: 'p50', perMyriad: 5000 },
  { name: 'p90', perMyriad: 9000 },
  { name: 'p95', perMyriad: 9500 },
  { name: 'p99', perMyriad: 9900 },
  { name: 'p99.9', perMyriad: 9990 },
];

type PlanOptions = CommonOptions & { limit?: number; class?: string };

export async function planVerb(args: readonly string[], options: PlanOptions, io: VerbIo): Promise<ExitCode> {
  const [specPath = ''] = args;
  const loaded = await loadSpec(specPath, io);
  if (!loaded.ok) return printProblems(loaded.problems, specPath, io, options);
  const spec = limitItems(loaded.spec, options.limit);
  const planned = planRun({ spec, registry: loaded.registry, runId: 'plan', softwareVersion: SOFTWARE_VERSION });
  const earlier = await earlierJobs(options.dir, new Set(planned.jobs.map(({ jobId }) => jobId)));
  const expected = forecast(planned, earlier);
  const classes = options.class === undefined ? [] : classForecasts(options.class, spec, loaded.registry, expected.expected);
  const summary = { ...summarise(planned, loaded.registry), ...expected, classes, notes: loaded.notes };
  if (options.json) writeJson(io, summary);
  else io.stdout.write(`${describe(summary, io.columns).join('\n')}\n`);
  return 0;
}

type Summary = ReturnType<typeof summarise> &
  ReturnType<typeof forecast> & { readonly classes: readonly ClassForecast[]; readonly notes: readonly string[] };

function summarise({ plan, jobs, spec, warmups }: PlannedRun, registry: Registry) {
  const samplesPerJob = plan.itemCount * plan.repeats;
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
    load: spec.load,
    limits: spec.limits,
    maxParallelJobs: spec.compute.maxParallelJobs,
    score: spec.score ?? null,
    latency: {
      reason,
      percentiles: PERCENTILES.map(({ name, perMyriad }) => {
        const minN = minimumSamples(perMyriad);
        return { name, minN, canBeCertified: reason === null && samplesPerJob >= minN };
      }),
    },
    jobs: jobs.map((job, ordinal) => ({
      jobId: job.jobId,
      model: job.model.id,
      version: job.model.version,
      reference: job.model.reference,
      params: job.params,
      environment: 'process',
      packageDigest: job.model.digest,
      stages: plan.jobs[ordinal]?.stages ?? [],
      samples: samplesPerJob,
    })),
    evaluators: [...evaluators.values()].map(({ package: { id, version, digest }, scorers }) => {
      return { id, version, scorers, environment: 'process', packageDigest: digest };
    }),
  };
}

/** Jobs side by side slow each other down in a way that no earlier run tells: their time is not forecast. */
function forecast({ plan, jobs, spec }: PlannedRun, earlier: readonly EarlierJob[]) {
  const forecasts = jobs.map((job, at) =>
    forecastJob({ job, stages: plan.jobs[at]?.stages ?? [], suiteDigest: plan.suite.digest }, earlier),
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

function describe(summary: Summary, columns: number): string[] {
  const { suite, load, limits } = summary;
  const inFlight = load.mode === 'closed' ? `closed, concurrency ${load.concurrency}` : `offline, at most ${load.maxInFlight} in flight`;
  const facts: [string, string][] = [
    ['run', `${summary.name} (spec sha256 ${short(summary.specSha256)})`],
    ['suite', `${suite.id} ${suite.version}, ${suite.task} (sha256 ${short(suite.digest)})`],
    ['items', `${summary.items} of ${suite.items}, seed ${summary.seed}`],
    [
      'samples',
      `${summary.samples}: ${countNoun(summary.jobs.length, 'job')} x ${countNoun(summary.items, 'item')} x ${summary.perItem} each`,
    ],
    ['warm-up', summary.warmupPerJob === 0 ? 'none' : `${summary.warmupPerJob} per job, not measured`],
    ['load', inFlight],
    ['jobs', summary.maxParallelJobs === 1 ? 'one after the other' : `at most ${summary.maxParallelJobs} at once`],
    ['limits', `ready ${limits.ready}, sample ${limits.sample}, job ${limits.job}`],
    ['time', describeTime(summary)],
    ['cost', `none: ${summary.cost.reason}`],
    ...describeClasses(summary.classes),
    ['latency', describeLatency(summary)],
    ['ranked by', describeScore(summary)],
    ...summary.notes.map((note): [string, string] => ['note', note]),
  ];
  const lines = facts.map(([label, text]) => wrapText(`${label.padEnd(10)}${text}`, columns, '', ' '.repeat(10)));
  const jobs = summary.jobs.map((job) => [
    job.jobId,
    'process',
    short(job.packageDigest),
    `${paramText(job.params)}${job.reference ? ' (reference)' : ''}`,
  ]);
  const evaluators = summary.evaluators.map(({ id, packageDigest, scorers }) => [id, 'process', short(packageDigest), scorers.join(' ')]);
  return [
    ...lines,
    '',
    ...alignColumns([['JOB', 'RUNS IN', 'PACKAGE', 'PARAMS'], ...jobs]).map(safeText),
    ...(evaluators.length === 0
      ? []
      : ['', ...alignColumns([['EVALUATOR', 'RUNS IN', 'PACKAGE', 'SCORERS'], ...evaluators]).map(safeText)]),
  ];
}

function describeTime({ expected: { seconds, reason, fromRuns } }: Summary): string {
  if (seconds === null) return `unknown: ${reason}`;
  const others = fromRuns.length > 1 ? ` and ${fromRuns.length - 1} more` : '';
  return `about ${formatDuration(seconds * 1000)} without installs, by run ${fromRuns[0] ?? ''}${others}`;
}

function describeLatency({ latency, samplesPerJob }: Summary): string {
  if (latency.reason !== null) return latency.reason;
  const can = latency.percentiles.filter(({ canBeCertified }) => canBeCertified).map(({ name }) => name);
  const cannot = latency.percentiles.filter(({ canBeCertified }) => !canBeCertified).map(({ name, minN }) => `${name} needs ${minN}`);
  const yes = can.length === 0 ? 'no percentile' : can.join(', ');
  return `${countNoun(samplesPerJob, 'sample')} per job can certify ${yes}${cannot.length === 0 ? '' : `; ${cannot.join(', ')}`}`;
}

function describeScore({ score }: Summary): string {
  if (score?.rankBy !== undefined) return score.rankBy;
  const weights = Object.entries(score?.weights ?? {});
  return weights.length === 0
    ? 'nothing: no scorer has a metric with a direction'
    : weights.map(([name, weight]) => `${weight} x ${name}`).join(' + ');
}

function paramText(params: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(params);
  return entries.length === 0 ? '-' : entries.map(([name, value]) => `${name}=${String(value)}`).join(' ');
}

function short(digest: string): string {
  return digest.slice(0, 12);
}
