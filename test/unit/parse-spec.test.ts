/** Spec parsing: what is accepted, that every problem is told with its place, and that nothing makes it throw. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ParsedSpec, parseSpec, suiteNameOf, suitePathOf } from '../../lib/core/parse-spec.ts';
import { durationMs, limitItems } from '../../lib/core/spec.ts';
import { PROBLEM_KINDS, type SpecProblem } from '../../lib/core/spec-problem.ts';
import { DIABETES_SPEC, OCR_SPEC, SHAPES_SPEC, testRegistry } from '../fixtures/registry-fixture.ts';

const parse = (text: string | Uint8Array): ParsedSpec => parseSpec(text, { registry: testRegistry });

function problemsOf(text: string | Uint8Array): readonly SpecProblem[] {
  const parsed = parse(text);
  return parsed.ok ? [] : parsed.problems;
}

function edited(text: string, from: string | RegExp, to: string): string {
  const result = text.replace(from, to);
  if (result === text) throw new Error(`nothing to replace: ${from}`);
  return result;
}

describe('problems that follow from others', () => {
  test('an entry with a broken param is not called the same as its sibling', () => {
    const told = problemsOf(edited(SHAPES_SPEC, /^models:\n/m, 'models:\n  - { model: oracle-t2v, params: { none: .inf } }\n'));

    expect(told.map(({ code }) => code)).toEqual(['number-not-finite']);
  });

  test('ranking by latency is refused as such, whether or not latency is listed', () => {
    const rankedBy = (scorers: string) =>
      problemsOf(edited(OCR_SPEC, /^(scorers|score):[\s\S]*/m, `scorers: ${scorers}\nscore: { rankBy: latency.p90 }\n`));

    expect(rankedBy('[text]').map(({ code }) => code)).toEqual(['not-available']);
    expect(rankedBy('[text, latency]').map(({ code }) => code)).toEqual(['not-available']);
  });
});

describe('a valid spec', () => {
  test.each([
    ['YAML with a suite and a matrix', SHAPES_SPEC],
    ['YAML with offline load', OCR_SPEC],
    ['JSON with inline items', DIABETES_SPEC],
    ['JSON indented with tabs', DIABETES_SPEC.replaceAll('  ', '\t')],
    ['YAML after a byte order mark', `\uFEFF${SHAPES_SPEC}`],
    ['YAML with CRLF', SHAPES_SPEC.replaceAll('\n', '\r\n')],
  ])('%s is accepted', (_, text) => {
    expect(problemsOf(text)).toEqual([]);
    expect(problemsOf(new TextEncoder().encode(text))).toEqual([]);
  });

  test.each([SHAPES_SPEC, OCR_SPEC, DIABETES_SPEC])('parses again to itself, with its defaults', (text) => {
    const first = parse(text);
    if (!first.ok) throw new Error('not accepted');
    const second = parse(JSON.stringify(first.spec));
    expect(second).toMatchObject({ ok: true, spec: first.spec });
  });

  test('gets the documented defaults', () => {
    const parsed = parse(OCR_SPEC);
    if (!parsed.ok) throw new Error('not accepted');
    expect(parsed.spec.samples).toEqual({ perItem: 1, seed: 0 });
    expect(parsed.spec.load).toEqual({ mode: 'offline', maxInFlight: 2, stream: false, warmup: 2 });
    expect(parsed.spec.limits).toEqual({ ready: '15m', sample: '5m', job: '6h', maxErrorRate: 0.2, minSamplesForStop: 20 });
    expect(parsed.spec.stats.confidence).toBe(0.95);
    expect(parsed.spec.compute.maxParallelJobs).toBe(1);
  });

  test('may use anchors for whole values', () => {
    const text = edited(OCR_SPEC, 'params: { language: eng }', 'params: &p { language: eng }');
    expect(problemsOf(edited(text, '{ language: deu, psm: 8 }, protocol: openai-chat', '*p')).map(({ code }) => code)).toEqual([
      'duplicate-job',
    ]);
    expect(problemsOf(edited(edited(OCR_SPEC, 'name: ocr-lines', 'name: &n ocr-lines'), 'suite: ocr-lines', 'suite: *n'))).toEqual([]);
  });
});

describe('a bad spec', () => {
  test('is refused with all of its problems at once, each with its place', () => {
    const text = [
      'apiVersion: bakeoff/v1',
      'name: Bad Name',
      'suite: shapez',
      'models:',
      '  - model: pocket-t2w',
      '  - model: pocket-t2v',
      '    params: { step: 3, guidance: high }',
      'load: { mode: poisson }',
      'scorers: [latency, shape]',
    ].join('\n');

    const told = problemsOf(text).map(({ code, path, line, column }) => `${code} ${path} ${line}:${column}`);

    expect(told).toEqual([
      'invalid-name name 2:7',
      'unknown-suite suite 3:8',
      'unknown-model models[0].model 5:12',
      'unknown-param models[1].params.step 7:15',
      'param-wrong-type models[1].params.guidance 7:34',
      'missing-key load.rate 8:7',
      'unknown-scorer scorers[1] 9:20',
    ]);
  });

  test('names the nearest name, what was seen and what was expected', () => {
    const [problem] = problemsOf(edited(SHAPES_SPEC, 'model: pocket-t2v', 'model: pokcet-t2v'));
    expect(problem).toEqual({
      code: 'unknown-model',
      path: 'models[0].model',
      line: 7,
      column: 12,
      seen: '"pokcet-t2v"',
      expected: 'one of oracle-t2v, pocket-t2v, ridge, tesseract',
      message: PROBLEM_KINDS['unknown-model'].meaning,
      nearest: 'pocket-t2v',
      remedy: PROBLEM_KINDS['unknown-model'].remedy,
    });
  });

  test('has the place of the alias, not of the anchor, for a value used twice', () => {
    const text = edited(edited(SHAPES_SPEC, 'description: What do', 'description: &d What do'), 'suite: shapes', 'suite: *d');
    expect(problemsOf(text)).toMatchObject([{ code: 'unknown-suite', line: 4, column: 8 }]);
  });

  test('says "not available in this version" for what later versions bring', () => {
    const text = `${SHAPES_SPEC}packages: [numpy]\n`;
    expect(problemsOf(text).map(({ code, path, message }) => [code, path, message])).toEqual([
      ['not-available', 'packages', 'just-in-time packages are not available in this version'],
    ]);
  });

  test('is told of a missing key where the mapping starts', () => {
    const text = edited(SHAPES_SPEC, '  - model: oracle-t2v\n', '  - params: {}\n');
    expect(problemsOf(text)).toMatchObject([{ code: 'missing-key', path: 'models[1].model', line: 9, column: 5 }]);
  });

  test('is read no further than its size allows', () => {
    expect(problemsOf(`${SHAPES_SPEC}#${'x'.repeat(1_048_576)}`)).toMatchObject([{ code: 'document-too-large' }]);
  });

  test.each([
    ['flow brackets', `${SHAPES_SPEC}x: ${'['.repeat(20_000)}`],
    ['sequence dashes', '- '.repeat(20_000)],
    ['closed brackets', `${SHAPES_SPEC}x: ${'['.repeat(40)}${']'.repeat(40)}`],
    ['mappings', Array.from({ length: 200 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('that nests %s too deeply is refused', (_, text) => {
    expect(problemsOf(text).map(({ code }) => code)).toContain('document-too-deep');
  });

  test.each([
    [
      'aliases that multiply',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefg'[i]}`).join(',')}]`).join('\n')}\n`,
    ],
    ['an alias inside its own anchor', `a: &a [*a]\n`],
  ])('with %s is refused', (_, text) => {
    expect(problemsOf(text).map(({ code }) => code)).toEqual(['yaml-alias-expansion']);
  });
});

describe('a score of all ranked jobs together', () => {
  const joint = (models: string): string =>
    `${edited(SHAPES_SPEC, /^models:\n(?: .*\n)+/m, `models: ${models}\n`).replace(/^score: .*$/m, 'score: { profile: bradley-terry, metric: shapes.drift }')}`;

  test('takes two of them, whatever references there are', () => {
    const one = problemsOf(joint('[{ model: pocket-t2v, params: { steps: 4 } }, { model: oracle-t2v }]'));

    expect(one).toMatchObject([{ code: 'list-too-short', path: 'models', seen: '1 ranked job' }]);
    expect(problemsOf(joint('[{ model: pocket-t2v, params: { steps: 4 } }, { model: oracle-t2v, reference: false }]'))).toEqual([]);
    expect(problemsOf(joint('[{ model: pocket-t2v, matrix: { steps: [1, 2] } }]'))).toEqual([]);
    expect(problemsOf(joint('[{ model: pocket-t2w }]')).map(({ code }) => code)).toEqual(['unknown-model']);
  });
});

describe('parsing is total', () => {
  const isSound = (problem: SpecProblem): boolean =>
    Object.hasOwn(PROBLEM_KINDS, problem.code) &&
    problem.line >= 1 &&
    problem.column >= 1 &&
    problem.message !== '' &&
    problem.remedy !== '';

  const holds = (text: string | Uint8Array): boolean => {
    const parsed = parse(text);
    return parsed.ok || (parsed.problems.length > 0 && parsed.problems.every(isSound));
  };

  test('for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), holds), { numRuns: 300 });
  });

  test('for any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), holds), { numRuns: 300 });
  });

  test('for any JSON', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 6 }), holds), { numRuns: 300 });
  });

  test('for valid specs with any value put anywhere', () => {
    const documents = [SHAPES_SPEC, OCR_SPEC, DIABETES_SPEC].map((text) => {
      const parsed = parse(text);
      return parsed.ok ? parsed.spec : {};
    });
    const places = documents.flatMap((document) => pathsOf(document).map((path) => ({ document, path })));
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 3 }), ({ document, path }, value) => {
        return holds(JSON.stringify(withValue(document, path, value)));
      }),
      { numRuns: 500 },
    );
  });

  test('for valid specs with characters removed or inserted', () => {
    const cut = fc.tuple(fc.constantFrom(SHAPES_SPEC, OCR_SPEC, DIABETES_SPEC), fc.nat(), fc.nat({ max: 12 }), fc.string({ maxLength: 6 }));
    fc.assert(
      fc.property(cut, ([text, at, length, inserted]) => {
        const start = at % text.length;
        return holds(text.slice(0, start) + inserted + text.slice(start + length));
      }),
      { numRuns: 500 },
    );
  });
});

type Path = (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...entries.flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function withValue(document: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const copy: unknown = structuredClone(document);
  if (Array.isArray(copy)) copy[Number(step)] = withValue(copy[Number(step)], rest, value);
  else if (typeof copy === 'object' && copy !== null)
    Object.assign(copy, { [step]: withValue(Object.entries(copy).find(([key]) => key === step)?.[1], rest, value) });
  return copy;
}

test('the suite that a spec names is known before the registry is read', () => {
  expect(suiteNameOf(SHAPES_SPEC)).toBe('shapes');
  expect(suitePathOf(SHAPES_SPEC)).toBeNull();
  expect(suitePathOf('suite: ./mine')).toBe('./mine');
  expect(suitePathOf('suite: s3://bucket/mine')).toBeNull();
  expect(suitePathOf('suite: [1]')).toBeNull();
  expect(suitePathOf('suite: "\u0001"')).toBeNull();
});

test.each([
  ['500ms', 500],
  ['15s', 15_000],
  ['15m', 900_000],
  ['6h', 21_600_000],
])('the duration %s is %i ms', (text, expected) => {
  expect(durationMs(text)).toBe(expected);
});

test('a limit from the command line lowers that of the spec and never raises it', () => {
  const parsed = parse(SHAPES_SPEC);
  if (!parsed.ok) throw new Error('not accepted');
  expect(limitItems(parsed.spec, 3).samples.limit).toBe(3);
  expect(limitItems(parsed.spec, 100).samples.limit).toBe(8);
  expect(limitItems(parsed.spec, undefined)).toBe(parsed.spec);
});

describe('what a scorer compares with', () => {
  const labelled = (scorers: readonly string[], reference: unknown) =>
    problemsOf(
      JSON.stringify({
        ...{ apiVersion: 'bakeoff/v1', name: 'documents', models: [{ model: 'tesseract', params: { language: 'eng' } }], scorers },
        items: [{ id: 'page-1', input: { messages: [{ role: 'user', content: 'Which kind?' }] }, reference }],
      }),
    ).map(({ code, path, expected, nearest }) => ({ code, path, expected, nearest }));

  test.each([
    ['overlap', { text: 'a' }],
    ['overlap', { texts: ['a', 'b'] }],
    ['fields', { fields: { kind: 'invoice' } }],
    ['fields', { fields: [1, null] }],
    ['labels', { label: 'Invoice' }],
  ])('%s reads %j', (scorer, reference) => {
    expect(labelled([scorer], reference)).toEqual([]);
  });

  test.each([
    ['overlap', { texts: [] }, 'reference.texts', null],
    ['overlap', { texts: ['a', 1] }, 'reference.texts', null],
    ['overlap', { text1: 'a' }, 'reference.text', 'reference.text'],
    ['fields', { field: {} }, 'reference.fields', 'reference.fields'],
    ['fields', { fields: new Array(501).fill(0) }, 'at most 500', null],
    ['labels', { label: ' ' }, 'reference.label', null],
    ['labels', { lable: 'invoice' }, 'reference.label', 'reference.label'],
    ['labels', null, 'reference.label', null],
  ])('%s misses something in %.40j', (scorer, reference, expected, nearest) => {
    expect(labelled([scorer], reference)).toEqual([
      { code: 'item-without-reference', path: 'items[0]', expected: expect.stringContaining(expected), nearest },
    ]);
  });

  test('overlap, fields and labels read no videos', () => {
    const told = problemsOf(edited(SHAPES_SPEC, /^(scorers|score):[\s\S]*/m, 'scorers: [overlap, fields, labels]\n'));

    expect(new Set(told.map(({ code }) => code))).toEqual(new Set(['scorer-task-mismatch']));
    expect(told).toHaveLength(3);
  });
});
