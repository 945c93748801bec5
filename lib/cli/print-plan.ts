/** A plan for people: facts in paragraphs, then a table of jobs and one of evaluators. Called by plan.ts, which computes all of it. */
import { countNoun } from '../core/count-noun.ts';
import type { Load } from '../core/job.ts';
import { formatDuration } from '../report/format-number.ts';
import { describeLoad } from './describe-load.ts';
import { describeResolution } from './describe-resolution.ts';
import type { PlanSummary } from './plan.ts';
import { describeClasses } from './plan-class.ts';
import { alignAndWrap, wrapText } from './wrap-text.ts';

/** Lines of at most `columns`; `load`: that of every job. */
export function layOutPlan(summary: PlanSummary, load: Load, columns: number): string[] {
  const { suite, limits, outlook, perItem } = summary;
  const facts: [string, string][] = [
    ['run', `${summary.name} (spec sha256 ${short(summary.specSha256)})`],
    ['suite', `${suite.id} ${suite.version}, ${suite.task} (sha256 ${short(suite.digest)})`],
    ['items', `${summary.items} of ${suite.items}, seed ${summary.seed}`],
    ['samples', describeSamples(summary)],
    ['warm-up', summary.warmupPerJob === 0 ? 'none' : `${summary.warmupPerJob} per job, not measured`],
    ...describeLoad({ load, slo: summary.slo, outlook, repeats: perItem, sampleLimit: limits.sample }),
    ...describeAudit(summary),
    ['jobs', summary.maxParallelJobs === 1 ? 'one after the other' : `at most ${summary.maxParallelJobs} at once`],
    ['limits', `ready ${limits.ready}, sample ${limits.sample}, job ${limits.job}`],
    ['time', describeTime(summary)],
    ['cost', `none: ${summary.cost.reason}`],
    ...describeClasses(summary.classes),
    ['latency', describeLatency(summary)],
    ['ranked by', describeScore(summary)],
    ['tells', describeResolution(summary.resolution)],
    ...describeImages(summary),
    ...summary.notes.map((note): [string, string] => ['note', note]),
  ];
  const lines = facts.map(([label, text]) => wrapText(text, columns, label.padEnd(10), ' '.repeat(10)));
  const jobs = summary.jobs.map((job) => [
    job.jobId,
    job.environment,
    short(job.packageDigest),
    `${paramText(job.params)}${job.reference ? ' (reference)' : ''}`,
  ]);
  const evaluators = summary.evaluators.map(({ id, environment, packageDigest, scorers }) => [
    id,
    environment,
    short(packageDigest),
    scorers.join(' '),
  ]);
  return [
    ...lines,
    '',
    ...alignAndWrap(
      [['JOB', 'RUNS IN', summary.jobs.some(({ image }) => image !== null) ? 'DIGEST' : 'PACKAGE', 'PARAMS'], ...jobs],
      columns,
    ),
    ...(evaluators.length === 0 ? [] : ['', ...alignAndWrap([['EVALUATOR', 'RUNS IN', 'PACKAGE', 'SCORERS'], ...evaluators], columns)]),
  ];
}

function describeSamples({ samples, jobs, items, perItem, outlook }: PlanSummary): string {
  const each = `${countNoun(items, 'item')} x ${perItem} each`;
  const whole = outlook.samples === items * perItem;
  return `${samples}: ${countNoun(jobs.length, 'job')} x ${whole ? each : `${outlook.samples} of ${each}`}`;
}

/** An image is named whole: it is what will run, and nobody can tell it from its first digits. */
function describeImages({ jobs }: PlanSummary): [string, string][] {
  const images = new Map(jobs.flatMap(({ image, model }) => (image === null ? [] : [[image, model] as const])));
  return [...images].map(([image, model]) => ['image', `${model}: ${image}`]);
}

function describeAudit({ audit, outlook }: PlanSummary): [string, string][] {
  if (audit === null) return [];
  return [['audit', `the last ${Math.min(audit.resend, outlook.samples)} samples of each job once more, with their seeds`]];
}

function describeTime({ expected: { seconds, reason, fromRuns } }: PlanSummary): string {
  if (seconds === null) return `unknown: ${reason}`;
  const others = fromRuns.length > 1 ? ` and ${fromRuns.length - 1} more` : '';
  return `about ${formatDuration(seconds * 1000)} without installs, by run ${fromRuns[0] ?? ''}${others}`;
}

function describeLatency({ latency, samplesPerJob, outlook, load }: PlanSummary): string {
  if (latency.reason !== null) return latency.reason;
  const can = latency.percentiles.filter(({ canBeCertified }) => canBeCertified).map(({ name }) => name);
  const cannot = latency.percentiles.filter(({ canBeCertified }) => !canBeCertified).map(({ name, minN }) => `${name} needs ${minN}`);
  const yes = can.length === 0 ? 'no percentile' : can.join(', ');
  const { measured } = outlook;
  const open = [
    ...(load.mode === 'closed' && 'duration' in load ? ['if its time is enough for all of them'] : []),
    ...(measured === null ? ['less what the ramp takes'] : []),
  ];
  const less = open.length > 0 ? `, ${open.join(', ')},` : measured !== null && measured < samplesPerJob ? ' after the ramp' : '';
  return `${countNoun(measured ?? samplesPerJob, 'sample')} per job${less} can certify ${yes}${cannot.length === 0 ? '' : `; ${cannot.join(', ')}`}`;
}

function describeScore({ score }: PlanSummary): string {
  if (score?.rankBy !== undefined) return score.rankBy;
  if (score?.metrics !== undefined) return `mean win rate over ${score.metrics.join(', ')}`;
  if (score?.metric !== undefined) return `Bradley-Terry strength by ${score.metric}`;
  if (score?.profile !== undefined && score.profile !== 'weighted') return score.profile;
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
