/**
 * Cursors of listings: a place in an order, opaque to whoever holds one. Adapters of RunIndex make and read them; they come back from
 * outside, so only their form is trusted here, and adapters use the parts as values, never as text of a query.
 */
import { z } from 'zod';
import { BakeoffError } from './errors.ts';
import { jsonOrNull } from './json-or-null.ts';

/** What orders an entry, from the first to the last criterion. */
export type CursorParts = readonly string[];

const MAX_CHARS = 4_096;
const partsSchema = z.array(z.string().min(1).max(1_024));

/** `listing` names the question: a cursor is for no other one. */
export function encodeCursor(listing: string, parts: CursorParts): string {
  return Buffer.from(JSON.stringify([listing, ...parts]), 'utf8').toString('base64url');
}

/** Throws `bad-cursor` unless it is one of this listing, of `length` parts, written as we write it. */
export function decodeCursor(cursor: string, listing: string, length: number): CursorParts {
  if (cursor.length > MAX_CHARS) throw badCursor();
  const [, ...parts] = partsSchema.safeParse(jsonOrNull(Buffer.from(cursor, 'base64url').toString('utf8'))).data ?? [];
  if (parts.length !== length || encodeCursor(listing, parts) !== cursor) throw badCursor();
  return parts;
}

export function badCursor(): BakeoffError {
  return new BakeoffError({
    code: 'bad-cursor',
    message: 'the cursor is not one that a page of this listing has given',
    remedy: 'Take the cursor of the page before, unchanged, with the same question; or leave it out to begin anew.',
  });
}
