/** Quality against latency. */
import { CHART_SIZES } from '../charts/chart-theme.ts';
import { paretoChart } from '../charts/pareto-chart.ts';
import { formatDuration, formatValue } from '../format-number.ts';
import { needsKey, pointNumbers } from '../charts/short-labels.ts';
import { metricTitle } from '../metric-lookup.ts';
import type { Report } from '../report-model.ts';
import { html, type Markup } from './markup.ts';
import { figure, type Section } from './section.ts';

export async function paretoSection(report: Report): Promise<Section> {
  const labels = new Map(report.jobs.map((job) => [job.jobId, job.label]));
  const { points, leftOut } = report.pareto;
  const charts = (await Promise.all(CHART_SIZES.map((size) => paretoChart(report, size)))).filter((svg) => svg !== null);
  const front = points.filter((point) => point.onFront && !point.reference).sort((a, b) => a.x - b.x);
  const chart =
    charts.length === 0
      ? html`<p class="empty">Fewer than two jobs have both a latency and a score.</p>`
      : figure(charts, inWords(report, labels), html`${key(report, labels)}${CAPTION}`);
  const body = html`${chart}${front.length === 0 ? null : html`<p>On the front, fastest first: ${front.map((point, at) => html`${at === 0 ? null : ', '}<bdi>${labels.get(point.jobId) ?? point.jobId}</bdi>`)}.</p>`}${dominated(report, labels)}${
    leftOut.length === 0
      ? null
      : html`<p class="note">Not on the chart: ${reasons(leftOut).map(([reason, jobIds], at) => html`${at === 0 ? null : '; '}${names(jobIds, labels)} (${reason})`)}.</p>`
  }`;
  return { id: 'pareto', title: 'Quality against latency', body };
}

/** Job ids by their reason. */
function reasons(leftOut: Report['pareto']['leftOut']): [string, string[]][] {
  const byReason = Map.groupBy(leftOut, ({ reason }) => reason);
  return [...byReason].map(([reason, jobs]) => [reason, jobs.map(({ jobId }) => jobId)]);
}

function names(jobIds: readonly string[], labels: ReadonlyMap<string, string>): Markup[] {
  return jobIds.map((jobId, at) => html`${at === 0 ? null : ', '}<bdi>${labels.get(jobId) ?? jobId}</bdi>`);
}

const CAPTION = html`Up and left is better. Whiskers are intervals. Blue: on the front. Grey: dominated, that is another job is separably better on one axis and not separably worse on the other. Hollow diamonds: references.`;

/** The names behind the numbers on a phone's chart. */
function key(report: Report, labels: ReadonlyMap<string, string>): Markup | null {
  if (!needsKey(report)) return null;
  return html`<ol class="key">${[...pointNumbers(report)].map(([jobId, number]) => html`<li><b>${number}</b><bdi>${labels.get(jobId) ?? jobId}</bdi></li>`)}</ol>`;
}

function inWords(report: Report, labels: ReadonlyMap<string, string>): string {
  const parts = [...report.pareto.points]
    .sort((a, b) => a.x - b.x)
    .map(
      (point) =>
        `${labels.get(point.jobId) ?? point.jobId}: ${formatDuration(point.x)}, ${formatValue(point.y, point.yInterval)}${point.reference ? ', reference' : point.onFront ? ', on the front' : ', dominated'}`,
    );
  return `Median latency and ${metricTitle(report, report.pareto.y)}. ${parts.join('; ')}.`;
}

function dominated(report: Report, labels: ReadonlyMap<string, string>): Markup | null {
  const rows = report.pareto.points.filter((point) => point.dominatedBy.length > 0 && !point.reference);
  if (rows.length === 0) return null;
  const name = (jobId: string) => html`<bdi>${labels.get(jobId) ?? jobId}</bdi>`;
  return html`<ul>${rows.map((point) => html`<li>${name(point.jobId)} is dominated by ${point.dominatedBy.map((jobId, at) => html`${at === 0 ? null : ', '}${name(jobId)}`)}.</li>`)}</ul>`;
}
