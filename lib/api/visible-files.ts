/**
 * Which objects of a run may be seen through the API, and as what. An allow list: what is not named is not there. Left out are references
 * (the truth), placements and task notes (facts of the account), and the notes that the API keeps for itself.
 */
const SEGMENT = '[A-Za-z0-9][A-Za-z0-9._:=-]{0,199}';
const JOB = `jobs/${SEGMENT}`;

const VISIBLE: readonly RegExp[] = [
  /^(spec|plan|problems)\.json$/,
  /^(items|warmups)\.jsonl$/,
  /^report\/(index\.html|report\.json|report\.md|report\.tex|leaderboard\.csv)$/,
  new RegExp(`^${JOB}/(job|scores)\\.json$`),
  new RegExp(`^${JOB}/device\\.jsonl$`),
  new RegExp(`^${JOB}/(samples|scores)/${SEGMENT}$`),
  new RegExp(`^${JOB}/outputs/[1-9][0-9]{0,8}/${SEGMENT}(/${SEGMENT})?$`),
];

/** `path` is relative to the run. */
export function isVisibleFile(path: string): boolean {
  return VISIBLE.some((pattern) => pattern.test(path));
}

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['json', 'application/json'],
  ['jsonl', 'application/jsonl'],
  ['md', 'text/markdown; charset=utf-8'],
  ['csv', 'text/csv; charset=utf-8'],
  ['tex', 'application/x-tex; charset=utf-8'],
  ['txt', 'text/plain; charset=utf-8'],
  ['webm', 'video/webm'],
  ['mp4', 'video/mp4'],
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['wav', 'audio/wav'],
  ['mp3', 'audio/mpeg'],
]);

/** Only the report is HTML: what a model wrote is never rendered as a page. */
export function contentTypeOf(key: string): string {
  if (/^runs\/[^/]+\/report\/(index|signed)\.html$/.test(key)) return 'text/html; charset=utf-8';
  return CONTENT_TYPES.get(key.split('.').at(-1)?.toLowerCase() ?? '') ?? 'application/octet-stream';
}
