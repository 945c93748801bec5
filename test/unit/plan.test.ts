/** Planning: what is frozen for a run, and that nothing but the spec, the registry and the run's id decides it. */
import { describe, expect, test } from 'vitest';
import { frozenItemSchema, jobSchema, planSchema } from '../../lib/core/job.ts';
import { parseSpec } from '../../lib/core/parse-spec.ts';
import { type PlannedRun, planRun } from '../../lib/core/plan.ts';
import { orderOfIssue } from '../../lib/core/seed.ts';
import type { Spec } from '../../lib/core/spec.ts';
import { DIABETES_SPEC, OCR_SPEC, SHAPES_SPEC, testRegistry } from '../fixtures/registry-fixture.ts';

function specOf(text: string): Spec {
  const parsed = parseSpec(text, { registry: testRegistry });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
}

function planOf(text: string): PlannedRun {
  return planRun({ spec: specOf(text), registry: testRegistry, runId: 'run-1', softwareVersion: '9.9.9' });
}

test('a plan and its jobs and items are valid records', () => {
  for (const text of [SHAPES_SPEC, OCR_SPEC, DIABETES_SPEC]) {
    const { plan, jobs, items, warmups } = planOf(text);
    expect(planSchema.parse(plan)).toEqual(plan);
    for (const job of jobs) expect(jobSchema.parse(job)).toEqual(job);
    for (const item of [...items, ...warmups]) expect(frozenItemSchema.parse(item)).toEqual(item);
  }
});

test('a matrix makes one job per combination, in its order, with the defaults filled in', () => {
  const { jobs, plan } = planOf(SHAPES_SPEC);
  expect(jobs.map(({ model, params }) => [model.id, params.steps ?? null])).toEqual([
    ['pocket-t2v', 1],
    ['pocket-t2v', 2],
    ['pocket-t2v', 4],
    ['pocket-t2v', 8],
    ['pocket-t2v', 16],
    ['oracle-t2v', null],
  ]);
  expect(jobs[0]?.params).toEqual({ steps: 1, guidance: 3, sampler: 'euler', clip: true });
  expect(jobs.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(plan.jobs.map(({ jobId }) => jobId)).toEqual(jobs.map(({ jobId }) => jobId));
});

test('each evaluator package that a scorer needs is a stage between infer and score', () => {
  const { plan, jobs } = planOf(SHAPES_SPEC);
  expect(plan.jobs[0]?.stages).toEqual(['infer', 'evaluate:frames', 'score']);
  expect(jobs[0]?.builtinScorers).toEqual(['latency', 'resources']);
  expect(jobs[0]?.evaluators).toMatchObject([{ package: { id: 'frames', version: '1.0.0' }, scorers: ['shapes', 'video'] }]);
  expect(jobs[0]?.evaluators[0]?.metrics.map(({ name }) => name)).toEqual([
    'shapes.alignment',
    'shapes.area-stability',
    'shapes.drift',
    'video.flicker',
  ]);
  expect(planOf(OCR_SPEC).plan.jobs[0]?.stages).toEqual(['infer', 'score']);
});

test('a reference is flagged by its manifest, or by the spec, which wins', () => {
  expect(planOf(SHAPES_SPEC).jobs.at(-1)?.model.reference).toBe(true);
  const shown = planOf(SHAPES_SPEC.replace('model: oracle-t2v', 'model: oracle-t2v\n    reference: false'));
  expect(shown.jobs.at(-1)?.model.reference).toBe(false);
});

describe('the items', () => {
  const { items, references, warmups } = planOf(SHAPES_SPEC);
  const suite = testRegistry.suites.get('shapes')!;

  test('are those that pass the filter, in order of issue', () => {
    const passing = suite.items.filter(({ attributes }) => attributes.motion === 'left' || attributes.motion === 'right');
    expect(items.map(({ id }) => id)).toEqual(orderOfIssue(passing, 42).map(({ id }) => id));
  });

  test('hold no references; these stand apart in the same order', () => {
    expect(items.every((item) => !('reference' in item))).toBe(true);
    expect(references.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
    expect(references[0]?.reference).toHaveProperty('motion');
  });

  test('do not depend on the order of the suite', () => {
    const reversed = { ...suite, items: suite.items.toReversed() };
    const registry = { ...testRegistry, suites: new Map([['shapes', reversed]]) };
    const again = planRun({ spec: specOf(SHAPES_SPEC), registry, runId: 'run-1', softwareVersion: '9.9.9' });
    expect(again.items).toEqual(items);
  });

  test('for warming up are not measured, where the suite has others', () => {
    const measured = new Set(items.map(({ id }) => id));
    expect(warmups).toHaveLength(2);
    expect(warmups.filter(({ id }) => measured.has(id))).toEqual([]);
  });

  test('for warming up come from the measured ones where the suite has no others', () => {
    const { items: all, warmups: again, jobs } = planOf(OCR_SPEC);
    expect(again).toEqual(all.slice(0, 2));
    expect(jobs[0]?.warmupsKey).toBe('runs/run-1/warmups.jsonl');
    expect(planOf(OCR_SPEC.replace('maxInFlight: 2', 'maxInFlight: 2, warmup: 0')).jobs[0]?.warmupsKey).toBeUndefined();
  });

  test('name their files by digest and base name, and the files are listed once for copying', () => {
    const digest = 'ab'.repeat(32);
    const file = { path: 'images/a.png', sha256: digest, contentType: 'image/png' };
    const withFiles = { ...suite, items: suite.items.map((item) => ({ ...item, input: { files: [file] } })) };
    const registry = { ...testRegistry, suites: new Map([['shapes', withFiles]]) };
    const planned = planRun({ spec: specOf(SHAPES_SPEC), registry, runId: 'run-1', softwareVersion: '9.9.9' });
    expect(planned.items[0]?.input.files).toEqual([{ sha256: digest, contentType: 'image/png', name: 'a.png' }]);
    expect(planned.files).toEqual([{ path: 'images/a.png', sha256: digest }]);
  });
});

test('limits become milliseconds', () => {
  expect(planOf(SHAPES_SPEC).jobs[0]?.limits).toEqual({
    readyMs: 900_000,
    sampleMs: 300_000,
    jobMs: 21_600_000,
    maxErrorRate: 0.2,
    minSamplesForStop: 20,
  });
});

test('without a score, the first metric that has a direction is what is ranked by', () => {
  expect(planOf(DIABETES_SPEC).spec.score).toEqual({ rankBy: 'numbers.mae' });
  expect(planOf(DIABETES_SPEC.replace(', "numbers"', '')).spec.score).toBeUndefined();
});

test('the stored spec parses to itself, and its digest does not depend on how the document was written', () => {
  const { spec, plan } = planOf(SHAPES_SPEC);
  expect(specOf(JSON.stringify(spec))).toEqual(spec);
  const reordered = SHAPES_SPEC.replace(/^suite: shapes\n/m, '').concat('# a comment\nsuite: shapes\n');
  expect(planOf(reordered).plan.specSha256).toBe(plan.specSha256);
  expect(planOf(SHAPES_SPEC.replace('seed: 42', 'seed: 43')).plan.specSha256).not.toBe(plan.specSha256);
});

test('inline items are a suite of their own, whose digest follows from them', () => {
  const { plan } = planOf(DIABETES_SPEC);
  expect(plan.suite).toMatchObject({ id: 'inline', task: 'tabular-regression', categories: ['split'] });
  expect(planOf(DIABETES_SPEC.replace('"bmi": 2', '"bmi": 3')).plan.suite.digest).not.toBe(plan.suite.digest);
});

test('chat: inline messages in, texts out, read by the scorers of texts', () => {
  const talker = testRegistry.models.get('ridge')!;
  const models = new Map([['talker', { ...talker, manifest: { ...talker.manifest, id: 'talker', tasks: ['chat' as const] } }]]);
  const registry = { ...testRegistry, models };
  const spec = (input: object, scorer: string) =>
    parseSpec(
      JSON.stringify({
        ...{ apiVersion: 'bakeoff/v1', name: 'talk', models: [{ model: 'talker' }], scorers: [scorer] },
        ...{ samples: { seed: 1 }, load: { mode: 'closed', concurrency: 1 } },
        items: [{ id: 'a', input, reference: { text: 'b', label: 'b', fields: { b: 1 } } }],
      }),
      { registry },
    );
  const messages = [{ role: 'user', content: 'a' }];
  for (const scorer of ['text', 'overlap', 'fields', 'labels']) expect(spec({ messages }, scorer)).toMatchObject({ ok: true });
  expect(spec({ messages }, 'numbers')).toMatchObject({ ok: false, problems: [{ code: 'scorer-task-mismatch' }] });
  expect(spec({ prompt: 'a' }, 'text')).toMatchObject({
    ok: false,
    problems: [{ code: 'item-without-input', expected: 'messages, for chat' }],
  });
});
