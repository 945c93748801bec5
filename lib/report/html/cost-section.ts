/** What the tasks cost; only where machines are billed. */
import { formatDuration, formatUsd } from '../format-number.ts';
import { costSentence } from '../report-cost.ts';
import type { Report, TaskCost } from '../report-model.ts';
import { createFootnotes, type Footnotes } from './footnotes.ts';
import { jobHead } from './job-name.ts';
import { html, type Markup } from './markup.ts';
import type { Section } from './section.ts';
import { columnHead, numberCell, table } from './table.ts';

/** Null on one machine. */
export function costSection(report: Report): Section | null {
  if (report.cost === undefined) return null;
  const footnotes = createFootnotes();
  const head = html`${columnHead('Job', null, false)}${columnHead('Machine time')}${columnHead('Tasks')}${columnHead('Per answered sample')}${columnHead('Per minute of video')}`;
  const rows = report.jobs.map((job) => html`<tr>${jobHead(job)}${cells(job.cost ?? null, footnotes)}</tr>`);
  const all = html`<tr><th scope="row">All jobs</th>${cells(report.cost.run, footnotes)}</tr>`;
  return {
    id: 'cost',
    title: 'Cost',
    body: html`<p>${costSentence(report)}</p>${table('Cost of the tasks', head, [...rows, all], footnotes)}`,
  };
}

function cells(cost: TaskCost | null, footnotes: Footnotes): Markup {
  const none = 'no task ran';
  const time = cost?.seconds === undefined || cost.seconds === null ? null : formatDuration(cost.seconds * 1000);
  const usd = (value: number | null | undefined, reason: string | null | undefined): Markup =>
    numberCell(value === null || value === undefined ? null : formatUsd(value), footnotes, reason ?? none);
  return html`${numberCell(time, footnotes, cost?.reason ?? none)}${usd(cost?.usd, cost?.reason)}${usd(cost?.perSampleUsd, cost?.perSampleReason)}${usd(cost?.perVideoMinuteUsd, cost?.perVideoMinuteReason)}`;
}
