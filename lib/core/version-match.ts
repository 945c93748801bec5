/** How the version of a deployed stack and that of this program go together. The CLI and `bakeoff doctor` ask. */

export type VersionMatch = 'same' | 'differs' | 'major-differs' | 'unknown';

/** Versions are `major.minor.patch`; anything else is `unknown`. Another major is another API. */
export function versionMatch(ours: string, deployed: string | null): VersionMatch {
  const [left, right] = [majorOf(ours), majorOf(deployed ?? '')];
  if (left === null || right === null) return 'unknown';
  if (left !== right) return 'major-differs';
  return ours === deployed ? 'same' : 'differs';
}

function majorOf(version: string): string | null {
  return /^(\d{1,6})\.\d{1,6}\.\d{1,6}(?:[-+].*)?$/.exec(version)?.[1] ?? null;
}
