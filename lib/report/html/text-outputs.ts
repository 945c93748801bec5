/** Text answers one below the other, each with its difference from the reference. */
import { diffChars } from 'diff';
import { formatDuration } from '../format-number.ts';
import type { Example, ExampleOutput, ReportJob, ShownText } from '../report-model.ts';
import { noOutput, sampleScores } from './clip-cards.ts';
import { jobName } from './job-name.ts';
import { html, type Markup } from './markup.ts';

/** The diff is quadratic in the number of edits: beyond this the texts have little in common and are shown as they are. */
const MAX_EDITS = 400;

export function textOutputs(example: Example, jobs: readonly ReportJob[], metrics: readonly string[]): Markup {
  const reference = example.reference.kind === 'text' ? example.reference.text : null;
  const truth =
    reference === null
      ? null
      : html`<div class="reading truth"><dt>Reference</dt><dd><span class="text"><bdi>${reference.text}</bdi>${leftOut(reference)}</span></dd></div>`;
  const readings = jobs.map((job) => {
    const output = example.outputs.find(({ jobId }) => jobId === job.jobId) ?? { state: 'missing' as const, jobId: job.jobId };
    return html`<div class="reading"><dt>${jobName(job)}</dt><dd>${reading(output, reference, metrics)}</dd></div>`;
  });
  return html`<dl class="readings">${truth}${readings}</dl>`;
}

function reading(output: ExampleOutput, reference: ShownText | null, metrics: readonly string[]): Markup {
  if (output.state !== 'succeeded') return noOutput(output);
  const scores = html`<span class="scores">${sampleScores(output.scores, metrics)}<span>${formatDuration(output.latencyMs)}</span></span>`;
  if (output.text === null)
    return html`<span class="text">${output.value === null ? html`<em class="empty">no text</em>` : String(output.value)}</span>${scores}`;
  const { text } = output.text;
  if (text === '') return html`<span class="text"><em class="empty">empty answer</em></span>${scores}`;
  return html`<span class="text"><bdi>${reference === null ? text : difference(reference.text, text)}</bdi>${leftOut(output.text)}</span>${scores}`;
}

/** The answer with what it lacks struck out and what it adds underlined. */
export function difference(reference: string, answer: string): Markup {
  if (reference === answer) return html`${answer}`;
  const changes = diffChars(reference, answer, { maxEditLength: MAX_EDITS });
  if (changes === undefined) return html`${answer}`;
  return html`${changes.map((change) => (change.removed ? html`<del>${change.value}</del>` : change.added ? html`<ins>${change.value}</ins>` : change.value))}`;
}

function leftOut({ leftOutCharacters }: ShownText): Markup | null {
  return leftOutCharacters === 0 ? null : html` <small>… ${leftOutCharacters} more characters</small>`;
}
