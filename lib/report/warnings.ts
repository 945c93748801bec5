/** What a reader must know before trusting a number: each warning has a stable code and names the jobs it concerns. */
import type { RunScores } from '../core/scores.ts';
import { budgetWarnings } from './budget-warnings.ts';
import type { ReportInput } from './build-report.ts';
import { LOAD_WARNINGS } from './load-warnings.ts';
import type { ReportJob, Warning } from './report-model.ts';

type Rule = (jobs: readonly ReportJob[], scores: RunScores, input: ReportInput) => Warning[];

/** All warnings, in the order of the rules. */
export function warningsOf(jobs: readonly ReportJob[], scores: RunScores, input: ReportInput): Warning[] {
  return RULES.flatMap((rule) => rule(jobs, scores, input));
}

const RULES: readonly Rule[] = [
  (jobs) =>
    concerning(
      'job-not-succeeded',
      'These jobs did not finish with every sample; what they have is shown with its coverage.',
      jobs,
      (job) => job.state !== 'succeeded',
    ),
  (jobs) =>
    concerning(
      'contended',
      'Something else ran beside these jobs: their latency and resources are not certified and not on the Pareto chart.',
      jobs,
      (job) => job.scores?.latency?.contended === true,
    ),
  (jobs) =>
    concerning(
      'few-samples',
      'Fewer than 64 samples: a 90th percentile of latency cannot be certified.',
      jobs,
      (job) => job.load.mode !== 'offline' && job.scores?.latency != null && job.scores.latency.n < 64,
    ),
  (jobs) =>
    concerning(
      'resumed',
      'Measured in more than one attempt; the statistics pool attempts of equal identity.',
      jobs,
      (job) => (job.scores?.latency?.attempts ?? 0) > 1,
    ),
  (jobs) => LOAD_WARNINGS.flatMap(({ code, text, applies }) => concerning(code, text, jobs, applies)),
  (jobs) =>
    concerning('unparsed', 'Some answers could not be parsed; they count as wrong and stay in the denominator.', jobs, (job) =>
      unparsedMetrics(job).some(hasWorst),
    ),
  (jobs) =>
    concerning(
      'unparsed-numbers',
      'Some answers were no number; they have no error, so that values are over the other answers, and places may not be provable.',
      jobs,
      (job) => unparsedMetrics(job).some((name) => !hasWorst(name)),
    ),
  (jobs) =>
    concerning(
      'answers-from-cache',
      'Repeated samples are answered more than 10 % faster than the first time: latencies may be those of a cache.',
      jobs,
      (job) => job.scores?.audit?.caching.verdict === 'failed',
    ),
  (jobs) =>
    concerning(
      'answers-differ',
      'The same seed gave different answers: these models are not deterministic on this machine, and a rerun will differ.',
      jobs,
      (job) => job.scores?.audit?.determinism.verdict === 'differs',
    ),
  differentDevices,
  differentEvaluators,
  (_jobs, _scores, input) => budgetWarnings(input),
  (_jobs, _scores, input) =>
    input.environment === 'process'
      ? [
          {
            code: 'process-environment',
            text: 'Models ran in the environment “process”: it keeps their dependencies apart, it does not contain hostile code.',
            jobIds: [],
          },
        ]
      : [],
];

function unparsedMetrics({ scores }: ReportJob): string[] {
  return scores?.metrics.flatMap(({ name, unparsed }) => (unparsed > 0 ? [name] : [])) ?? [];
}

/** The error of an absent number has no bound (lib/core/numbers/number-columns.ts). */
function hasWorst(metric: string): boolean {
  return !metric.startsWith('numbers.');
}

function concerning(code: string, text: string, jobs: readonly ReportJob[], applies: (job: ReportJob) => boolean): Warning[] {
  const jobIds = jobs.filter(applies).map((job) => job.jobId);
  return jobIds.length === 0 ? [] : [{ code, text, jobIds }];
}

/** Latencies of unlike machines say as much of the machines as of the models. Cores and libraries are the package's own, and left out. */
function differentDevices(jobs: readonly ReportJob[]): Warning[] {
  const known = jobs.filter(({ device }) => device !== null);
  const machines = machineNames(known.map(({ device }) => device ?? ''));
  if (machines.length <= 1) return [];
  const text = `Jobs ran on different devices (${machines.join('; ')}): their latencies and resources are not comparable.`;
  return [{ code: 'different-devices', text, jobIds: known.map(({ jobId }) => jobId) }];
}

/**
 * `AMD EPYC (cpu, cpus 2); numpy 2.4.6` is an AMD EPYC. `cpu`, or `cpu (cpu)`, has no name: it is a machine of its own only where no named one is
 * of that kind.
 */
function machineNames(devices: readonly string[]): string[] {
  const told = devices.map((device) => {
    const [name = '', facts = name] = (device.split(';')[0] ?? '').split(' (');
    const [kind = '', ...others] = facts.replace(')', '').split(', ');
    return { name: name === facts ? kind : name, kinds: [kind, ...others] };
  });
  const named = told.filter(({ name, kinds }) => !kinds.includes(name));
  const alone = told.filter(({ name, kinds }) => kinds.includes(name) && !named.some((other) => other.kinds.includes(name)));
  return [...new Set([...named, ...alone].map(({ name }) => name))];
}

function differentEvaluators(jobs: readonly ReportJob[]): Warning[] {
  const identities = new Set(jobs.map((job) => JSON.stringify(job.evaluators.map(({ id, digest }) => [id, digest]))));
  if (identities.size <= 1) return [];
  return [
    {
      code: 'different-evaluators',
      text: 'Jobs were scored by different evaluators or versions of them: their scores may not be comparable.',
      jobIds: jobs.map((job) => job.jobId),
    },
  ];
}
