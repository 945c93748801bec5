/**
 * The names of part files, `<attempt>-<n>.jsonl`, and their order. Keys are sorted by bytes in a store, so `10-1` would come before
 * `2-1`. The driver asks it what is recorded, scoring which rows stand.
 */

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
