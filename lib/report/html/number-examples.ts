/** Predicted numbers in one table: a row an item, a column a job, the error beneath the value. */
import { decimalsFor, formatFixed, formatSignificant } from '../format-number.ts';
import type { Example, ExampleOutput, ReportJob } from '../report-model.ts';
import { createFootnotes, type Footnotes } from './footnotes.ts';
import { jobName } from './job-name.ts';
import { html, type Markup } from './markup.ts';
import { columnHead, table } from './table.ts';

export function numberTable(examples: readonly Example[], jobs: readonly ReportJob[]): Markup {
  const footnotes = createFootnotes();
  const decimals = tableDecimals(examples);
  const head = html`${columnHead('Item', null, false)}${columnHead('Reference')}${jobs.map((job) => html`<th scope="col" class="num">${jobName(job)}</th>`)}`;
  const rows = examples.map((example) => {
    const truth = example.reference.kind === 'value' ? example.reference.value : null;
    const cells = jobs.map((job) =>
      valueCell(
        example.outputs.find(({ jobId }) => jobId === job.jobId),
        truth,
        decimals,
        footnotes,
      ),
    );
    return html`<tr>${itemHead(example)}<td class="num"><strong>${truth === null ? footnotes.absent('the item has no reference') : formatFixed(truth, decimals)}</strong></td>${cells}</tr>`;
  });
  return table('Predictions, with the error beneath', head, rows, footnotes);
}

function itemHead(example: Example): Markup {
  const row = Object.entries(example.row ?? {});
  if (row.length === 0) return html`<th scope="row"><code>${example.itemId}</code></th>`;
  const features = row.map(
    ([name, value]) =>
      html`<li><span>${name}</span> ${value === null ? '—' : typeof value === 'number' ? formatSignificant(value) : html`<bdi>${value}</bdi>`}</li>`,
  );
  return html`<th scope="row"><details class="features"><summary><code>${example.itemId}</code></summary><ul class="chips">${features}</ul></details></th>`;
}

function valueCell(output: ExampleOutput | undefined, truth: number | null, decimals: number, footnotes: Footnotes): Markup {
  if (output === undefined || output.state === 'missing') return html`<td class="num">${footnotes.absent('no sample')}</td>`;
  if (output.state === 'failed')
    return html`<td class="num bad">${footnotes.absent(`${output.failure.class}: ${output.failure.message}`)}</td>`;
  const { value } = output;
  if (value === null) return html`<td class="num">${footnotes.absent('the answer has no value')}</td>`;
  if (typeof value === 'string') return html`<td class="num"><bdi>${value.slice(0, 80)}</bdi></td>`;
  const error = truth === null ? null : value - truth;
  return html`<td class="num">${formatFixed(value, decimals)}${error === null ? null : html`<small>${signed(error, decimals)}</small>`}</td>`;
}

/** One decimal more than three significant digits of the median reference: the same for every cell. */
function tableDecimals(examples: readonly Example[]): number {
  const sizes = examples.flatMap(({ reference }) => (reference.kind === 'value' ? [Math.abs(reference.value)] : [])).sort((a, b) => a - b);
  const median = sizes[Math.floor(sizes.length / 2)] ?? 1;
  return Math.min(6, decimalsFor(median, null) + 1);
}

function signed(error: number, decimals: number): string {
  return `${error > 0 ? '+' : ''}${formatFixed(error, decimals)}`;
}
