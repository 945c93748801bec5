/** What became of every planned sample, and why samples and jobs failed. */
import { earlyStops } from '../metric-lookup.ts';
import type { Report, ReportJob } from '../report-model.ts';
import { jobHead } from './job-name.ts';
import { html, type Markup } from './markup.ts';
import type { Section } from './section.ts';
import { columnHead, table } from './table.ts';

export function coverageSection(report: Report): Section {
  const head = html`${columnHead('Job', null, false)}${columnHead('State', null, false)}${columnHead('Planned')}${columnHead('Succeeded')}${columnHead('Failed')}${columnHead('Missing')}${columnHead('Unparsed', 'counted as wrong')}`;
  const rows = report.jobs.map(
    (job) => html`<tr>${jobHead(job)}<td><span class="state ${job.state}">${job.state}</span></td>${counts(job)}</tr>`,
  );
  const body = html`${table('Samples by job', head, rows)}<h3>Failures by cause</h3>${failures(report)}`;
  return { id: 'failures', title: 'Coverage and failures', body };
}

function counts(job: ReportJob): Markup {
  const { scores } = job;
  if (scores === null) return html`<td class="num" colspan="5">not scored</td>`;
  const unparsed = Math.max(0, ...scores.metrics.map((metric) => metric.unparsed));
  return html`${[scores.planned, scores.succeeded, scores.failed, scores.missing, unparsed].map((count, at) => html`<td class="num${at > 1 && count > 0 ? ' bad' : ''}">${count}</td>`)}`;
}

function failures(report: Report): Markup {
  const rows = report.jobs.flatMap((job) => [...jobFailures(job), ...sampleFailures(job)]);
  if (rows.length === 0) return html`<p class="empty">No sample and no job failed.</p>`;
  const head = html`${columnHead('Job', null, false)}${columnHead('What', null, false)}${columnHead('Class', null, false)}${columnHead('Code', null, false)}${columnHead('Cause', null, false)}`;
  return table('Failures', head, rows);
}

function jobFailures(job: ReportJob): Markup[] {
  const stages = job.stages.flatMap((stage) => (stage.failure === null ? [] : [{ what: `stage ${stage.name}`, failure: stage.failure }]));
  const whole =
    job.failure === null || stages.some(({ failure }) => failure.message === job.failure?.message)
      ? []
      : [{ what: 'job', failure: job.failure }];
  const stopped = earlyStops(job).map(
    ({ stage, code, text }) =>
      html`<tr>${jobHead(job)}<td>stage ${stage}</td><td>—</td><td><code>${code}</code></td><td class="cause">${text}</td></tr>`,
  );
  const failed = [...whole, ...stages].map(
    ({ what, failure }) =>
      html`<tr>${jobHead(job)}<td>${what}</td><td>${failure.class}</td><td><code>${failure.code}</code></td><td class="cause"><bdi>${failure.message}</bdi></td></tr>`,
  );
  return [...failed, ...stopped];
}

function sampleFailures(job: ReportJob): Markup[] {
  return (job.scores?.failures ?? []).map(
    (group) =>
      html`<tr>${jobHead(job)}<td>${group.count} ${group.count === 1 ? 'sample' : 'samples'}</td><td>${group.class}</td><td><code>${group.code}</code></td><td class="cause"><bdi>${group.exampleMessage}</bdi><small>for example <code>${group.exampleSampleId}</code></small></td></tr>`,
  );
}
