/** `report.md`: the report's tables for issues, pull requests and wikis. Everything from specs and models is escaped. */
import { auditTexts } from './audit-text.ts';
import { labelSection } from './confusion-markdown.ts';
import { gateSections } from './gate-markdown.ts';
import { compositeSection } from './composite-markdown.ts';
import { formatDuration, formatInstant, formatMemory, formatRankRange, formatSignificant, formatUsd } from './format-number.ts';
import { inline, table } from './markdown-text.ts';
import {
  absenceReason,
  coverageText,
  earlyStops,
  isOffline,
  leaderboardOrder,
  metricDecimals,
  metricNames,
  metricTitle,
  peakRssMiB,
  percentileOf,
  scoreOf,
  scoreTexts,
  throughputOf,
} from './metric-lookup.ts';
import { laterPassTexts } from './later-passes.ts';
import { loadSection } from './load-markdown.ts';
import { costSentence } from './report-cost.ts';
import type { Report, ReportJob, TaskCost } from './report-model.ts';

const EXTRA_METRICS = 4;

export function renderMarkdown(report: Report): string {
  const { ranked, unranked, references } = leaderboardOrder(report);
  const sections = [
    `# ${inline(report.run.name)}`,
    report.run.description === null ? null : inline(report.run.description),
    `**${inline(report.verdict.headline)}**`,
    report.verdict.details.map((detail) => `- ${inline(detail)}`).join('\n'),
    `## Leaderboard\n\n${leaderboard(report, [...ranked, ...unranked])}`,
    comparisons(report),
    references.length === 0 ? null : `## References (shown, never ranked)\n\n${leaderboard(report, references)}`,
    compositeSection(report),
    loadSection(report),
    report.gates === undefined ? null : `## Gates\n\n${gateSections(report.gates).join('\n\n')}`,
    labelSection(report),
    `## Failures\n\n${failures(report)}`,
    audit(report),
    report.cost === undefined ? null : `## Cost\n\n${costs(report)}`,
    report.warnings.length === 0 ? null : `## Notes\n\n${warnings(report)}`,
    `## Identity\n\n${identity(report)}`,
    evaluatedAgain(report),
  ];
  return `${sections.filter((section) => section !== null && section !== '').join('\n\n')}\n`;
}

function evaluatedAgain({ evaluations = [] }: Report): string | null {
  if (evaluations.length === 0) return null;
  return `## Evaluated again\n\n${laterPassTexts(evaluations)
    .map((text) => `- ${inline(text)}`)
    .join('\n')}`;
}

/** What the ranges of ranks rest on. */
function comparisons({ ranking }: Report): string | null {
  if (ranking.comparisons.length === 0) return null;
  return inline(`A range of ranks is what the pairwise comparisons allow. ${ranking.correction}.`);
}

function leaderboard(report: Report, jobs: readonly ReportJob[]): string {
  const metrics = metricNames(report).ranked.slice(0, 1 + EXTRA_METRICS);
  const offline = report.jobs.some(isOffline);
  const speeds = offline ? ['Samples/s'] : ['p50', 'p90 certified'];
  const head = ['Rank', 'Job', ...metrics.map((metric) => metricTitle(report, metric)), ...speeds, 'Peak memory', 'Samples'];
  const entries = new Map(report.ranking.entries.map((entry) => [entry.jobId, entry]));
  const decimals = new Map(metrics.map((metric) => [metric, metricDecimals(report, metric)]));
  const rows = jobs.map((job) => {
    const entry = entries.get(job.jobId);
    const memory = peakRssMiB(job);
    return [
      formatRankRange(entry?.rankRange ?? null),
      job.label,
      ...metrics.map((metric) => metricText(job, metric, decimals.get(metric) ?? null, metric === report.ranking.metric)),
      ...(offline ? [formatSignificant(throughputOf(job))] : latencyTexts(job)),
      memory === null ? '—' : `≥ ${formatMemory(memory)}`,
      coverageText(job.scores),
    ];
  });
  return table(head, rows);
}

function latencyTexts(job: ReportJob): string[] {
  return [formatDuration(percentileOf(job, 0.5)?.empirical ?? null), formatDuration(percentileOf(job, 0.9)?.certified ?? null)];
}

function metricText(job: ReportJob, metric: string, decimals: number | null, explain: boolean): string {
  const score = scoreOf(job, metric);
  if (score === null || score.value === null) return explain ? `— (${absenceReason(job, metric)})` : '—';
  const { value, interval } = scoreTexts(job, metric, decimals);
  return interval === '' ? value : `${value} ${interval}`;
}

function failures(report: Report): string {
  const rows = report.jobs.flatMap((job) => [
    ...(job.failure === null ? [] : [[job.label, 'job', job.failure.class, job.failure.code, '', job.failure.message]]),
    ...earlyStops(job).map(({ stage, code, text }) => [job.label, `stage ${stage}`, '', code, '', text]),
    ...(job.scores?.failures ?? []).map((group) => [
      job.label,
      'samples',
      group.class,
      group.code,
      String(group.count),
      group.exampleMessage,
    ]),
  ]);
  return rows.length === 0 ? 'None.' : table(['Job', 'What', 'Class', 'Code', 'Count', 'Cause'], rows);
}

/** Null where no job has an audit. */
function audit(report: Report): string | null {
  const rows = auditTexts(report.jobs).map(({ label, resent, caching, determinism }) => [label, resent, caching, determinism]);
  return rows.length === 0 ? null : `## Audit\n\n${table(['Job', 'Sent again', 'Answered', 'Answers'], rows)}`;
}

function costs(report: Report): string {
  const rows = report.jobs.map(({ label, cost }) => [label, ...costTexts(cost ?? null)]);
  const head = ['Job', 'Machine time', 'Tasks', 'Per answered sample', 'Per minute of video'];
  return `${table(head, [...rows, ['all jobs', ...costTexts(report.cost?.run ?? null)]])}\n\n${inline(costSentence(report))}`;
}

function costTexts(cost: TaskCost | null): string[] {
  return [
    formatDuration(cost === null || cost.seconds === null ? null : cost.seconds * 1000),
    ...[cost?.usd, cost?.perSampleUsd, cost?.perVideoMinuteUsd].map((usd) => formatUsd(usd ?? null)),
  ];
}

function warnings(report: Report): string {
  const labels = new Map(report.jobs.map((job) => [job.jobId, job.label]));
  return report.warnings
    .map(
      ({ text, jobIds }) =>
        `- ${inline(text)}${jobIds.length === 0 ? '' : ` (${inline(jobIds.map((jobId) => labels.get(jobId) ?? jobId).join('; '))})`}`,
    )
    .join('\n');
}

function identity(report: Report): string {
  const { run, suite } = report;
  const facts = [
    `run ${run.runId}, ${run.state}, ${formatInstant(run.createdAtMs)}`,
    `suite ${suite.id} ${suite.version}, ${suite.itemCount} items x ${suite.repeats}, digest ${suite.digest}`,
    `spec ${run.specSha256}`,
    `Bakeoff ${run.softwareVersion}`,
    ...report.jobs.map((job) => `${job.label}: ${job.model.id} ${job.model.version}, package ${job.model.digest}`),
    ...report.jobs.flatMap(({ label, containers = [] }) =>
      containers.map(({ stage, image, digest }) => `${label}, ${stage}: container of ${image}, sha256 ${digest}`),
    ),
  ];
  return facts.map((fact) => `- ${inline(fact)}`).join('\n');
}
