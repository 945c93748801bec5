/** Tables that scroll inside their own box, and the cells that hold measured values. */
import type { MetricScore } from '../../core/scores.ts';
import { formatInterval, formatValue } from '../format-number.ts';
import type { Footnotes } from './footnotes.ts';
import { type Content, html, type Markup } from './markup.ts';

/** @param caption names the table for everyone; also the label of its scrolling box */
export function table(caption: string, head: Content, rows: readonly Content[], footnotes?: Footnotes): Markup {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}"><table><caption><span>${caption}</span></caption><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>${footnotes?.list() ?? null}`;
}

export function columnHead(title: string, note: string | null = null, numeric = true): Markup {
  return html`<th scope="col"${numeric ? html` class="num"` : null}>${title}${note === null ? null : html`<small>${note}</small>`}</th>`;
}

/** A number with its interval beneath; an em dash with its reason where there is none. */
export function scoreCell(
  score: MetricScore | null,
  footnotes: Footnotes,
  reason: string | null,
  decimals: number | null,
  strong = false,
): Markup {
  if (score === null || score.value === null) return html`<td class="num">${footnotes.absent(score?.reason ?? reason)}</td>`;
  const value = formatValue(score.value, score.interval, decimals);
  return html`<td class="num">${strong ? html`<strong>${value}</strong>` : value}${intervalNote(score, decimals, footnotes)}</td>`;
}

/** The interval beneath its value, or a mark that says why there is none. */
function intervalNote(score: MetricScore, decimals: number | null, footnotes: Footnotes): Markup | null {
  if (score.interval !== null) return html`<small>${formatInterval(score.value, score.interval, decimals)}</small>`;
  return score.intervalReason === null ? null : footnotes.mark(`no interval: ${score.intervalReason}`);
}

/** A cell whose text is made already; an em dash with its reason for null. */
export function numberCell(text: string | null, footnotes: Footnotes, reason: string | null): Markup {
  return html`<td class="num">${text === null ? footnotes.absent(reason) : text}</td>`;
}
