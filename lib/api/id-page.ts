/** One page of things that are few enough to stand in memory, by id. Used by the listings of what is registered. */
import { z } from 'zod';
import { decodeCursor, encodeCursor } from './cursor.ts';

/** Throws `bad-cursor`. Ids are compared by their code units, so that every page continues the one before. */
export function pageById<T extends { readonly id: string }>(
  all: readonly T[],
  scope: string,
  query: { readonly limit: number; readonly cursor?: string | undefined },
): { readonly items: T[]; readonly cursor: string | null } {
  const after = decodeCursor(scope, z.string(), query.cursor);
  const rest = all.filter(({ id }) => after === null || id > after).sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const items = rest.slice(0, query.limit);
  const last = items.at(-1);
  return { items, cursor: last === undefined || rest.length <= items.length ? null : encodeCursor(scope, last.id) };
}
