/** What the composite is made of: formula, version, inputs, and the figures of each job beside its total. Part of computation-section.ts. */
import { compositeFacts } from '../composite-facts.ts';
import type { Report } from '../report-model.ts';
import { html, type Markup } from './markup.ts';
import { columnHead, table } from './table.ts';

/** Null where jobs are ranked by a metric as it is. */
export function compositePart(report: Report): Markup | null {
  const composite = compositeFacts(report);
  if (composite === null) return null;
  const { facts, inputs, jobs } = composite;
  // The section has told the formula already.
  const heads = (names: readonly string[], texts: number): Markup => html`${names.map((name, at) => columnHead(name, null, at >= texts))}`;
  const rows = (cells: readonly (readonly string[])[], texts: number): Markup[] =>
    cells.map(
      ([first = '', ...rest]) =>
        html`<tr><th scope="row">${first}</th>${rest.map((cell, at) => (at + 1 >= texts ? html`<td class="num">${cell}</td>` : html`<td>${cell}</td>`))}</tr>`,
    );
  const texts = inputs.head.findIndex((name) => name === 'Counts as 0' || name === 'Weight');
  return html`<dl class="facts">${facts.filter(([name]) => name !== 'Formula').map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>${table('Inputs of the composite', heads(inputs.head, texts), rows(inputs.rows, texts))}${jobs.head.length > 2 ? table('Parts of the composite', heads(jobs.head, 1), rows(jobs.rows, 1)) : null}`;
}
