/**
 * White space as Python's `str.split`, `str.strip` and `\s` know it: the reference libraries of the text metrics are written in Python, and
 * JavaScript's `\s` differs (it has U+FEFF, and lacks U+001C..U+001F and U+0085). Used by the metrics that must agree with them.
 */

function isSpace(unit: number): boolean {
  if (unit <= 0x20) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || unit >= 0x1c;
  if (unit < 0x1680) return unit === 0x85 || unit === 0xa0;
  return (
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    (unit >= 0x2028 && unit <= 0x2029) ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  );
}

/** What white space separates; no empty words. */
export function splitAtSpace(text: string): string[] {
  const words: string[] = [];
  let start = -1;
  for (let index = 0; index < text.length; index++) {
    if (!isSpace(text.charCodeAt(index))) {
      if (start < 0) start = index;
    } else if (start >= 0) {
      words.push(text.slice(start, index));
      start = -1;
    }
  }
  if (start >= 0) words.push(text.slice(start));
  return words;
}

/** Without white space at its end. */
export function stripSpaceAtEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

/** Without white space at both ends. */
export function stripSpace(text: string): string {
  let start = 0;
  while (start < text.length && isSpace(text.charCodeAt(start))) start++;
  return stripSpaceAtEnd(text.slice(start));
}

/** Every run of two or more becomes one blank; a single tab stays a tab. */
export function shortenSpace(text: string): string {
  const parts: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; ) {
    let end = index;
    while (end < text.length && isSpace(text.charCodeAt(end))) end++;
    if (end - index >= 2) {
      parts.push(text.slice(start, index));
      start = end;
    }
    index = Math.max(end, index + 1);
  }
  return parts.length === 0 ? text : [...parts, text.slice(start)].join(' ');
}

/** Ends stripped, every run one blank. */
export function collapseSpace(text: string): string {
  return splitAtSpace(text).join(' ');
}
