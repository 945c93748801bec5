/**
 * How BLEU takes a text apart. `13a` is the tokenisation of NIST's mteval-v13a script as sacrebleu applies it (Post, "A Call for Clarity in
 * Reporting BLEU Scores", WMT 2018); `none` splits at white space, `char` makes every character a token.
 */
import { splitAtSpace, stripSpaceAtEnd } from './white-space.ts';

export const BLEU_TOKENISERS = ['13a', 'none', 'char'] as const;
export type BleuTokeniser = (typeof BLEU_TOKENISERS)[number];

/** ASCII punctuation but full stop, comma, hyphen and apostrophe; blanks count too, which harms nothing. */
const PUNCTUATION = /([{-~[-` -&(-+:-@/])/g;
const STOP_AFTER_NO_DIGIT = /([^0-9])([.,])/g;
const STOP_BEFORE_NO_DIGIT = /([.,])([^0-9])/g;
const HYPHEN_AFTER_DIGIT = /([0-9])(-)/g;
/** Of a text without any of these every step below leaves the words alone. */
const HAS_WORK = /[!-/:-@[-`{-~]/;

function unescapeEntities(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
}

function tokens13a(text: string): string[] {
  if (!HAS_WORK.test(text)) return splitAtSpace(text);
  const joined = text.replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  const plain = joined.includes('&') ? unescapeEntities(joined) : joined;
  const spaced = ` ${plain} `
    .replace(PUNCTUATION, ' $1 ')
    .replace(STOP_AFTER_NO_DIGIT, '$1 $2 ')
    .replace(STOP_BEFORE_NO_DIGIT, ' $1 $2')
    .replace(HYPHEN_AFTER_DIGIT, '$1 $2 ');
  return splitAtSpace(spaced);
}

/** White space at the end goes first: a hyphen before a final new line stays. */
export function bleuTokens(text: string, tokeniser: BleuTokeniser): string[] {
  if (tokeniser === 'none') return splitAtSpace(text);
  if (tokeniser === 'char') return splitAtSpace(Array.from(text).join(' '));
  return tokens13a(stripSpaceAtEnd(text));
}
