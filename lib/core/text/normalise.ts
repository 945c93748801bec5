/**
 * What happens to a text before it is compared. Explicit and small: everything else counts as an error.
 */

/** Unicode NFC, ends trimmed, every run of white space one blank. Case and punctuation stay. */
export function normaliseText(text: string): string {
  return text.normalize('NFC').trim().replace(/\s+/gu, ' ');
}

/** The Unicode code points of a text: the characters that CER and ANLS count. */
export function codePoints(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

/** The words of a normalised text. */
export function words(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}
