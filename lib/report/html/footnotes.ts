/** A missing number is an em dash with a mark, and the reason stands under the table: hovering is not for phones or print. */
import { html, type Markup, NOTHING } from './markup.ts';

export interface Footnotes {
  /** The em dash for a missing value. */
  readonly absent: (reason: string | null) => Markup;
  readonly list: () => Markup;
}

export function createFootnotes(): Footnotes {
  const reasons: string[] = [];
  return {
    absent: (reason) => {
      const text = reason ?? 'not measured';
      if (!reasons.includes(text)) reasons.push(text);
      const mark = markOf(reasons.indexOf(text));
      return html`<span class="absent" title="${text}">—<sup>${mark}</sup></span>`;
    },
    list: () => {
      if (reasons.length === 0) return NOTHING;
      return html`<p class="footnotes">${reasons.map((reason, at) => html`<span><sup>${markOf(at)}</sup> ${reason}</span> `)}</p>`;
    },
  };
}

/** a…z, then aa, ab… */
function markOf(at: number): string {
  const letter = String.fromCharCode(97 + (at % 26));
  return at < 26 ? letter : `${markOf(Math.floor(at / 26) - 1)}${letter}`;
}
