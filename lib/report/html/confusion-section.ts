/** Which labels were taken for which: one matrix a job of the scorer `labels`, and how each class fared. */
import type { Confusion } from '../../core/scores.ts';
import { formatFixed } from '../format-number.ts';
import { leaderboardOrder } from '../metric-lookup.ts';
import type { Report, ReportJob } from '../report-model.ts';
import { createFootnotes, type Footnotes } from './footnotes.ts';
import { jobName } from './job-name.ts';
import { html, type Markup } from './markup.ts';
import type { Section } from './section.ts';
import { columnHead, numberCell, table } from './table.ts';

/** Matrices that stand open; the others are one click away. */
const OPEN_JOBS = 2;
const DECIMALS = 3;

export function confusionSection(report: Report): Section | null {
  const { ranked, unranked, references } = leaderboardOrder(report);
  const jobs = [...ranked, ...unranked, ...references].flatMap((job) => {
    const confusion = job.scores?.confusion;
    return confusion === undefined ? [] : [{ job, confusion }];
  });
  const [first] = jobs;
  if (first === undefined) return null;
  const blocks = jobs.map(
    ({ job, confusion }, at) =>
      html`<details${at < OPEN_JOBS ? html` open` : null}><summary>${jobName(job)}</summary>${ofJob(job, confusion)}</details>`,
  );
  const body = html`<p>Rows are truths, columns answers. An unparsed answer is none of the labels: it is wrong, and stays in the denominators of its truth. Failed and missing samples are in no cell. Before they are compared, labels are normalised: ${first.confusion.normalisation}.</p>${blocks}`;
  return { id: 'labels', title: 'Labels', body };
}

function ofJob({ label }: ReportJob, { labels, matrix, classes, reason }: Confusion): Markup {
  if (labels === null || matrix === null || classes === null) return html`<p class="empty">Not shown: ${reason ?? 'no labels'}.</p>`;
  const footnotes = createFootnotes();
  const classRows = classes.map(
    ({ label: name, support, answered, precision, recall, f1 }) =>
      html`<tr><th scope="row"><bdi>${name}</bdi></th><td class="num">${support}</td><td class="num">${answered}</td>${shareCell(precision, footnotes, 'nothing answers this label: counts as 0 in the macro mean')}${shareCell(recall, footnotes, 'no answered item has this label')}${shareCell(f1, footnotes, 'neither a truth nor an answer')}</tr>`,
  );
  const classHead = html`${columnHead('Label', null, false)}${columnHead('Truths')}${columnHead('Answers')}${columnHead('Precision')}${columnHead('Recall')}${columnHead('F1')}`;
  return html`${table(`Confusion matrix of ${label}`, matrixHead(labels), matrixRows(labels, matrix))}${table(`Classes of ${label}`, classHead, classRows, footnotes)}`;
}

function shareCell(value: number | null, footnotes: Footnotes, reason: string): Markup {
  return numberCell(value === null ? null : formatFixed(value, DECIMALS), footnotes, reason);
}

function matrixHead(labels: readonly string[]): Markup {
  return html`${columnHead('Truth', 'answer across', false)}${labels.map((label) => html`<th scope="col" class="num"><bdi>${label}</bdi></th>`)}${columnHead('unparsed')}`;
}

/** Cells in the colour of their share of the row's truths; right answers are strong. */
function matrixRows(labels: readonly string[], matrix: readonly (readonly number[])[]): Markup[] {
  return labels.map((label, truth) => {
    const row = matrix[truth] ?? [];
    const support = row.reduce((sum, count) => sum + count, 0);
    const cells = row.map((count, answer) => {
      const share = support === 0 ? 0 : Math.round((100 * count) / support);
      return html`<td class="num heat" style="--heat:${share}%">${answer === truth ? html`<strong>${count}</strong>` : count}</td>`;
    });
    return html`<tr><th scope="row"><bdi>${label}</bdi></th>${cells}</tr>`;
  });
}
