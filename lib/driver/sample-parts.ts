/**
 * Reads the part files of a job back: which samples have a terminal row, and where the next part of an attempt begins. A sample keeps
 * the terminal row of the lowest (attempt, n).
 */
import { BakeoffError } from '../core/errors.ts';
import type { ObjectStore } from '../core/ports.ts';

export interface PartName {
  readonly key: string;
  readonly attempt: number;
  readonly n: number;
}

/** `<prefix><attempt>-<n>.jsonl` in order of (attempt, n); other keys are not parts. */
export function partsIn(listed: readonly string[], prefix: string): PartName[] {
  const parts: PartName[] = [];
  for (const key of listed) {
    const match = key.startsWith(prefix) ? /^([1-9][0-9]{0,8})-(0|[1-9][0-9]{0,8})\.jsonl$/.exec(key.slice(prefix.length)) : null;
    if (match !== null) parts.push({ key, attempt: Number(match[1]), n: Number(match[2]) });
  }
  return parts.sort((a, b) => a.attempt - b.attempt || a.n - b.n);
}

/** The number after the last part of an attempt: 0 when it has none. */
export function nextPart(parts: readonly PartName[], attempt: number): number {
  return parts.reduce((next, part) => (part.attempt === attempt ? Math.max(next, part.n + 1) : next), 0);
}

/** Every row of the parts, first part first. Throws `part-corrupt`: a part is written whole, so a broken one was touched. */
export async function* rowsOf(objects: ObjectStore, parts: readonly PartName[]): AsyncIterable<Record<string, unknown>> {
  for (const { key } of parts) {
    const body = await objects.get(key);
    if (body === null) continue;
    const text = Buffer.from(body).toString('utf8');
    for (const line of text.split('\n')) {
      if (line !== '') yield parseRow(key, line);
    }
  }
}

function parseRow(key: string, line: string): Record<string, unknown> {
  try {
    const row: unknown = JSON.parse(line);
    if (typeof row === 'object' && row !== null) return { ...row };
  } catch {
    // Falls through to the error that names the part.
  }
  throw new BakeoffError({
    code: 'part-corrupt',
    message: `${key} holds a line that is not a row: ${line.slice(0, 80)}`,
    remedy: 'Remove that file and run again with --resume: its samples are then done anew.',
    kind: 'environment',
  });
}
