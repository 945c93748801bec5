/** One section of the page: a heading that the contents link to, an optional lead, and what it shows. */
import { type Content, html, type Markup, trusted } from './markup.ts';

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

export function sectionMarkup({ id, title, body }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>`;
}

/** A chart in its widths, with what it shows in words for those who cannot see it. */
export function figure(svgs: readonly string[], description: string, caption: Content): Markup {
  return html`<figure><div class="chart" role="img" aria-label="${description}">${trusted(svgs.join(''))}</div><figcaption>${caption}</figcaption></figure>`;
}
