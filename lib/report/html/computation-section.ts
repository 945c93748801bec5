/** How every number came about. */
import type { Report } from '../report-model.ts';
import { compositePart } from './composite-part.ts';
import { html, type Markup } from './markup.ts';
import type { Section } from './section.ts';
import { columnHead, table } from './table.ts';
import { uncertaintyTable } from './uncertainty-table.ts';

const RULES: ReadonlyArray<readonly [string, string]> = [
  [
    'Failed samples',
    'A failed sample has a cause and no number. In latency it counts as infinitely slow; in quality it is left out of the mean, its count stands beside it, and a job is separably better only if that survives giving its failed samples the worst, and those of the other job the best value of the range.',
  ],
  [
    'Unparsed answers',
    'They count as wrong and stay in the denominator. Where an error has no bound (MAE, RMSE, R², Spearman) they have no value, as failed samples.',
  ],
  ['Missing numbers', 'An em dash with its reason. Zero always means zero.'],
  [
    'Percentiles',
    'Empirical: sorted[floor(n × p)]. Certified: the one-sided binomial bound at 99 % confidence, which needs at least 64 samples for p90. Warm-up samples are left out; what else is stands under the latencies.',
  ],
  ['Pareto front', 'A job is dominated only by one that is separably better on one axis and not separably worse on the other.'],
];

/** A line without blanks that may break after each of its settings. */
function breakable(signature: string): Markup {
  return html`${signature.split('|').map((part, at) => html`${at === 0 ? null : html`|<wbr>`}${part}`)}`;
}

export function computationSection(report: Report): Section {
  const { ranking } = report;
  const head = html`${columnHead('Metric', null, false)}${columnHead('What it measures', null, false)}${columnHead('Unit', null, false)}${columnHead('Better', null, false)}${columnHead('Aggregation', null, false)}${columnHead('Interval', null, false)}${columnHead('Computed by', null, false)}`;
  const rows = report.computations.map(
    ({ metric, info, aggregation, signature, intervalMethods, computedBy }) =>
      html`<tr><th scope="row"><code>${metric}</code></th><td class="text">${info.title}<small>${info.description}</small></td><td>${info.unit}</td><td>${info.direction === 'none' ? 'no direction: a diagnostic' : info.direction}</td><td>${aggregation}${signature === undefined ? null : html`<small>${breakable(signature)}</small>`}</td><td>${intervalMethods.length === 0 ? 'none' : intervalMethods.join(', ')}</td><td>${computedBy}</td></tr>`,
  );
  const body = html`<dl class="facts"><div><dt>Ranked by</dt><dd><code>${ranking.metric}</code>, ${ranking.direction} is better</dd></div><div><dt>Formula</dt><dd>${ranking.formula}</dd></div><div><dt>Comparisons</dt><dd>${ranking.correction}</dd></div>${RULES.map(([name, rule]): Markup => html`<div><dt>${name}</dt><dd>${rule}</dd></div>`)}</dl>${compositePart(report)}${table('Metrics', head, rows)}${uncertaintyTable(report)}`;
  return { id: 'computation', title: 'How each score is computed', body };
}
