/** What came of sending samples once more: whether they were answered from a cache, and whether alike. */
import { auditTexts } from '../audit-text.ts';
import type { Report } from '../report-model.ts';
import { jobHead } from './job-name.ts';
import { html } from './markup.ts';
import type { Section } from './section.ts';
import { columnHead, table } from './table.ts';

/** Null where no job has an audit. */
export function auditSection(report: Report): Section | null {
  const texts = new Map(auditTexts(report.jobs).map((text) => [text.jobId, text]));
  if (texts.size === 0) return null;
  const head = html`${columnHead('Job', null, false)}${columnHead('Sent again')}${columnHead('Answered', 'second latency over first', false)}${columnHead('Answers', 'under the same seed', false)}`;
  const rows = report.jobs.flatMap((job) => {
    const text = texts.get(job.jobId);
    if (text === undefined) return [];
    return [html`<tr>${jobHead(job)}<td class="num">${text.resent}</td><td>${text.caching}</td><td>${text.determinism}</td></tr>`];
  });
  const lead = html`<p>After the load its last samples were sent once more, with their seeds, under the same load. A repeated sample may be at most 10 % faster.</p>`;
  return { id: 'audit', title: 'Audit', body: html`${lead}${table('Audit by job', head, rows)}` };
}
