/**
 * Ids of imported items. An id that the source gives is kept where it is one; any other becomes a readable part and a digest of what it stands
 * for, so that equal content has equal ids, in whatever order it comes.
 */
import { sha256Hex } from '../canonical-json.ts';
import { ID_PATTERN } from '../ids.ts';

const READABLE = 44;

/** Lower-case words of a text, joined by hyphens; `fallback` where none is left. */
export function slugOf(text: string, fallback: string, longest = READABLE): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, longest)
    .replace(/^-+|-+$/g, '');
  return plain === '' ? fallback : plain;
}

/** The id that the source gives, or one that stands for it. */
export function idOfGiven(given: string): string {
  return ID_PATTERN.test(given) ? given : `${slugOf(given, 'item')}-${sha256Hex(given).slice(0, 12)}`;
}

/** An id for an entry without one: `name` makes it readable, `content` (canonical JSON) makes it its own. */
export function idOfContent(name: string, content: string): string {
  return `${slugOf(name, 'item')}-${sha256Hex(content).slice(0, 12)}`;
}
