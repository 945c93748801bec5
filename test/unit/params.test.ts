/** Params against a manifest's schema, and the combinations of a matrix. */
import { expect, test } from 'vitest';
import type { ParamSchema } from '../../lib/core/manifest.ts';
import { checkParam, combinations, withDefaults } from '../../lib/core/params.ts';

const cases: [ParamSchema, unknown, string | null][] = [
  [{ type: 'integer' }, 3, null],
  [{ type: 'integer' }, 3.5, 'param-wrong-type'],
  [{ type: 'integer' }, '3', 'param-wrong-type'],
  [{ type: 'number' }, 3.5, null],
  [{ type: 'number' }, Number.NaN, 'param-wrong-type'],
  [{ type: 'boolean' }, 1, 'param-wrong-type'],
  [{ type: 'string', enum: ['a', 'b'] }, 'b', null],
  [{ type: 'string', enum: ['a', 'b'] }, 'c', 'param-not-allowed'],
  [{ type: 'number', minimum: 0, maximum: 1 }, 1, null],
  [{ type: 'number', minimum: 0, maximum: 1 }, 1.01, 'param-out-of-range'],
  [{ type: 'number', exclusiveMinimum: 0 }, 0, 'param-out-of-range'],
  [{ type: 'number', exclusiveMaximum: 1 }, 1, 'param-out-of-range'],
];

test.each(cases)('%j takes %j: %s', (schema, value, code) => {
  expect(checkParam(schema, value)?.code ?? null).toBe(code);
});

test('defaults fill what is not given, in the order of the manifest', () => {
  const params = withDefaults(
    {
      type: 'object',
      additionalProperties: false,
      properties: { a: { type: 'integer', default: 1 }, b: { type: 'boolean', default: true }, c: { type: 'string' } },
    },
    { b: false },
  );
  expect(JSON.stringify(params)).toBe('{"a":1,"b":false}');
});

test('the last key of a matrix varies fastest', () => {
  expect(combinations({ a: [1, 2], b: ['x', 'y'] })).toEqual([
    { a: 1, b: 'x' },
    { a: 1, b: 'y' },
    { a: 2, b: 'x' },
    { a: 2, b: 'y' },
  ]);
  expect(combinations({})).toEqual([{}]);
});
