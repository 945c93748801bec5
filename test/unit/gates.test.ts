/** Gates as rules: what a file may say, what passes, and how a verdict is written for build servers and pull requests. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gateLines } from '../../lib/cli/print-gates.ts';
import type { GateVerdict, Judgement } from '../../lib/core/gates/gate-verdict.ts';
import { exitCodeOf, judgeBound, judgeRegression, type MetricReading } from '../../lib/core/gates/judge-gate.ts';
import { parseGates } from '../../lib/core/gates/parse-gates.ts';
import type { Comparison } from '../../lib/core/scores.ts';
import { buildReport } from '../../lib/report/build-report.ts';
import { gateJunit } from '../../lib/report/gate-junit.ts';
import { gateMarkdown } from '../../lib/report/gate-markdown.ts';
import { readMetric } from '../../lib/report/metric-reading.ts';
import { reportFixture } from '../fixtures/report-fixture.ts';

type Value = Extract<MetricReading, { kind: 'value' }>;
const value = (of: number, changes: Partial<Value> = {}): Value => ({
  ...{
    kind: 'value',
    value: of,
    unit: 'points',
    direction: 'higher',
    range: [null, null],
    missingSamples: 0,
    failedSamples: 0,
    unmeasuredSamples: 0,
  },
  ...changes,
});
const baseline = (reading: MetricReading, comparison: Comparison | null = null) => ({ reading, obstacle: null, comparison });
const relative = (share: number) => ({ allowed: { kind: 'relative' as const, share } });
const SIGNIFICANT = { allowed: { kind: 'significant' as const } };

describe('failed samples and bounds', () => {
  const mostlyRight = { range: [0, 1] as [number, number], failedSamples: 15 };

  it('leave a bound unjudged that holds for what was answered alone', () => {
    const doubtful = judgeBound({ min: 0.9, max: null }, value(0.92, { ...mostlyRight, worstValue: 0.78 }));
    expect(doubtful).toEqual({
      kind: 'unjudged',
      reason: 'it would pass without the 15 samples that failed; with them at their worst it is 0.78',
    });
    expect(judgeBound({ min: 0.7, max: null }, value(0.92, { ...mostlyRight, worstValue: 0.78 })).kind).toBe('passed');
    expect(judgeBound({ min: 0.95, max: null }, value(0.92, { ...mostlyRight, worstValue: 0.78 })).kind).toBe('failed');
  });

  it('are read at the worst end of the range, for means that have one', async () => {
    const report = await buildReport(reportFixture('video'));
    const job = report.jobs.find(({ scores }) => (scores?.failed ?? 0) > 0 && scores?.metrics.some(({ value: of }) => of !== null));
    const scores = job!.scores!;
    const score = scores.metrics.find(
      ({ aggregation, info, value: of }) => aggregation === 'mean' && info.direction === 'higher' && of !== null,
    )!;
    const reading = readMetric(job!, score.name, true);
    const expected = ((score.value ?? 0) * score.n + (score.info.range[0] ?? 0) * scores.failed) / (score.n + scores.failed);
    expect(reading).toMatchObject({ kind: 'value', failedSamples: scores.failed, worstValue: expected });
    expect(readMetric(report.jobs.find((other) => other.scores?.failed === 0)!, score.name, true)).not.toHaveProperty('worstValue');
  });
});

describe('a file of gates', () => {
  it('holds bounds and regressions; the baseline is the latest run unless it is named', () => {
    const text =
      'gates:\n  - { metric: score.total, min: 60, model: ridge }\n  - { metric: latency.p90.certified, maxRegression: 2.5 % }\n' +
      '  - { metric: text.cer, baseline: run-1, maxRegression: 0.01 }\n  - { metric: text.cer, maxRegression: significant }\n';

    expect(parseGates(text)).toEqual({
      ok: true,
      gates: [
        { kind: 'bound', metric: 'score.total', model: 'ridge', min: 60, max: null },
        {
          kind: 'regression',
          metric: 'latency.p90.certified',
          model: null,
          baseline: 'latest',
          allowed: { kind: 'relative', share: 0.025 },
        },
        { kind: 'regression', metric: 'text.cer', model: null, baseline: 'run-1', allowed: { kind: 'absolute', amount: 0.01 } },
        { kind: 'regression', metric: 'text.cer', model: null, baseline: 'latest', allowed: { kind: 'significant' } },
      ],
    });
  });

  it.each([
    ['{ metric: text.cer }', 'missing-key', /min, max or maxRegression/],
    ['{ metric: text.cer, mni: 1 }', 'unknown-key', /metric, model, min/],
    ['{ metric: text.cer, min: 1, maxRegression: 10% }', 'unknown-key', null],
    ['{ metric: text.cer, min: 1, baseline: run-1 }', 'unknown-key', null],
    ['{ metric: text.cer, min: 2, max: 1 }', 'number-too-large', /at most max, 1/],
    ['{ metric: text.cer, max: .inf }', 'number-not-finite', null],
    ['{ metric: cer, max: 1 }', 'invalid-metric-name', null],
    ['{ metric: latency.p90, max: 1 }', 'invalid-metric-name', /empirical or .certified/],
    ['{ metric: text.cer, maxRegression: ten }', 'not-one-of', /10%/],
    ['{ metric: text.cer, maxRegression: -1 }', 'number-too-small', null],
    ['{ metric: latency.p90.certified, maxRegression: significant }', 'not-one-of', /in the unit of the metric/],
    ['{ metric: ttft.p50, max: 1 }', 'invalid-metric-name', /empirical or .certified/],
    ['{ metric: gap.p95.certified, max: 1 }', 'invalid-metric-name', /gap.* and .empirical/],
    ['{ metric: goodput.rat, min: 1 }', 'invalid-metric-name', /share or goodput.rate/],
    ['{ metric: throughput.tokens, maxRegression: significant }', 'not-one-of', null],
    ['{ max: 1 }', 'missing-key', /metric/],
  ])('%s is refused with its place', (rule, code, expected) => {
    const parsed = parseGates(`gates:\n  - { metric: text.wer, max: 1 }\n  - ${rule}\n`);

    const problems = parsed.ok ? [] : parsed.problems;
    expect(problems.map((problem) => [problem.code, problem.line])).toEqual([[code, 3]]);
    if (expected !== null) expect(problems[0]?.expected).toMatch(expected);
  });

  it('tells all problems at once, and names near ones', () => {
    const parsed = parseGates('gates:\n  - { metric: text.cer, mxa: 1, min: 2 }\n  - { metric: text.cer }\n');

    expect(parsed.ok ? [] : parsed.problems).toMatchObject([{ code: 'unknown-key', nearest: 'max' }, { code: 'missing-key' }]);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseGates(text)));
    for (const text of ['', '[]', 'gates: {}', 'gates: []', 'gates: [1]', 'a: [']) expect(parseGates(text).ok).toBe(false);
  });
});

describe('a bound', () => {
  it('includes its ends', () => {
    expect(judgeBound({ min: 1, max: 2 }, value(1)).kind).toBe('passed');
    expect(judgeBound({ min: 1, max: 2 }, value(2)).kind).toBe('passed');
    expect(judgeBound({ min: 1, max: 2 }, value(2.01))).toEqual({ kind: 'failed', reason: 'above 2' });
    expect(judgeBound({ min: 1, max: null }, value(0.99))).toEqual({ kind: 'failed', reason: 'below 1' });
  });

  it('that no value could break fails: it is a mistake', () => {
    expect(judgeBound({ min: 0, max: null }, value(5, { range: [0, 1] })).kind).toBe('failed');
    expect(judgeBound({ min: null, max: 50 }, value(0.5, { range: [0, 1] })).reason).toContain('no value could fail it');
  });

  it('fails without a value, and passes on no part of the samples', () => {
    expect(judgeBound({ min: 0, max: null }, { kind: 'absent', reason: 'not certified' })).toEqual({
      kind: 'failed',
      reason: 'not certified',
    });
    expect(judgeBound({ min: 1, max: null }, value(2, { missingSamples: 3 })).kind).toBe('unjudged');
    expect(judgeBound({ min: 1, max: null }, value(0, { missingSamples: 3 })).kind).toBe('failed');
    expect(judgeBound({ min: 1, max: null }, value(2, { failedSamples: 3 })).reason).toContain('3 samples failed');
    expect(judgeBound({ min: 1, max: null }, value(2, { unmeasuredSamples: 1 })).reason).toBe(
      'within its bounds; 1 answer without a value',
    );
  });

  it('that is tightened turns no failure into a pass', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(number, number, fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (of, bound, by) => {
        const passes = (min: number | null, max: number | null) => judgeBound({ min, max }, value(of)).kind === 'passed';
        if (passes(bound + by, null)) expect(passes(bound, null)).toBe(true);
        if (passes(null, bound - by)) expect(passes(null, bound)).toBe(true);
      }),
    );
  });
});

describe('a regression', () => {
  it('is measured in the direction of the metric, as a share or as a number', () => {
    const lower = { direction: 'lower' as const };
    expect(judgeRegression(relative(0.1), value(91), baseline(value(100))).kind).toBe('passed');
    expect(judgeRegression(relative(0.1), value(89), baseline(value(100)))).toEqual({ kind: 'failed', reason: 'worse by 11 (11 %)' });
    expect(judgeRegression(relative(0.1), value(109, lower), baseline(value(100, lower))).kind).toBe('passed');
    expect(judgeRegression(relative(0.1), value(111, lower), baseline(value(100, lower))).kind).toBe('failed');
    expect(judgeRegression({ allowed: { kind: 'absolute', amount: 2 } }, value(-3), baseline(value(-1))).kind).toBe('passed');
    expect(judgeRegression(relative(0.1), value(-3), baseline(value(-1))).kind).toBe('failed');
  });

  it('of a run against itself there is none', () => {
    const direction = fc.constantFrom('higher' as const, 'lower' as const);
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        direction,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (of, way, share) => {
          const own = value(of, { direction: way });
          expect(judgeRegression(relative(share), own, baseline(own)).kind).toBe('passed');
          expect(judgeRegression({ allowed: { kind: 'absolute', amount: share } }, own, baseline(own)).kind).toBe('passed');
        },
      ),
    );
  });

  it('that is allowed less turns no failure into a pass', () => {
    const number = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(number, number, share, share, (of, before, one, two) => {
        const passes = (allowed: number) => judgeRegression(relative(allowed), value(of), baseline(value(before))).kind === 'passed';
        if (passes(Math.min(one, two))) expect(passes(Math.max(one, two))).toBe(true);
      }),
    );
  });

  it('cannot be told without a baseline, its value, a direction, or from 0 by a share', () => {
    const reasons = [
      judgeRegression(relative(0.1), value(1), null, 'no earlier run'),
      judgeRegression(relative(0.1), value(1), baseline({ kind: 'absent', reason: 'contended' })),
      judgeRegression(relative(0.1), value(1, { direction: 'none' }), baseline(value(1))),
      judgeRegression(relative(0.1), value(-1), baseline(value(0))),
      judgeRegression(relative(0.1), value(1), { ...baseline(value(1)), obstacle: 'another load' }),
      judgeRegression(relative(0.1), value(90, { unit: 'percent' }), baseline(value(0.95))),
      judgeRegression(relative(0.1), value(1), baseline(value(1, { direction: 'lower' }))),
    ];
    expect(reasons.map(({ kind }) => kind)).toEqual(Array(7).fill('failed'));
    expect(reasons.map(({ reason }) => reason).join('\n')).toMatch(
      /no earlier run\n.*contended\n.*direction.*\n.*0, of which.*\nanother load\n.*differently: points, .*\n.*differently: .*lower is better/,
    );
  });

  it('is significant where the interval of the difference lies on the worse side', () => {
    const compared = (low: number, high: number, changes: Partial<Comparison> = {}): Comparison => ({
      ...{ metric: 'text.cer', a: 'a', b: 'b', difference: (low + high) / 2, commonItems: 30, leftOut: 0, reason: null },
      ...{ interval: { low, high, confidence: 0.95, method: 'bca-bootstrap' }, verdict: 'not separable' },
      ...changes,
    });
    const judge = (comparison: Comparison, direction: 'higher' | 'lower' = 'higher') =>
      judgeRegression(SIGNIFICANT, value(1, { direction }), baseline(value(1), comparison)).kind;

    expect(judge(compared(-2, -1))).toBe('failed');
    expect(judge(compared(-2, -1), 'lower')).toBe('passed');
    expect(judge(compared(-2, 1))).toBe('passed');
    expect(judge(compared(1, 2))).toBe('passed');
    expect(judge(compared(1, 2), 'lower')).toBe('failed');
    // Too few items for an interval: only equality passes.
    expect(judge(compared(-1, -1, { interval: null, reason: 'no interval: under 10 items' }))).toBe('failed');
    expect(judge(compared(0, 0, { interval: null }))).toBe('passed');
    expect(judge(compared(-1, -1, { interval: null, verdict: 'b' }))).toBe('failed');
    expect(judge(compared(0, 0, { difference: null, verdict: 'not comparable', reason: 'no samples' }))).toBe('failed');
    expect(judgeRegression(SIGNIFICANT, value(1), baseline(value(1))).kind).toBe('failed');
  });
});

describe('the exit code', () => {
  it('is 1 for a failure, 3 for what could not be judged, else 0', () => {
    const of = (...kinds: ('passed' | 'failed' | 'unjudged')[]) => exitCodeOf(kinds.map((kind) => ({ kind, reason: '' })));
    expect([of('passed'), of('passed', 'unjudged'), of('unjudged', 'failed', 'passed')]).toEqual([0, 3, 1]);
  });
});

describe('the number of a job', () => {
  it('is absent, with the reason, where it is missing, uncertified, contended or of no such name', async () => {
    const report = await buildReport(reportFixture('numbers'));
    const job = report.jobs.find(({ scores }) => scores?.latency != null);
    const scores = job?.scores;
    if (job === undefined || scores == null || scores.latency === null) throw new Error('the fixture has no scored job');
    const contended = { ...job, scores: { ...scores, latency: { ...scores.latency, contended: true } } };
    const read = (of: typeof job, metric: string, isWhole = true) => readMetric(of, metric, isWhole);

    expect(read(job, 'numbers.mae')).toMatchObject({ kind: 'value', direction: 'lower', unmeasuredSamples: 0 });
    const metrics = scores.metrics.map((score) => ({ ...score, n: scores.succeeded - 5 }));
    expect(read({ ...job, scores: { ...scores, metrics } }, 'numbers.mae')).toMatchObject({ unmeasuredSamples: 5 });
    expect(read(job, 'latency.p50.empirical')).toMatchObject({ kind: 'value', unit: 'ms', unmeasuredSamples: 0 });
    const retried = { ...job, scores: { ...scores, latency: { ...scores.latency, leftOutRetried: 7 } } };
    expect(read(retried, 'latency.p50.empirical')).toMatchObject({ kind: 'value', unmeasuredSamples: 7 });
    expect(read(retried, 'throughput.samples')).toMatchObject({ kind: 'value', unmeasuredSamples: 0 });
    expect(read(job, 'latency.p99.certified')).toMatchObject({ kind: 'absent', reason: expect.stringMatching(/^not certified: /) });
    expect(read(contended, 'latency.p50.empirical')).toEqual({ kind: 'absent', reason: 'contended: other work ran beside it' });
    expect(read(job, 'numbers.mea')).toEqual({ kind: 'absent', reason: 'the job has no metric numbers.mea; did you mean numbers.mae?' });
    expect(read({ ...job, scores: null }, 'numbers.mae').kind).toBe('absent');
    expect(read({ ...job, scores: null }, 'numbers.mae', false).kind).toBe('unscored');
  });
});

describe('a verdict', () => {
  const judgement = (label: string, kind: Judgement['outcome']['kind']): Judgement => ({
    ...{ gate: { kind: 'bound', metric: 'text.cer', model: null, min: null, max: 1 }, text: 'text.cer at most 1', jobId: 'j', label },
    ...{ value: 2, unit: null, baseline: null, outcome: { kind, reason: label } },
  });
  const verdict = (labels: readonly string[]): GateVerdict => ({
    ...{ runId: 'run-1', name: 'demo', state: 'succeeded', outcome: 'failed', correction: null },
    judgements: labels.map((label, at) => judgement(label, (['failed', 'unjudged', 'passed'] as const)[at % 3] ?? 'failed')),
    baselines: [{ runId: 'run-0', ageDays: 40, warnings: [{ code: 'x', text: labels[0] ?? '', jobIds: [] }] }],
  });
  const NASTY = ['<b>&"\']]>', 'a|b\n# c', '\u0000\u001b[2J\ufffe\ud800', '\u202e@user `x` 😀', '-->', 'c', 'd'];

  it('is well-formed XML whatever jobs are called', () => {
    const script =
      'import sys, json, xml.etree.ElementTree as e\nr = e.fromstring(sys.stdin.buffer.read())\n' +
      's = r[0]\nprint(json.dumps([s.attrib, [c.tag for t in s.iter("testcase") for c in t], [t.get("name") for t in s.iter("testcase")]]))';

    const [counts, tags, names] = JSON.parse(execFileSync('python3', ['-c', script], { input: gateJunit(verdict(NASTY)) }).toString());

    expect(counts).toMatchObject({ tests: '7', failures: '3', errors: '2' });
    expect(tags).toEqual(['failure', 'error', 'failure', 'error', 'failure']);
    expect(names[0]).toBe('text.cer at most 1 (<b>&"\']]>)');
  });

  it('is lines on a terminal that no job can colour or clear', () => {
    const lines = gateLines(verdict(NASTY), 80).join('\n');
    expect(lines).toMatch(/^run-1 \(succeeded\): of 7 gates 3 failed, 2 could not be judged\nFAILED /);
    for (const sign of ['\u0000', '\u001b', '\u202e']) expect(lines).not.toContain(sign);
  });

  it('is a table in Markdown that nothing breaks out of, failures first', () => {
    const text = gateMarkdown(verdict(NASTY));

    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    expect(text).toMatch(/^### Bakeoff: of 7 gates 3 failed, 2 could not be judged\n/);
    expect(rows.length).toBe(2 + NASTY.length);
    for (const row of rows) expect(row.replaceAll('\\|', '').split('|').length).toBe(7);
    expect(rows.slice(2).map((row) => /(failed|unjudged|passed)\\?:/.exec(row)?.[1])).toEqual([
      ...Array(3).fill('failed'),
      ...Array(2).fill('unjudged'),
      ...Array(2).fill('passed'),
    ]);
    expect(text).toContain('Baseline run-0, 40 days older:');
    expect(text).not.toMatch(/<b>|[^\\]@user|\u202e/);
  });
});
