/**
 * Cursors: where the next page begins, opaque to the caller. Each is bound to its question by a check sum, so that one that was edited, cut
 * or taken from another listing is refused instead of answered with something else. It grants nothing: no secret is needed.
 */
import type { z } from 'zod';
import { sha256Hex } from '../core/canonical-json.ts';
import { jsonOrNull } from '../core/json-or-null.ts';
import { problemOf } from './problems.ts';

const CHECK_LENGTH = 16;

/** `scope`: the question, with everything that decides its answer but the limit. */
export function encodeCursor(scope: string, position: unknown): string {
  const text = Buffer.from(JSON.stringify(position), 'utf8').toString('base64url');
  return `${text}.${checkOf(scope, text)}`;
}

/** Null for the first page; throws `bad-cursor`. */
export function decodeCursor<T>(scope: string, schema: z.ZodType<T>, cursor: string | undefined): T | null {
  if (cursor === undefined) return null;
  const [text = '', check = ''] = cursor.split('.');
  if (cursor !== `${text}.${check}` || check !== checkOf(scope, text)) throw badCursor();
  const parsed = schema.safeParse(jsonOrNull(Buffer.from(text, 'base64url').toString('utf8')));
  if (!parsed.success) throw badCursor();
  return parsed.data;
}

function checkOf(scope: string, text: string): string {
  return sha256Hex(`${scope}\n${text}`).slice(0, CHECK_LENGTH);
}

function badCursor() {
  return problemOf(
    'bad-cursor',
    'the cursor was not made by this listing with these parameters',
    'Use the cursor of the page before, with the same parameters; leave it out to begin anew.',
  );
}
