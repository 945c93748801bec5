/** The name of a job as every table shows it: isolated from the text around it, references flagged. */
import type { ReportJob } from '../report-model.ts';
import { html, type Markup } from './markup.ts';

export function jobName(job: ReportJob): Markup {
  return html`<bdi class="job">${job.label}</bdi>${job.model.reference ? html` <span class="flag">reference</span>` : null}`;
}

export function jobHead(job: ReportJob): Markup {
  return html`<th scope="row">${jobName(job)}</th>`;
}
