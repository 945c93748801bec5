/** The name of a job as every table shows it: isolated from the text around it, references flagged. */
import type { ReportJob } from '../report-model.ts';
import { html, type Markup } from './markup.ts';

export function jobName(job: ReportJob): Markup {
  // A param and its value stay on one line.
  const label = job.label
    .split(' · ')
    .map((part) => part.replaceAll(' ', '\u00a0'))
    .join('\u00a0· ');
  return html`<bdi class="job">${label}</bdi>${job.model.reference ? html` <span class="flag">reference</span>` : null}`;
}

export function jobHead(job: ReportJob): Markup {
  return html`<th scope="row">${jobName(job)}</th>`;
}
