/** How uncertain each metric of each job is: its interval's companion for readers who plan the next run. Part of computation-section.ts. */
import type { MetricScore } from '../../core/scores.ts';
import { formatSignificant, formatValue } from '../format-number.ts';
import type { Report, ReportJob } from '../report-model.ts';
import { createFootnotes, type Footnotes } from './footnotes.ts';
import { jobHead } from './job-name.ts';
import { html, type Markup } from './markup.ts';
import { columnHead, numberCell, table } from './table.ts';

/** Null where no score tells a standard error: reports of earlier versions. */
export function uncertaintyTable(report: Report): Markup | null {
  const footnotes = createFootnotes();
  const rows = report.jobs.flatMap((job) => scoresOf(job).map((score) => row(job, score, footnotes)));
  if (rows.length === 0) return null;
  const head = html`${columnHead('Job', null, false)}${columnHead('Metric', null, false)}${columnHead('Value')}${columnHead('Standard error')}${columnHead('Samples')}${columnHead('Items')}${columnHead('Effective n')}`;
  return html`<details><summary>Standard errors and effective sample sizes</summary><p>Standard errors are those of the jackknife over items, with all their repeats. The effective n is the number of independent samples that would be as uncertain: samples over the design effect (Kish, 1965).</p>${table('Uncertainty', head, rows, footnotes)}</details>`;
}

function scoresOf({ scores }: ReportJob): MetricScore[] {
  const all = scores === null ? [] : [...(scores.total === null ? [] : [scores.total]), ...scores.metrics];
  return all.filter(({ standardError }) => standardError !== undefined);
}

function row(job: ReportJob, score: MetricScore, footnotes: Footnotes): Markup {
  const { name, value, interval, reason, standardError, standardErrorReason, n, clusters, effectiveN, effectiveNReason } = score;
  return html`<tr>${jobHead(job)}<td><code>${name}</code></td>${numberCell(value === null ? null : formatValue(value, interval), footnotes, reason)}${numberCell(standardError == null ? null : formatSignificant(standardError), footnotes, standardErrorReason ?? null)}<td class="num">${n}</td><td class="num">${clusters}</td>${numberCell(effectiveN == null ? null : formatSignificant(effectiveN), footnotes, effectiveNReason ?? null)}</tr>`;
}
