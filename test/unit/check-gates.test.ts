/** Gates inside a spec: checked with it, all problems at once, against what the run will have. */
import { describe, expect, it } from 'vitest';
import { runExitCode } from '../../lib/cli/run-exit-code.ts';
import { parseSpec } from '../../lib/core/parse-spec.ts';
import { DIABETES_SPEC, OCR_SPEC, SHAPES_SPEC, testRegistry } from '../fixtures/registry-fixture.ts';

const parse = (text: string) => parseSpec(text, { registry: testRegistry });
const problems = (text: string): string[] => {
  const parsed = parse(text);
  return parsed.ok ? [] : parsed.problems.map(({ code, path, line }) => `${code} ${path} ${line}`);
};
const shapes = (...gates: string[]): string => `${SHAPES_SPEC}gates:\n${gates.map((gate) => `  - ${gate}\n`).join('')}`;
const FIRST_LINE = SHAPES_SPEC.split('\n').length + 1;

const LABELS_SPEC = `apiVersion: bakeoff/v1
name: labels
models: [{ model: tesseract, params: { language: eng } }]
items:
  - { id: a, input: { messages: [{ role: user, content: x }] }, reference: { label: x } }
scorers: [labels]
`;

describe('a spec with gates', () => {
  it('is accepted, and parses again to itself', () => {
    const text = shapes(
      '{ metric: score.total, min: 60 }',
      '{ metric: shapes.alignment, model: pocket-t2v, maxRegression: significant }',
      '{ metric: shapes.drift, maxRegression: 10%, baseline: shapes-steps-20261120-120000 }',
      '{ metric: video.flicker, max: 0.5 }',
      '{ metric: latency.p50.certified, max: 900 }',
      '{ metric: throughput.samples, min: 0.5 }',
    );
    const first = parse(text);
    if (!first.ok) throw new Error(JSON.stringify(first.problems));

    expect(first.spec.gates?.length).toBe(6);
    expect(parse(JSON.stringify(first.spec))).toMatchObject({ ok: true, spec: first.spec });
  });

  it('is refused with all problems of its gates, each at its place, beside those of its other sections', () => {
    const text = shapes(
      '{ metric: score.total, min: 160 }',
      '{ metric: shapes.alignmet, min: 0.5 }',
      '{ metric: text.cer, max: 0.1, model: tesseract }',
      '{ metric: video.flicker, maxRegression: 1 }',
      '{ metric: latency.p50.empirical, maxRegression: significant }',
      '{ metric: goodput.rate, min: 1 }',
      '{ metric: shapes.drift, mim: 1 }',
    ).replace('concurrency: 1', 'concurrency: 0');

    const at = (line: number): number => FIRST_LINE + line;
    expect(problems(text)).toEqual([
      expect.stringContaining('number-too-small load.concurrency'),
      `number-too-large gates[0].min ${at(0)}`,
      `unknown-metric gates[1].metric ${at(1)}`,
      `scorer-not-listed gates[2].metric ${at(2)}`,
      `not-one-of gates[2].model ${at(2)}`,
      `metric-without-direction gates[3].metric ${at(3)}`,
      `not-one-of gates[4].maxRegression ${at(4)}`,
      `metric-not-measured gates[5].metric ${at(5)}`,
      `unknown-key gates[6].mim ${at(6)}`,
    ]);
  });

  it('knows how many samples a certified percentile takes', () => {
    const gated = (items: number) => shapes('{ metric: latency.p50.certified, max: 9 }').replace('limit: 8', `limit: ${items}`);

    expect(parse(gated(6)).ok).toBe(true);
    expect(parse(gated(5))).toMatchObject({
      ok: false,
      problems: [{ code: 'metric-not-measured', message: expect.stringContaining('p50 is certified from 11 samples on; a job has 10') }],
    });
  });

  it('tells the nearest name, and what a metric would need', () => {
    const parsed = parse(shapes('{ metric: shapes.alignmet, min: 0.5 }', '{ metric: ttft.p50.empirical, max: 9, model: pocket-t2w }'));

    expect(parsed).toMatchObject({
      ok: false,
      problems: [
        { nearest: 'shapes.alignment' },
        { code: 'metric-not-measured', message: expect.stringContaining('load.stream: true') },
        { nearest: 'pocket-t2v' },
      ],
    });
  });

  it.each([
    ['percentiles under offline load', OCR_SPEC, '{ metric: latency.p50.empirical, max: 9 }', 'metric-not-measured'],
    ['a total where it ranks by one metric', OCR_SPEC, '{ metric: score.total, min: 9 }', 'metric-not-measured'],
    ['an interval of the calibration error', LABELS_SPEC, '{ metric: labels.calibration-error, maxRegression: significant }', 'not-one-of'],
    ['a share of the calibration error', LABELS_SPEC, '{ metric: labels.calibration-error, maxRegression: 10% }', null],
    ['too few samples for a certified percentile', SHAPES_SPEC, '{ metric: latency.p99.9.certified, max: 9 }', 'metric-not-measured'],
    ['throughput under offline load', OCR_SPEC, '{ metric: throughput.samples, min: 9 }', null],
    ['what a stream has', SHAPES_SPEC.replace('warmup: 2', 'stream: true'), '{ metric: gap.p50.empirical, max: 9 }', null],
    ['what objectives have', `${SHAPES_SPEC}slo: { latencyMs: 900 }\n`, '{ metric: goodput.share, min: 0.9 }', null],
  ])('knows whether the run will have %s', (_, base, gate, code) => {
    expect(problems(`${base}gates: [${gate}]\n`).map((problem) => problem.split(' ')[0])).toEqual(code === null ? [] : [code]);
  });

  it.each([
    ['{ metric: shapes.alignment, min: 0 }', 'number-too-small'],
    ['{ metric: shapes.alignment, max: 1 }', 'number-too-large'],
    ['{ metric: shapes.alignment, min: 0, max: 1 }', 'number-too-large'],
    ['{ metric: shapes.alignment, min: 0, max: 0.9 }', null],
    ['{ metric: shapes.alignment, min: -0.1, max: 0.9 }', 'number-too-small'],
    ['{ metric: shapes.drift, max: 1000000 }', null],
    ['{ metric: shapes.drift, min: 0 }', 'number-too-small'],
    ['{ metric: shapes.alignment, maxRegression: 0.999 }', null],
    ['{ metric: shapes.alignment, maxRegression: 1 }', 'number-too-large'],
    ['{ metric: shapes.drift, maxRegression: 7 }', null],
    ['{ metric: latency.p50.empirical, min: 0 }', 'number-too-small'],
  ])('is told of thresholds that no value could break: %s', (gate, code) => {
    expect(problems(shapes(gate)).map((problem) => problem.split(' ')[0])).toEqual(code === null ? [] : [code]);
  });

  it('is refused a regression of a total that depends on the jobs of a run', () => {
    const joint = SHAPES_SPEC.replace(/^score: .*$/m, 'score: { profile: mean-win-rate, metrics: [shapes.alignment, shapes.drift] }');
    const gates = 'gates: [{ metric: score.total, min: 0.5 }, { metric: score.total, maxRegression: 0.1 }]';
    expect(problems(`${joint}${gates}\n`)).toEqual([expect.stringContaining('unknown-key gates[1].maxRegression')]);
  });

  it('is not told twice of a scorer that is not there, nor of gates while its models are broken', () => {
    const text = DIABETES_SPEC.replace('"numbers"]', '"numbrs"], "gates": [{ "metric": "numbrs.mae", "max": 1, "model": "lasso" }]');
    expect(problems(text).map((problem) => problem.split(' ')[0])).toEqual(['unknown-scorer', 'not-one-of']);
    expect(problems(text.replace('{ "model": "ridge"', '{ "modl": "ridge"')).join()).not.toContain('gates[0].model');
  });
});

describe('the exit code of a run', () => {
  it('is 1 for a gate that failed even where the run is not whole, 3 for what could not be judged', () => {
    const of = (outcome: 'passed' | 'failed' | 'unjudged') => ({ outcome });
    expect([runExitCode('succeeded', undefined), runExitCode('succeeded', of('passed'))]).toEqual([0, 0]);
    expect([runExitCode('succeeded', of('failed')), runExitCode('incomplete', of('failed'))]).toEqual([1, 1]);
    expect([runExitCode('incomplete', of('passed')), runExitCode('succeeded', of('unjudged'))]).toEqual([3, 3]);
    expect([runExitCode('failed', undefined), runExitCode('rejected', undefined), runExitCode('cancelled', of('unjudged'))]).toEqual([
      1, 2, 3,
    ]);
  });
});
