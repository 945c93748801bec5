/** The committed documents that follow from code are those that the code makes. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { generatedDocs } from '../../lib/cli/generate-docs.ts';
import { DIABETES_SPEC, OCR_SPEC, SHAPES_SPEC } from '../fixtures/registry-fixture.ts';

test.each([...generatedDocs()])('%s is up to date: run "npm run schema"', (path, content) => {
  expect(readFileSync(path, 'utf8')).toBe(content);
});

describe('the JSON Schema', () => {
  const schema: object = JSON.parse(generatedDocs().get('docs/spec.schema.json') ?? '{}');
  const validate = new Ajv2020({ strict: false }).compile(schema);

  test.each([SHAPES_SPEC, OCR_SPEC, DIABETES_SPEC])('accepts a valid spec', (text) => {
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
  });

  test('refuses an unknown key and a wrong type', () => {
    expect(validate(parse(`${SHAPES_SPEC}extra: 1`))).toBe(false);
    expect(validate(parse(SHAPES_SPEC.replace('seed: 42', 'seed: many')))).toBe(false);
  });
});
