/**
 * Text of unknown origin as LaTeX that compiles under pdfLaTeX, XeLaTeX and LuaLaTeX alike and shows what the text says: no command,
 * comment, maths or alignment comes of it. Used by render-latex.ts.
 */
import { visibleLine } from './safe-text.ts';

/** What LaTeX gives a meaning, and signs of reports that its standard fonts lack. */
const WRITTEN: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\textquotedblright{}',
  "'": "{'}",
  '`': '\\textasciigrave{}',
  '-': '{-}',
  ',': '{,}',
  '?': '{?}',
  '!': '{!}',
  '[': '{[}',
  ']': '{]}',
  '–': '\\textendash{}',
  '—': '\\textemdash{}',
  '−': '\\ensuremath{-}',
  '×': '\\ensuremath{\\times}',
  '±': '\\ensuremath{\\pm}',
  '≥': '\\ensuremath{\\geq}',
  '≤': '\\ensuremath{\\leq}',
  '≠': '\\ensuremath{\\neq}',
  '→': '\\ensuremath{\\rightarrow}',
  '↑': '\\ensuremath{\\uparrow}',
  '↓': '\\ensuremath{\\downarrow}',
  '∞': '\\ensuremath{\\infty}',
  '²': '\\ensuremath{{}^{2}}',
  '³': '\\ensuremath{{}^{3}}',
  µ: '\\ensuremath{\\mu}',
  μ: '\\ensuremath{\\mu}',
  '·': '\\textperiodcentered{}',
  '°': '\\ensuremath{{}^{\\circ}}',
  '…': '\\dots{}',
  '‘': '\\textquoteleft{}',
  '’': '\\textquoteright{}',
  '“': '\\textquotedblleft{}',
  '”': '\\textquotedblright{}',
  '\u00a0': '~',
  '\u202f': '~',
};

/** Letters of Latin-1 and Latin Extended-A that every engine's fonts have, composed. */
const LATIN = /^[ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŁłŒœŠšŽžŸ]$/;

/** One line; a character that LaTeX's standard fonts lack is written as its code point, `[U+4E2D]`. */
export function latexText(text: string): string {
  return [...visibleLine(text).normalize('NFC')].map(latexCharacter).join('');
}

function latexCharacter(character: string): string {
  const written = WRITTEN[character];
  if (written !== undefined) return written;
  if (/^[ -~]$/.test(character) || LATIN.test(character)) return character;
  return `{[}U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}{]}`;
}

/** As a comment's line. */
export function latexComment(text: string): string {
  return `% ${visibleLine(text)}`;
}
