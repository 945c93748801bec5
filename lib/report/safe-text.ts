/**
 * Makes text of unknown origin fit to show: control and bidirectional formatting characters become visible marks, so that
 * no output can reorder, hide or overwrite what stands around it. Escaping for a format (HTML, CSV…) comes after this.
 */
import type { ShownText } from './report-model.ts';

/** Control characters but tab and line feed, line/paragraph separators, bidi marks, embeddings, overrides and isolates, BOM, tag characters. */
const UNSAFE = /(?![\t\n])\p{Cc}|[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

/** `a\u202eb` -> `a⟨U+202E⟩b`; lone surrogates become U+FFFD; `\r\n` becomes `\n`. */
export function visibleText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replace(UNSAFE, (character) => `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`);
}

/** As visibleText, on one line: for table cells, titles and terminals. */
export function visibleLine(text: string): string {
  return visibleText(text).replace(/[\t\n]+/g, ' ');
}

/** The first `limit` characters (code points), and how many were left out. */
export function clipText(text: string, limit: number): ShownText {
  if (text.length <= limit) return { text, leftOutCharacters: 0 };
  const shown = [...text.slice(0, limit * 2)].slice(0, limit).join('');
  let total = 0;
  for (const _ of text) total += 1;
  return { text: shown, leftOutCharacters: Math.max(0, total - [...shown].length) };
}
