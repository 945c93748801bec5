/** The run judged by the gates of its spec; only where it has some. */
import { ageText, inOrderOfConcern, type Judgement, type UsedBaseline, verdictHeadline } from '../../core/gates/gate-verdict.ts';
import { formatSignificant } from '../format-number.ts';
import type { Report } from '../report-model.ts';
import { createFootnotes, type Footnotes } from './footnotes.ts';
import { html, type Markup } from './markup.ts';
import type { Section } from './section.ts';
import { columnHead, numberCell, table } from './table.ts';

const MOST_ROWS = 500;

/** Null for a spec without gates. */
export function gatesSection({ gates }: Report): Section | null {
  if (gates === undefined) return null;
  const footnotes = createFootnotes();
  const head = html`${columnHead('Gate', null, false)}${columnHead('Job', null, false)}${columnHead('Value')}${columnHead('Baseline')}${columnHead('Result', null, false)}`;
  const shown = inOrderOfConcern(gates.judgements).slice(0, MOST_ROWS);
  const left = gates.judgements.length - shown.length;
  const notes = [
    ...(left === 0 ? [] : [`${left} more are in report.json.`]),
    ...(gates.correction === null ? [] : [`${gates.correction}.`]),
  ];
  return {
    id: 'gates',
    title: 'Gates',
    body: html`<p>${sentence(verdictHeadline(gates))}</p>${table(
      'Rules that this run must keep, failures first',
      head,
      shown.map((judgement) => row(judgement, footnotes)),
      footnotes,
    )}
${gates.baselines.map(baselineMarkup)}
${notes.length === 0 ? null : html`<p class="note">${notes.join(' ')}</p>`}`,
  };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function row({ text, label, value, unit, baseline, outcome }: Judgement, footnotes: Footnotes): Markup {
  const shown = value === null ? null : `${formatSignificant(value)}${unit === null || unit === '' ? '' : ` ${unit}`}`;
  const before = baseline === null ? html`<td></td>` : numberCell(formatted(baseline.value), footnotes, 'the baseline has no value');
  const kind = outcome.kind === 'passed' ? html`passed` : html`<strong class="bad">${outcome.kind}</strong>`;
  return html`<tr><th scope="row">${text}</th><td><bdi>${label}</bdi></td>${numberCell(shown, footnotes, outcome.reason)}${before}<td>${kind}: ${outcome.reason}</td></tr>`;
}

function formatted(value: number | null): string | null {
  return value === null ? null : formatSignificant(value);
}

function baselineMarkup({ runId, ageDays, warnings }: UsedBaseline): Markup {
  const items = warnings.map(
    ({ text, jobIds }) => html`<li>${text}${jobIds.length === 0 ? null : html` <small>${jobIds.join(', ')}</small>`}</li>`,
  );
  return html`<p>Baseline <code>${runId}</code>, ${ageText(ageDays)}.</p>${items.length === 0 ? null : html`<ul>${items}</ul>`}`;
}
