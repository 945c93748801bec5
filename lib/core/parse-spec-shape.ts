/**
 * Checks a document against the schema of the spec and turns what zod finds into problems with stable codes. Knows zod's
 * issues, and nothing of YAML or of what is registered. Called by parse-spec.ts.
 */
import { z } from 'zod';
import { ID_PATTERN } from './ids.ts';
import { IMAGE_PATTERN } from './image-reference.ts';
import { nearestName } from './nearest-name.ts';
import { isMapping } from './parse-spec-later.ts';
import { DURATION_PATTERN, METRIC_PATTERN, NAME_PATTERN, specSchema } from './spec.ts';
import { describeValue, type PathStep, type ProblemCode, type ProblemDraft } from './spec-problem.ts';

type Issue = z.core.$ZodIssue;

const CODE_OF_PATTERN: ReadonlyMap<string, { code: ProblemCode; expected: string }> = new Map([
  [String(NAME_PATTERN), { code: 'invalid-name', expected: 'a name such as my-first-run' }],
  [String(ID_PATTERN), { code: 'invalid-id', expected: 'an id such as item-7' }],
  [String(DURATION_PATTERN), { code: 'invalid-duration', expected: 'a duration such as 15m' }],
  [String(IMAGE_PATTERN), { code: 'invalid-image', expected: 'the reference of an image, such as registry.example/team/model@sha256:…' }],
  [String(METRIC_PATTERN), { code: 'invalid-metric-name', expected: 'a name such as text.cer' }],
]);

/** All problems of shape, in the order of the schema. */
export function shapeProblems(data: unknown, issues: readonly Issue[]): ProblemDraft[] {
  return issues.flatMap((issue) => draftsOf(data, issue, toPath(issue.path)));
}

function toPath(path: readonly PropertyKey[]): PathStep[] {
  return path.map((step) => (typeof step === 'number' ? step : String(step)));
}

function draftsOf(data: unknown, issue: Issue, path: PathStep[]): ProblemDraft[] {
  const value = lookUp(data, path);
  if (!value.exists) return [{ code: 'missing-key', path, expected: `the key "${String(path.at(-1) ?? '')}"` }];
  const seen = describeValue(value.value);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key));
    case 'invalid_key':
      return [{ ...firstOf(issue.issues, path, describeValue(path.at(-1))), atKey: true }];
    case 'invalid_union':
      return [unionProblem(issue, path, value.value)];
    case 'invalid_type':
      return [typeProblem(issue, path, value.value)];
    case 'invalid_value':
      return [{ ...valueProblem(issue, path), seen, ...nearestOf(value.value, issue) }];
    default:
      return [{ ...valueProblem(issue, path), seen }];
  }
}

/** The allowed value that a misspelt one is closest to. */
function nearestOf(value: unknown, { values }: z.core.$ZodIssueInvalidValue): { nearest?: string } {
  const nearest = typeof value === 'string' ? nearestName(value, values.map(String)) : null;
  return nearest === null ? {} : { nearest };
}

function firstOf(issues: readonly Issue[], path: PathStep[], seen: string): ProblemDraft {
  const [first] = issues;
  return first === undefined ? { code: 'unknown-key', path, seen } : { ...valueProblem(first, path), seen };
}

function unknownKey(path: PathStep[], key: string): ProblemDraft {
  const known = knownKeysAt(path);
  return {
    code: 'unknown-key',
    path: [...path, key],
    seen: describeValue(key),
    ...(known.length === 0 ? {} : { expected: `one of ${known.join(', ')}` }),
    nearest: nearestName(key, known),
    atKey: true,
  };
}

function typeProblem(issue: z.core.$ZodIssueInvalidType, path: PathStep[], value: unknown): ProblemDraft {
  const seen = describeValue(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return { code: 'number-not-finite', path, seen, expected: 'a finite number' };
  if (typeof value === 'number' && issue.expected === 'int') return { code: 'number-not-whole', path, seen, expected: 'a whole number' };
  return { code: 'wrong-type', path, seen, expected: typeName(issue.expected) };
}

function typeName(expected: string): string {
  const names: Record<string, string> = {
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
  };
  return names[expected] ?? expected;
}

function unionProblem(issue: z.core.$ZodIssueInvalidUnion, path: PathStep[], value: unknown): ProblemDraft {
  const seen = describeValue(value);
  if ('options' in issue && Array.isArray(issue.options)) {
    const names = issue.options.map(String);
    const nearest = typeof value === 'string' ? nearestName(value, names) : null;
    return { code: 'not-one-of', path, seen, expected: `one of ${names.join(', ')}`, nearest };
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return { code: 'number-not-finite', path, seen, expected: 'a finite number' };
  const issues = issue.errors.flat();
  const fitting = issue.errors.find((branch) => branch.every(({ code }) => code !== 'invalid_type'))?.[0];
  const inner = issue.errors.find((branch) => branch.some((one) => one.path.length > 0))?.[0];
  if (fitting !== undefined && fitting.path.length === 0) return { ...valueProblem(fitting, path), seen };
  if (inner !== undefined && inner.path.length > 0) {
    const below = [...path, ...toPath(inner.path)];
    return { code: 'wrong-type', path: below, seen, expected: inner.code === 'invalid_type' ? typeName(inner.expected) : 'another value' };
  }
  const expected = [...new Set(issues.map((one) => (one.code === 'invalid_type' ? typeName(one.expected) : 'another value')))];
  return { code: 'wrong-type', path, seen, expected: expected.join(' or ') };
}

/** Problems of values that have the right type. */
function valueProblem(issue: Issue, path: PathStep[]): ProblemDraft {
  switch (issue.code) {
    case 'invalid_format': {
      const known = 'pattern' in issue ? CODE_OF_PATTERN.get(String(issue.pattern)) : undefined;
      return known === undefined ? { code: 'not-one-of', path, expected: issue.message } : { ...known, path };
    }
    case 'too_small':
      return {
        code: tooSmallCode(issue.origin),
        path,
        expected: sizeText(issue.origin, issue.inclusive === false ? 'above' : 'at least', issue.minimum),
      };
    case 'too_big':
      return {
        code: tooBigCode(issue.origin),
        path,
        expected: sizeText(issue.origin, issue.inclusive === false ? 'below' : 'at most', issue.maximum),
      };
    case 'invalid_value': {
      const names = issue.values.map((value) => describeValue(value));
      if (path.length === 1 && path[0] === 'apiVersion') return { code: 'unsupported-version', path, expected: names.join(', ') };
      return { code: 'not-one-of', path, expected: `${names.length > 1 ? 'one of ' : ''}${names.join(', ')}` };
    }
    default:
      return { code: 'wrong-type', path, expected: issue.message };
  }
}

function tooSmallCode(origin: string): ProblemCode {
  if (origin === 'string') return 'text-too-short';
  return origin === 'array' ? 'list-too-short' : 'number-too-small';
}

function tooBigCode(origin: string): ProblemCode {
  if (origin === 'string') return 'text-too-long';
  return origin === 'array' ? 'list-too-long' : 'number-too-large';
}

function sizeText(origin: string, relation: string, bound: number | bigint): string {
  if (origin === 'string') return `${relation} ${bound} characters`;
  return origin === 'array' ? `${relation} ${bound} ${String(bound) === '1' ? 'entry' : 'entries'}` : `${relation} ${bound}`;
}

function lookUp(data: unknown, path: readonly PathStep[]): { exists: boolean; value: unknown } {
  let value = data;
  for (const step of path) {
    const isInside = Array.isArray(value) ? Number(step) < value.length : isMapping(value) && Object.hasOwn(value, String(step));
    if (!isInside) return { exists: false, value: undefined };
    value = Array.isArray(value) ? value[Number(step)] : isMapping(value) ? value[String(step)] : undefined;
  }
  return { exists: true, value };
}

const jsonNodeSchema: z.ZodType<JsonNode> = z.lazy(() =>
  z.looseObject({
    properties: z.record(z.string(), jsonNodeSchema).optional(),
    items: jsonNodeSchema.optional(),
    oneOf: z.array(jsonNodeSchema).optional(),
  }),
);
interface JsonNode {
  readonly properties?: Record<string, JsonNode> | undefined;
  readonly items?: JsonNode | undefined;
  readonly oneOf?: JsonNode[] | undefined;
}

/** Made when the first unknown key is met: valid specs never pay for it. */
let specRoot: JsonNode | null = null;

/** The keys that the schema allows at a path, read off its JSON Schema. */
function knownKeysAt(path: readonly PathStep[]): string[] {
  specRoot ??= jsonNodeSchema.parse(specJsonSchema());
  let nodes: JsonNode[] = [specRoot];
  for (const step of path) {
    nodes = nodes.flatMap((node) => {
      const next = typeof step === 'number' ? node.items : node.properties?.[step];
      return next === undefined ? [] : [next, ...(next.oneOf ?? [])];
    });
  }
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
}

/** The JSON Schema for editors: what a user writes, before defaults. */
export function specJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(specSchema, { io: 'input' }) };
}
