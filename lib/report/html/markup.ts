/**
 * HTML as values: the `html` tag escapes everything that is not markup already, so that no text of a spec or a model can
 * become a tag, an attribute or a script. Used by every section of the page.
 */
import { visibleText } from '../safe-text.ts';

const MARKUP = Symbol('markup');

export interface Markup {
  readonly [MARKUP]: string;
}

export type Content = Markup | string | number | null | readonly Content[];

/** `html\`<td>${text}</td>\``: text and numbers are escaped, markup and lists of it are kept, null is nothing. */
export function html(strings: TemplateStringsArray, ...contents: Content[]): Markup {
  return { [MARKUP]: strings.reduce((page, part, at) => page + asHtml(contents[at - 1] ?? null) + part) };
}

export function htmlText(markup: Markup): string {
  return markup[MARKUP];
}

/** For markup that this program made itself: stylesheets, scripts, SVG of the chart library. Never for text of others. */
export function trusted(text: string): Markup {
  return { [MARKUP]: text };
}

export const NOTHING: Markup = trusted('');

function asHtml(content: Content): string {
  if (content === null) return '';
  if (typeof content === 'number') return String(content);
  if (typeof content === 'string') return escapeHtml(content);
  return isMarkup(content) ? content[MARKUP] : content.map(asHtml).join('');
}

function isMarkup(content: Markup | readonly Content[]): content is Markup {
  return MARKUP in content;
}

/** Safe as text and inside a double-quoted attribute. */
function escapeHtml(text: string): string {
  return visibleText(text).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
