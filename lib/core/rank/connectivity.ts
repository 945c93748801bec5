/**
 * Whether the strengths of Bradley-Terry exist: every model must have won, however indirectly, against every other (Ford, 1957). Otherwise
 * some strength runs off to 0 or infinity, and the reason is said here. Called by battle-table.ts.
 */

/** `wins[i * n + j]`: how often i beat j. */
export interface WinMatrix {
  readonly models: readonly string[];
  readonly wins: Float64Array;
}

/** Why no strengths exist, or null where they do. */
export function whyNotConnected({ models, wins }: WinMatrix): string | null {
  const n = models.length;
  if (n < 2) return 'there is only one model';
  const met = (a: number, b: number): boolean => (wins[a * n + b] ?? 0) > 0 || (wins[b * n + a] ?? 0) > 0;
  const group = reached(0, n, met);
  if (group.size < n) {
    return `no comparison links ${namesOf(models, (model) => group.has(model))} with ${namesOf(models, (model) => !group.has(model))}`;
  }
  const neverLost = models.filter((_, model) => models.every((_name, other) => !((wins[other * n + model] ?? 0) > 0)));
  const neverWon = models.filter((_, model) => models.every((_name, other) => !((wins[model * n + other] ?? 0) > 0)));
  if (neverLost.length + neverWon.length > 0) {
    const parts = [
      ...(neverLost.length > 0 ? [`${listed(neverLost)} never lost`] : []),
      ...(neverWon.length > 0 ? [`${listed(neverWon)} never won`] : []),
    ];
    return parts.join(' and ');
  }
  return groupThatNeverLost(models, wins);
}

/** Every model won and lost, yet a whole group may never have lost against the others. */
function groupThatNeverLost(models: readonly string[], wins: Float64Array): string | null {
  const n = models.length;
  const beat = (a: number, b: number): boolean => (wins[a * n + b] ?? 0) > 0;
  const below = reached(0, n, beat);
  if (below.size < n) return unbeaten(models, (model) => !below.has(model));
  const above = reached(0, n, (a, b) => beat(b, a));
  return above.size < n ? unbeaten(models, (model) => above.has(model)) : null;
}

function unbeaten(models: readonly string[], isAbove: (model: number) => boolean): string {
  return `${namesOf(models, isAbove)} never lost against ${namesOf(models, (model) => !isAbove(model))}`;
}

/** Everything that can be reached from a model along an edge, itself included. */
function reached(from: number, n: number, hasEdge: (a: number, b: number) => boolean): ReadonlySet<number> {
  const found = new Set([from]);
  for (const model of found) {
    for (let other = 0; other < n; other++) if (!found.has(other) && hasEdge(model, other)) found.add(other);
  }
  return found;
}

function namesOf(models: readonly string[], isMember: (model: number) => boolean): string {
  return listed(models.filter((_, model) => isMember(model)));
}

const MAX_NAMED = 5;

function listed(names: readonly string[]): string {
  const rest = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
