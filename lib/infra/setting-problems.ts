/**
 * Says what is wrong with the settings of a deployment, in the words of cdk.json. Called by deployment-settings.ts, which knows the
 * schema; nothing here does.
 */
import type { z } from 'zod';
import { nearestName } from '../core/nearest-name.ts';

export interface SettingProblem {
  /** For example `bakeoff.fleet[0].max`. */
  readonly path: string;
  /** The value as JSON, clipped. */
  readonly seen: string;
  readonly expected: string;
  /** An imperative sentence. */
  readonly remedy: string;
}

/** One problem for each issue, and for each unknown key; `topKeys` are the known keys of the first level. */
export function settingProblems(context: unknown, issues: readonly z.core.$ZodIssue[], topKeys: readonly string[]): SettingProblem[] {
  return issues.flatMap((issue) => {
    const path = pathText(issue.path);
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, issue.path.length === 0 ? topKeys : []));
    const seen = clip(JSON.stringify(lookUp(context, issue.path)) ?? 'missing');
    return [{ path, seen, expected: expectation(issue), remedy: `Correct ${path} in cdk.json; docs/deployment-settings.md describes it.` }];
  });
}

function unknownKey(parent: string, key: string, known: readonly string[]): SettingProblem {
  const near = nearestName(key, known);
  const hint = near === null ? `Remove ${parent}.${key} from cdk.json.` : `Rename ${parent}.${key} to ${near} in cdk.json, or remove it.`;
  const expected = known.length === 0 ? 'a known key' : `one of ${known.join(', ')}`;
  return { path: `${parent}.${key}`, seen: 'an unknown key', expected, remedy: hint };
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};
const UNITS: Readonly<Record<string, readonly [one: string, more: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
  if (issue.code === 'invalid_type') return TYPES[issue.expected] ?? issue.expected;
  if (issue.code === 'too_small') return `${issue.inclusive === false ? 'above' : 'at least'} ${counted(issue.minimum, issue.origin)}`;
  if (issue.code === 'too_big') return `at most ${counted(issue.maximum, issue.origin)}`;
  if (issue.code === 'invalid_format' && issue.format === 'email') return 'an e-mail address such as team@example.com';
  return issue.message;
}

function counted(count: number | bigint, origin: string): string {
  const [one, more] = UNITS[origin] ?? ['', ''];
  return `${count} ${Number(count) === 1 ? one : more}`.trimEnd();
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}.${String(step)}`), 'bakeoff');
}

function lookUp(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, step) => (isKeyed(inner) ? inner[String(step)] : undefined), value);
}

function isKeyed(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function clip(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
