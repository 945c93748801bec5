/** "Did you mean …": the known name that is closest to a misspelt one. Pure; used wherever a name is looked up. */

/** Edits (insert, delete, replace, swap of neighbours) between two words. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** The closest candidate, ignoring case, at most a third of the longer word away (at least 1 edit, at most 4); null when none is that close. */
export function nearestName(seen: string, candidates: Iterable<string>): string | null {
  if (seen.length === 0 || seen.length > 80) return null;
  let best: { name: string; distance: number } | null = null;
  for (const name of candidates) {
    const distance = editDistance(seen.toLowerCase(), name.toLowerCase());
    const allowed = Math.min(4, Math.max(1, Math.floor(Math.max(seen.length, name.length) / 3)));
    if (distance > allowed) continue;
    if (best === null || distance < best.distance) best = { name, distance };
  }
  return best === null ? null : best.name;
}
