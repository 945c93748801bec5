/** Scores by category of item: one heat-map an attribute, in tables, so that the numbers stay readable by everyone. */
import type { MetricScore } from '../../core/scores.ts';
import { commonDecimals, formatInterval, formatValue } from '../format-number.ts';
import { leaderboardOrder, metricInfoOf, metricNames, metricTitle } from '../metric-lookup.ts';
import type { Report, ReportJob } from '../report-model.ts';
import { createFootnotes, type Footnotes } from './footnotes.ts';
import { jobHead } from './job-name.ts';
import { html, type Markup } from './markup.ts';
import type { Section } from './section.ts';
import { columnHead, table } from './table.ts';

const OTHER_METRICS = 5;

export function breakdownSection(report: Report): Section | null {
  const { ranked, references } = leaderboardOrder(report);
  const jobs = [...ranked, ...references].filter((job) => Object.keys(job.scores?.categories ?? {}).length > 0);
  const attributes = [...new Set(jobs.flatMap((job) => Object.keys(job.scores?.categories ?? {})))];
  if (attributes.length === 0) return null;
  const metrics = metricNames(report).ranked.filter((metric) =>
    jobs.some((job) =>
      attributes.some((attribute) => cellsOf(job, attribute).some(([, scores]) => scores.some(({ name }) => name === metric))),
    ),
  );
  const [first, ...others] = metrics;
  if (first === undefined) return null;
  const grids = (metric: string) =>
    html`<div class="grids">${attributes.map((attribute) => heatMap(report, jobs, attribute, metric))}</div>`;
  const body = html`<p>${metricTitle(report, first)} by category. Stronger colour is better. With fewer items a cell's interval is wide: it stands in small print.</p>${grids(first)}${others.slice(0, OTHER_METRICS).map((metric) => html`<details><summary>${metricTitle(report, metric)} by category</summary>${grids(metric)}</details>`)}`;
  return { id: 'breakdown', title: 'By category', body };
}

function cellsOf(job: ReportJob, attribute: string): Array<[string, MetricScore[]]> {
  return Object.entries(job.scores?.categories[attribute] ?? {});
}

function heatMap(report: Report, jobs: readonly ReportJob[], attribute: string, metric: string): Markup {
  const footnotes = createFootnotes();
  const values = [...new Set(jobs.flatMap((job) => cellsOf(job, attribute).map(([value]) => value)))];
  const scoreAt = (job: ReportJob, value: string) =>
    (job.scores?.categories[attribute]?.[value] ?? []).find(({ name }) => name === metric) ?? null;
  const goodness = goodnessOf(
    report,
    metric,
    jobs.flatMap((job) => values.map((value) => scoreAt(job, value)?.value ?? null)),
  );
  const decimals = commonDecimals(jobs.flatMap((job) => values.flatMap((value) => scoreAt(job, value) ?? [])));
  const items = (value: string) => Math.max(0, ...jobs.map((job) => scoreAt(job, value)?.planned ?? 0));
  const head = html`${columnHead('Job', null, false)}${values.map((value) => columnHead(value, `${items(value)} ${items(value) === 1 ? 'sample' : 'samples'}`))}`;
  const rows = jobs.map(
    (job) => html`<tr>${jobHead(job)}${values.map((value) => heatCell(scoreAt(job, value), goodness, decimals, footnotes))}</tr>`,
  );
  return html`<div class="${values.length > 4 ? 'full' : ''}">${table(attribute, head, rows, footnotes)}</div>`;
}

function heatCell(score: MetricScore | null, goodness: (value: number) => number, decimals: number | null, footnotes: Footnotes): Markup {
  if (score === null || score.value === null)
    return html`<td class="num">${footnotes.absent(score?.reason ?? 'no items of this category')}</td>`;
  const interval = formatInterval(score.value, score.interval, decimals);
  return html`<td class="num heat" style="--heat:${Math.round(goodness(score.value) * 100)}%">${formatValue(score.value, score.interval, decimals)}${interval === '' ? null : html`<small>${interval}</small>`}</td>`;
}

/** 0 for the worst, 1 for the best: of the metric's range where it has two ends, else of the values shown. */
function goodnessOf(report: Report, metric: string, values: ReadonlyArray<number | null>): (value: number) => number {
  const info = metricInfoOf(report, metric);
  const present = values.filter((value) => value !== null);
  const [rangeLow, rangeHigh] = info?.range ?? [null, null];
  const bounded = rangeLow !== null && rangeHigh !== null;
  const low = bounded ? rangeLow : Math.min(...present);
  const high = bounded ? rangeHigh : Math.max(...present);
  return (value) => {
    if (high <= low) return 0.5;
    const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
    return info?.direction === 'lower' ? 1 - share : share;
  };
}
