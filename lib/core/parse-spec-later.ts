/**
 * What the design promises and this version cannot do yet: such parts of a spec are refused with `not-available`, and taken out
 * before the shape is checked, so that nothing is told twice. A line goes when its feature comes. Called by parse-spec.ts.
 */
import { describeValue, type PathStep, type ProblemDraft } from './spec-problem.ts';

interface LaterFeature {
  /** `*` stands for every index of a list. */
  readonly path: readonly string[];
  /** Subject and verb of `… not available in this version`. */
  readonly says: string;
  /** Without it, the presence of the key is enough. */
  readonly when?: (value: unknown) => boolean;
  /** How many steps of the path to keep when taking the part out; default: all of them. */
  readonly takeOut?: number;
}

const LATER_FEATURES: readonly LaterFeature[] = [
  { path: ['packages'], says: 'just-in-time packages are' },
  { path: ['suite'], says: 'suites on S3 are', when: (value) => typeof value === 'string' && /^s3:/i.test(value) },
  { path: ['items', '*', 'input', 'files'], says: 'files of inline items are' },
  { path: ['models', '*', 'packages'], says: 'just-in-time packages are' },
];

export interface WithoutLater {
  /** A copy without the refused parts. */
  readonly data: Record<string, unknown>;
  readonly problems: readonly ProblemDraft[];
}

/** Takes the refused parts out of a parsed document. */
export function takeOutLater(document: Readonly<Record<string, unknown>>): WithoutLater {
  const data: Record<string, unknown> = structuredClone(document);
  const problems: ProblemDraft[] = [];
  for (const later of LATER_FEATURES) {
    for (const path of matchingPaths(data, later.path)) {
      const value = valueAt(data, path);
      if (later.when !== undefined && !later.when(value)) continue;
      const detail = `${later.says} not available in this version`;
      problems.push({ code: 'not-available', path, seen: describeValue(value), detail, atKey: later.when === undefined });
      remove(data, path.slice(0, later.takeOut ?? path.length));
    }
  }
  return { data, problems };
}

function matchingPaths(data: unknown, pattern: readonly string[]): PathStep[][] {
  const [step, ...rest] = pattern;
  if (step === undefined) return [[]];
  if (step === '*') {
    if (!Array.isArray(data)) return [];
    return data.flatMap((entry, index) => matchingPaths(entry, rest).map((path) => [index, ...path]));
  }
  if (!isMapping(data) || !Object.hasOwn(data, step)) return [];
  return matchingPaths(data[step], rest).map((path) => [step, ...path]);
}

function valueAt(data: unknown, path: readonly PathStep[]): unknown {
  return path.reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return value[Number(step)];
    return isMapping(value) ? value[String(step)] : undefined;
  }, data);
}

function remove(data: Record<string, unknown>, path: readonly PathStep[]): void {
  const parent = valueAt(data, path.slice(0, -1));
  const last = path.at(-1);
  if (isMapping(parent) && last !== undefined) delete parent[String(last)];
}

/** A YAML or JSON mapping: an object that is neither null nor a list. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
