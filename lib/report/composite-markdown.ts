/** The composite in `report.md`: formula, version, inputs and the figures of each job. Called by render-markdown.ts. */
import { compositeFacts } from './composite-facts.ts';
import { inline, table } from './markdown-text.ts';
import type { Report } from './report-model.ts';

/** Null where jobs are ranked by a metric as it is. */
export function compositeSection(report: Report): string | null {
  const composite = compositeFacts(report);
  if (composite === null) return null;
  const { facts, inputs, jobs } = composite;
  const parts = [
    facts.map(([name, text]) => `- ${name}: ${inline(text)}`).join('\n'),
    table(inputs.head, inputs.rows),
    ...(jobs.head.length > 2 ? [table(jobs.head, jobs.rows)] : []),
  ];
  return `## Composite\n\n${parts.join('\n\n')}`;
}
