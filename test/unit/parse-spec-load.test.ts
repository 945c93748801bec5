/** Loads in specs: what is refused and where, and what becomes of a sound one in the plan. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256Hex } from '../../lib/core/canonical-json.ts';
import { jobSchema } from '../../lib/core/job.ts';
import { drawSchedule, scheduleLabel } from '../../lib/core/load/schedule.ts';
import { parseTraceFile, refusedTrace, type TraceFile } from '../../lib/core/load/trace-file.ts';
import { parseSpec, traceProblems } from '../../lib/core/parse-spec.ts';
import { type PlannedRun, planRun } from '../../lib/core/plan.ts';
import { specSchema } from '../../lib/core/spec.ts';
import { DIABETES_SPEC, OCR_SPEC, SHAPES_SPEC, testRegistry } from '../fixtures/registry-fixture.ts';

/** Six items, twice each, with the load and whatever else is given. */
const specWith = (load: string, more = ''): string => `${SHAPES_SPEC.replace(/^load: .*$/m, `load: ${load}`)}${more}`;

function parsed(text: string, trace?: TraceFile) {
  return parseSpec(text, { registry: testRegistry, ...(trace === undefined ? {} : { trace }) });
}

function problemsOf(text: string, trace?: TraceFile): string[] {
  const result = parsed(text, trace);
  return result.ok ? [] : result.problems.map(({ code, path, line, seen }) => `${code} ${path} ${line} ${seen}`);
}

function planned(text: string, trace?: TraceFile): PlannedRun {
  const result = parsed(text, trace);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return planRun({ spec: result.spec, registry: testRegistry, runId: 'run-1', softwareVersion: '9.9.9' });
}

const timesOf = (text: string): TraceFile => parseTraceFile(new TextEncoder().encode(text));

describe('the examples of docs/loads.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/loads.md'), 'utf8');
  const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);

  it('are every mode', () => {
    const modes = examples.map((text) => specSchema.pick({ load: true, slo: true }).parse(parse(text)).load.mode);
    expect(modes).toEqual(['closed', 'offline', 'poisson', 'constant', 'trace']);
  });

  it.each(examples)('are accepted: %s', (example) => {
    const text = JSON.stringify({ ...parse(DIABETES_SPEC), samples: { perItem: 1000 }, ...parse(example) });
    expect(problemsOf(text, timesOf('0\n1\n'))).toEqual([]);
  });
});

describe('a load is refused', () => {
  it.each([
    ['a trace without times', '{ mode: trace }', 'trace-without-times load 10 null'],
    ['a trace with both', '{ mode: trace, file: a.txt, timesMs: [1] }', 'trace-file-and-times load.file 10 "a.txt"'],
    ['a trace whose file nobody read', '{ mode: trace, file: a.txt }', 'trace-file-not-read load.file 10 "a.txt"'],
    [
      'times that fall',
      '{ mode: trace, timesMs: [1, 5, 4, 9, 8] }',
      'trace-not-ascending load.timesMs[2] 10 4',
      'trace-not-ascending load.timesMs[4] 10 8',
    ],
    ['a trace that begins after its end', '{ mode: trace, timesMs: [5000], duration: 1s }', 'schedule-empty load.duration 10 "1s"'],
    ['a moment in which nobody comes', '{ mode: poisson, rate: 0.001, duration: 1ms }', 'schedule-empty load.duration 10 "1ms"'],
    ['a schedule longer than its job', '{ mode: constant, rate: 0.0001 }', 'load-exceeds-job load 10 last request due after 110000 s'],
    [
      'a ramp that outlasts the samples',
      '{ mode: constant, rate: 100, ramp: 1h }',
      'ramp-covers-load load.ramp 10 ramp 1h, last request due after 28.14 s',
    ],
    [
      'a ramp as long as its duration',
      '{ mode: poisson, rate: 100, ramp: 5s, duration: 5s }',
      'ramp-covers-load load.ramp 10 ramp 5s, duration 5s',
    ],
    [
      'all three times of zero',
      '{ mode: constant, rate: 5, ramp: 0s, duration: 0ms, grace: 0m }',
      'duration-is-zero load.ramp 10 "0s"',
      'ramp-covers-load load.ramp 10 ramp 0s, duration 0ms',
      'duration-is-zero load.duration 10 "0ms"',
      'duration-is-zero load.grace 10 "0m"',
    ],
    ['a rate of nothing', '{ mode: poisson, rate: 0 }', 'number-too-small load.rate 10 0'],
    ['no rate', '{ mode: constant }', 'missing-key load.rate 10 null'],
    ['a rate without end', '{ mode: constant, rate: .inf }', 'number-not-finite load.rate 10 Infinity'],
    ['a time before the start', '{ mode: trace, timesMs: [-1, 2] }', 'number-too-small load.timesMs[0] 10 -1'],
    ['a rate for a trace', '{ mode: trace, timesMs: [1], rate: 3 }', 'unknown-key load.rate 10 "rate"'],
    [
      'a time beside a misspelt key',
      '{ mode: constant, rate: 5, grace: 0s, maxInflight: 3 }',
      'duration-is-zero load.grace 10 "0s"',
      'unknown-key load.maxInflight 10 "maxInflight"',
    ],
  ])('for %s', (_, load, ...expected) => {
    expect(problemsOf(specWith(load))).toEqual(expected);
  });

  it('for every fault of its file, at the place of the file', () => {
    const text = specWith('\n  mode: trace\n  file: a.txt');
    const trace = timesOf('0\nx\n-1\n');

    expect(problemsOf(text, trace)).toEqual(['trace-line-invalid load.file 12 "x"', 'trace-line-invalid load.file 12 "-1"']);
    if (!trace.ok)
      expect(traceProblems(text, trace).map(({ code, line, message }) => `${code} ${line} ${message}`)).toEqual([
        'trace-line-invalid 12 a line of the trace is not a time: line 2',
        'trace-line-invalid 12 a line of the trace is not a time: line 3',
      ]);
    expect(problemsOf(text, refusedTrace({ code: 'trace-file-outside' }))).toEqual(['trace-file-outside load.file 12 "a.txt"']);
  });

  it('for times that make a spec too long to be stored and read again', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => index);
    expect(problemsOf(specWith(`{ mode: trace, timesMs: ${JSON.stringify(many)} }`))).toEqual([
      expect.stringMatching(/^trace-too-long load 10 100000 times, which make a spec of \d{7} bytes$/),
    ]);
  });
});

describe('objectives are refused', () => {
  it.each([
    ['none', '{}', '{ mode: closed }', 'mapping-empty slo 16 null'],
    ['a first token that is not streamed', '{ ttftMs: 5 }', '{ mode: closed }', 'slo-without-stream slo.ttftMs 16 load.stream false'],
    ['any of them in offline load', '{ latencyMs: 5 }', '{ mode: offline }', 'slo-of-offline slo 16 {"latencyMs":5}'],
    ['one of a wrong type', '{ latencyMs: fast }', '{ mode: closed }', 'wrong-type slo.latencyMs 16 "fast"'],
  ])('for %s', (_, slo, load, expected) => {
    expect(problemsOf(specWith(load, `slo: ${slo}\n`))).toEqual([expected]);
  });

  it('not where the stream may have been meant, nor where it is there', () => {
    const misspelt = problemsOf(specWith('{ mode: closed, streams: true }', 'slo: { ttftMs: 5 }\n'));
    expect(misspelt).toEqual(['unknown-key load.streams 10 "streams"']);
    expect(problemsOf(specWith('{ mode: closed, stream: true }', 'slo: { ttftMs: 5, latencyMs: 9 }\n'))).toEqual([]);
  });
});

describe('what a model serves at once', () => {
  it('bounds the clients of closed and offline loads, and of every warm-up', () => {
    expect(problemsOf(specWith('{ mode: closed, concurrency: 2 }'))).toEqual(['above-max-concurrency load.concurrency 10 2']);
    expect(problemsOf(specWith('{ mode: constant, rate: 5, warmupConcurrency: 2 }'))).toEqual([
      'above-max-concurrency load.warmupConcurrency 10 2',
    ]);
  });

  it('does not bound an open loop, whose queue is what is measured', () => {
    expect(problemsOf(specWith('{ mode: poisson, rate: 5, maxInFlight: 4096 }'))).toEqual([]);
  });
});

describe('a frozen load', () => {
  it('has its schedule in common with every other job, and with the seed that the report names', () => {
    const { jobs } = planned(
      specWith('{ mode: poisson, rate: 5, duration: 1s, ramp: 200ms, grace: 3s, stream: true }', 'slo: { ttftMs: 5 }\n'),
    );
    const load = {
      mode: 'poisson',
      ...{ ratePerSecond: 5, maxInFlight: 1024, stopOnSaturation: true, warmup: 2, stream: true },
      ...{ durationMs: 1000, rampMs: 200, graceMs: 3000 },
    } as const;
    const arrivals = drawSchedule(load, 12, scheduleLabel(42)).length;

    expect(arrivals).toBeLessThan(12);
    for (const job of jobs) {
      expect(job.load).toEqual({ ...load, arrivals });
      expect(job.slo).toEqual({ ttftMs: 5 });
      expect(jobSchema.parse(job)).toEqual(job);
    }
  });

  it('of a trace has its times apart, cut to the samples, and in the spec instead of the file', () => {
    const times = timesOf(Array.from({ length: 20 }, (_, second) => `${second}\n`).join(''));
    const { jobs, trace, spec } = planned(specWith('{ mode: trace, file: traffic/a.txt }'), times);
    const timesMs = Array.from({ length: 12 }, (_, second) => second * 1000);

    expect(trace).toEqual({ timesMs });
    expect(jobs[0]?.load).toMatchObject({
      arrivals: 12,
      traceKey: 'runs/run-1/trace.json',
      traceSha256: sha256Hex(canonicalJson({ timesMs })),
    });
    expect(spec.load).toMatchObject({ mode: 'trace', timesMs: Array.from({ length: 20 }, (_, second) => second * 1000) });
    expect(spec.load).not.toHaveProperty('file');
    expect(problemsOf(JSON.stringify(spec))).toEqual([]);
  });

  it('with a duration sends no more than is due by then, and without one all samples', () => {
    expect(planned(specWith('{ mode: constant, rate: 4, duration: 2s }')).jobs[0]?.load).toMatchObject({ arrivals: 9 });
    expect(planned(specWith('{ mode: constant, rate: 4 }')).jobs[0]?.load).toMatchObject({ arrivals: 12 });
    expect(planned(specWith('{ mode: trace, timesMs: [0, 7, 9], duration: 8ms }')).jobs[0]?.load).toMatchObject({ arrivals: 2 });
  });

  it('has nothing that was not asked for: plans of earlier versions and new ones are alike', () => {
    expect(planned(SHAPES_SPEC).jobs[0]?.load).toEqual({ mode: 'closed', concurrency: 1, warmup: 2 });
    expect(planned(OCR_SPEC).jobs[0]?.load).toEqual({ mode: 'offline', maxInFlight: 2, warmup: 2 });
  });
});
