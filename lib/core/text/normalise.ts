/**
 * What happens to a text before it is compared. Explicit and small: everything else counts as an error.
 */

/** Unicode NFC, ends trimmed, every run of white space one blank. Case and punctuation stay. */
export function normaliseText(text: string): string {
  return text.normalize('NFC').trim().replace(/\s+/gu, ' ');
}

/** A normalised text, taken apart once for all measures. */
export interface PreparedText {
  readonly text: string;
  /** Unicode code points, blanks included: the characters that CER and ANLS count. */
  readonly symbols: readonly number[];
  /** What blanks separate. */
  readonly words: readonly string[];
}

/** The Unicode code points of a text. */
export function codePoints(text: string): number[] {
  const symbols: number[] = [];
  for (let index = 0; index < text.length; index++) {
    const symbol = text.codePointAt(index) ?? 0;
    if (symbol > 0xffff) index++;
    symbols.push(symbol);
  }
  return symbols;
}

/** A text in the forms that the metrics compare. */
export function prepareText(raw: string): PreparedText {
  const text = normaliseText(raw);
  return { text, symbols: codePoints(text), words: text === '' ? [] : text.split(' ') };
}

/** The same text in lower case (locale-independent), as ANLS compares it. */
export function lowerCased(prepared: PreparedText): PreparedText {
  const lower = prepared.text.toLowerCase();
  return lower === prepared.text ? prepared : prepareText(lower);
}
