/**
 * The params of a model: whether a value fits the manifest's schema, defaults, and the combinations of a matrix. Used by
 * spec parsing, by planning, and for manifests themselves.
 */
import type { ModelManifest, ParamSchema } from './manifest.ts';

export type ParamValue = number | string | boolean;
export type Params = Record<string, ParamValue>;

export interface ParamFault {
  readonly code: 'param-wrong-type' | 'param-out-of-range' | 'param-not-allowed';
  readonly expected: string;
}

/** Null when the value fits. */
export function checkParam(schema: ParamSchema, value: unknown): ParamFault | null {
  if (!hasType(schema.type, value)) return { code: 'param-wrong-type', expected: describeType(schema.type) };
  if (schema.enum !== undefined && !schema.enum.some((allowed) => allowed === value)) {
    return { code: 'param-not-allowed', expected: `one of ${schema.enum.map((allowed) => JSON.stringify(allowed)).join(', ')}` };
  }
  if (typeof value !== 'number') return null;
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
  const { exclusiveMinimum, exclusiveMaximum } = schema;
  const isTooLow = value < minimum || (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum);
  const isTooHigh = value > maximum || (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum);
  return isTooLow || isTooHigh ? { code: 'param-out-of-range', expected: describeRange(schema) } : null;
}

function hasType(type: ParamSchema['type'], value: unknown): boolean {
  if (type === 'integer') return Number.isSafeInteger(value);
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value);
  return typeof value === type;
}

function describeType(type: ParamSchema['type']): string {
  return { integer: 'a whole number', number: 'a number', string: 'text', boolean: 'true or false' }[type];
}

function describeRange(schema: ParamSchema): string {
  const parts: string[] = [];
  if (schema.minimum !== undefined) parts.push(`at least ${schema.minimum}`);
  if (typeof schema.exclusiveMinimum === 'number') parts.push(`above ${schema.exclusiveMinimum}`);
  if (schema.maximum !== undefined) parts.push(`at most ${schema.maximum}`);
  if (typeof schema.exclusiveMaximum === 'number') parts.push(`below ${schema.exclusiveMaximum}`);
  return parts.join(', ');
}

/** The manifest's defaults with what the spec gives on top; keys in the order of the manifest. */
export function withDefaults(schema: ModelManifest['params'], given: Params): Params {
  const params: Params = {};
  for (const [name, property] of Object.entries(schema.properties)) {
    const value = given[name] ?? property.default;
    if (value !== undefined) params[name] = value;
  }
  return params;
}

/** Every combination of a matrix, the last key varying fastest: `{a: [1, 2], b: [x, y]}` gives 1x, 1y, 2x, 2y. */
export function combinations(matrix: Readonly<Record<string, readonly ParamValue[]>>): Params[] {
  return Object.entries(matrix).reduce<Params[]>(
    (partial, [name, values]) => partial.flatMap((params) => values.map((value) => ({ ...params, [name]: value }))),
    [{}],
  );
}
