/** The leaderboard: dot plot and table; and the references, apart. */

import type { RankingEntry } from '../../core/scores.ts';
import { CHART_SIZES } from '../charts/chart-theme.ts';
import { RANKING_CHART_LIMIT, rankingChart } from '../charts/ranking-chart.ts';
import { formatDuration, formatMemory, formatRankRange, formatSignificant } from '../format-number.ts';
import { shareText } from '../load-text.ts';
import {
  absenceReason,
  coverageText,
  isOffline,
  latencyAbsence,
  leaderboardOrder,
  metricDecimals,
  metricInfoOf,
  metricNames,
  metricTitle,
  NO_METRIC,
  peakRssMiB,
  percentileOf,
  scoreOf,
  scoreTexts,
  someHave,
  throughputOf,
} from '../metric-lookup.ts';
import type { Report, ReportJob } from '../report-model.ts';
import { createFootnotes, type Footnotes } from './footnotes.ts';
import { jobHead } from './job-name.ts';
import { html, type Markup } from './markup.ts';
import { figure, type Section } from './section.ts';
import { columnHead, numberCell, scoreCell, table } from './table.ts';

const SHOWN_METRICS = 5;

export async function leaderboardSection(report: Report): Promise<Section> {
  const { ranked, unranked, references } = leaderboardOrder(report);
  const charts = (await Promise.all(CHART_SIZES.map((size) => rankingChart(report, size)))).filter((svg) => svg !== null);
  const confidence = report.ranking.entries.find((entry) => entry.interval !== null)?.interval?.confidence ?? null;
  const interval = confidence === null ? 'No intervals.' : `${Math.round(confidence * 100)} % intervals in brackets.`;
  const chart = charts.length === 0 ? null : figure(charts, rankingInWords(report, ranked), chartCaption(ranked.length, confidence));
  const body = html`${chart}${leaderboardTable(report, [...ranked, ...unranked], `${rankedBy(report)}. ${interval}`, true)}
<p class="note">A rank range is the best and the worst place that the pairwise comparisons allow (${report.ranking.correction}). ${report.jobs.some(isOffline) ? 'Offline load reports throughput, no percentiles.' : 'p90 certified is an upper bound at 99 % confidence.'} Memory is sampled, so the true peak is at least what is shown.</p>
${references.length === 0 ? null : html`<h3 id="references">References, never ranked</h3>${leaderboardTable(report, references, 'Baselines with a known answer: they tell what the scale means.', false)}`}
${moreMetrics(report, [...ranked, ...unranked, ...references])}`;
  return { id: 'leaderboard', title: 'Leaderboard', body };
}

function rankedBy(report: Report): string {
  const { metric, formula } = report.ranking;
  return metric === NO_METRIC ? `Not ranked: ${formula}` : `Ranked by ${metricTitle(report, metric)}`;
}

function chartCaption(ranked: number, confidence: number | null): Markup {
  const interval = confidence === null ? '' : `, bars are ${Math.round(confidence * 100)} % intervals`;
  const first = ranked > RANKING_CHART_LIMIT ? ` The first ${RANKING_CHART_LIMIT} of ${ranked} ranked jobs.` : '';
  return html`Dots are values${interval}; hollow diamonds are references.${first}`;
}

function rankingInWords(report: Report, ranked: readonly ReportJob[]): string {
  const { metric } = report.ranking;
  const decimals = metricDecimals(report, metric);
  const parts = ranked.slice(0, RANKING_CHART_LIMIT).map((job) => `${job.label} ${scoreTexts(job, metric, decimals).value}`);
  return `Ranking by ${metricTitle(report, metric)}, best first: ${parts.join('; ')}.`;
}

function leaderboardTable(report: Report, jobs: readonly ReportJob[], caption: string, withRank: boolean): Markup {
  const footnotes = createFootnotes();
  const metrics = shownMetrics(report, metricNames(report).ranked.slice(0, SHOWN_METRICS));
  const entries = new Map(report.ranking.entries.map((entry) => [entry.jobId, entry]));
  const metricHeads = metrics.map(({ name }) => columnHead(metricTitle(report, name), directionNote(report, name)));
  const head = html`${withRank ? columnHead('Rank') : null}${columnHead('Job', null, false)}${metricHeads}${speedHeads(report)}${columnHead('Memory', 'peak, at least')}${columnHead('Samples', 'succeeded')}`;
  const rows = jobs.map(
    (job) =>
      html`<tr>${withRank ? rankCell(report, job, entries.get(job.jobId), footnotes) : null}${jobHead(job)}${metricCells(job, metrics, footnotes, true)}${speedCells(report, job, footnotes)}${restCells(job, footnotes)}</tr>`,
  );
  return table(caption, head, rows, footnotes);
}

function rankCell(report: Report, job: ReportJob, entry: RankingEntry | undefined, footnotes: Footnotes): Markup {
  if (entry?.rankRange) return html`<td class="num rank">${formatRankRange(entry.rankRange)}</td>`;
  return numberCell(null, footnotes, entry?.reason ?? absenceReason(job, report.ranking.metric));
}

interface ShownMetric {
  readonly name: string;
  readonly decimals: number | null;
}

function shownMetrics(report: Report, names: readonly string[]): ShownMetric[] {
  return names.map((name) => ({ name, decimals: metricDecimals(report, name) }));
}

function metricCells(job: ReportJob, metrics: readonly ShownMetric[], footnotes: Footnotes, firstIsStrong: boolean): Markup[] {
  return metrics.map(({ name, decimals }, at) =>
    scoreCell(scoreOf(job, name), footnotes, absenceReason(job, name), decimals, firstIsStrong && at === 0),
  );
}

/** All jobs of a run have one load: throughput where it is offline, else latencies. */
function speedHeads(report: Report): Markup {
  if (report.jobs.some(isOffline)) return columnHead('Throughput', 'samples/s');
  return html`${columnHead('p50', 'median')}${columnHead('p90', 'certified')}${someHave(report, 'stream') ? columnHead('TTFT', 'median') : null}${someHave(report, 'goodput') ? columnHead('Goodput', 'of samples') : null}`;
}

function speedCells(report: Report, job: ReportJob, footnotes: Footnotes): Markup {
  if (report.jobs.some(isOffline)) return numberCell(throughputText(job), footnotes, job.failure?.message ?? 'no sample was answered');
  const p50 = percentileOf(job, 0.5);
  const p90 = percentileOf(job, 0.9);
  const none = latencyAbsence(job);
  return html`${numberCell(durationText(p50?.empirical), footnotes, p50?.empiricalReason ?? none)}${numberCell(durationText(p90?.certified), footnotes, p90?.certifiedReason ?? none)}${someHave(report, 'stream') ? ttftCell(job, footnotes) : null}${someHave(report, 'goodput') ? goodputCell(job, footnotes) : null}`;
}

function ttftCell(job: ReportJob, footnotes: Footnotes): Markup {
  const median = job.scores?.latency?.stream?.ttft.percentiles.find(({ p }) => p === 0.5);
  return numberCell(durationText(median?.empirical), footnotes, median?.empiricalReason ?? latencyAbsence(job));
}

function goodputCell(job: ReportJob, footnotes: Footnotes): Markup {
  const goodput = job.scores?.latency?.goodput;
  return numberCell(shareText(goodput?.share ?? null), footnotes, goodput?.reason ?? latencyAbsence(job));
}

function restCells(job: ReportJob, footnotes: Footnotes): Markup {
  const memory = peakRssMiB(job);
  return html`${numberCell(memory === null ? null : formatMemory(memory), footnotes, 'no memory was read')}<td class="num">${coverageText(job.scores)}</td>`;
}

function throughputText(job: ReportJob): string | null {
  const throughput = throughputOf(job);
  return throughput === null ? null : formatSignificant(throughput);
}

function durationText(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : formatDuration(ms);
}

function directionNote(report: Report, metric: string): string | null {
  const info = metricInfoOf(report, metric);
  if (info === null) return null;
  const unit = info.unit === 'fraction' || info.unit === '' ? '' : `${info.unit}, `;
  if (info.direction === 'none') return `${unit}diagnostic`;
  return `${unit}${info.direction} is better`;
}

/** Metrics beyond the table's columns, and the diagnostics that have no direction. */
function moreMetrics(report: Report, jobs: readonly ReportJob[]): Markup | null {
  const { ranked, diagnostics } = metricNames(report);
  const more = shownMetrics(report, [...ranked.slice(SHOWN_METRICS), ...diagnostics]);
  if (more.length === 0) return null;
  const footnotes = createFootnotes();
  const head = html`${columnHead('Job', null, false)}${more.map(({ name }) => columnHead(metricTitle(report, name), directionNote(report, name)))}`;
  const rows = jobs.map((job) => html`<tr>${jobHead(job)}${metricCells(job, more, footnotes, false)}</tr>`);
  return html`<details><summary>${more.length} more ${more.length === 1 ? 'metric' : 'metrics'}</summary>${table('Beside the ranking', head, rows, footnotes)}</details>`;
}
