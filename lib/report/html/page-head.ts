/** The head of the page: what ran, the verdict, the facts at a glance, the contents and the warnings. */
import { formatDuration, formatInstant } from '../format-number.ts';
import type { Report } from '../report-model.ts';
import { type Content, html, type Markup } from './markup.ts';
import type { Section } from './section.ts';

const NAMED_JOBS = 8;

export function pageHead(report: Report, sections: readonly Section[]): Markup {
  const { run, verdict } = report;
  return html`<header>
<div class="top"><span class="brand">Bakeoff report</span><button type="button" class="quiet" data-theme-button hidden>Dark</button></div>
<h1><bdi>${run.name}</bdi></h1>
${run.description === null ? null : html`<p class="lead"><bdi>${run.description}</bdi></p>`}
<p class="verdict">${verdict.headline}</p>
${verdict.details.length === 0 ? null : html`<ul class="verdict-details">${verdict.details.map((detail) => html`<li>${detail}</li>`)}</ul>`}
<dl class="glance">${glance(report).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<nav aria-label="Contents"><ul class="contents">${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
${warnings(report)}
</header>`;
}

function glance(report: Report): Array<[string, Content]> {
  const { run, suite, jobs, time } = report;
  const references = jobs.filter((job) => job.model.reference).length;
  const repeats = suite.repeats === 1 ? '' : ` × ${suite.repeats}`;
  return [
    ['Suite', html`<bdi>${suite.title}</bdi>`],
    ['Items', `${suite.itemCount}${repeats}`],
    ['Jobs', `${jobs.length - references}${references > 0 ? ` and ${references} ${references === 1 ? 'reference' : 'references'}` : ''}`],
    ['State', html`<span class="state ${run.state}">${run.state}</span>`],
    ...gatesGlance(report),
    ['Started', formatInstant(run.createdAtMs)],
    ['Took', time.wallMs === null ? 'not over' : formatDuration(time.wallMs)],
  ];
}

function gatesGlance({ gates }: Report): Array<[string, Content]> {
  if (gates === undefined) return [];
  const isBad = gates.outcome !== 'passed';
  return [['Gates', html`<a href="#gates"${isBad ? html` class="bad"` : null}>${gates.outcome}</a>`]];
}

function warnings(report: Report): Markup | null {
  if (report.warnings.length === 0) return null;
  const labels = new Map(report.jobs.map((job) => [job.jobId, job.label]));
  const items = report.warnings.map(
    ({ text, jobIds }) =>
      html`<li>${text}${jobIds.length === 0 ? null : html` <small>${jobIds.slice(0, NAMED_JOBS).map((jobId, at) => html`${at === 0 ? null : ', '}<bdi>${labels.get(jobId) ?? jobId}</bdi>`)}${jobIds.length > NAMED_JOBS ? ` and ${jobIds.length - NAMED_JOBS} more` : null}</small>`}</li>`,
  );
  return html`<ul class="warnings" aria-label="Before you trust a number">${items}</ul>`;
}
