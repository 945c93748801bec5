/** A missing number is an em dash with a mark, and the reason stands under the table: hovering is not for phones or print. */
import { html, type Markup, NOTHING } from './markup.ts';

export interface Footnotes {
  /** The em dash for a missing value. */
  readonly absent: (reason: string | null) => Markup;
  /** The mark alone, for a value that lacks something: its interval. */
  readonly mark: (reason: string) => Markup;
  readonly list: () => Markup;
}

export function createFootnotes(): Footnotes {
  const reasons: string[] = [];
  const letter = (text: string): string => {
    if (!reasons.includes(text)) reasons.push(text);
    return markOf(reasons.indexOf(text));
  };
  return {
    absent: (reason) => {
      const text = reason ?? 'not measured';
      return html`<span class="absent" title="${text}">—<sup>${letter(text)}</sup></span>`;
    },
    mark: (reason) => html`<sup class="absent" title="${reason}">${letter(reason)}</sup>`,
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
