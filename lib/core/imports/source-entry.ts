/**
 * What the readers of foreign files hand over, whatever the format: one entry after the other, each with its place, or the reason why it
 * cannot be read. Items are made of entries by draft-item.ts.
 */

/** An image that an entry carries, or names by a path; whoever reads the files looks behind the path. */
export type EntryImage =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly name: string };

export interface SourceEntry {
  readonly kind: 'entry';
  /** For people: `line 12`, `row 5 of data/train.parquet`, `cats/1.png`. */
  readonly where: string;
  /** Columns of the source as they are; an image may be a path, or `{bytes, path}`. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface RefusedEntry {
  readonly kind: 'refused';
  readonly where: string;
  readonly why: string;
}

export type ReadEntry = SourceEntry | RefusedEntry;

export function refusedEntry(where: string, why: string): RefusedEntry {
  return { kind: 'refused', where, why };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
