/** `bakeoff stats` as it is called, and what it says: percentiles by rank, intervals, power; refusals by line. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { main } from '../../lib/cli/program.ts';
import { estimate } from '../../lib/core/measures/estimate.ts';
import { meanEstimator } from '../../lib/core/measures/estimator.ts';
import { numberLines } from '../../lib/core/measures/number-lines.ts';
import { summariseNumbers } from '../../lib/core/measures/number-summary.ts';

async function call(argv: readonly string[], input: string) {
  const told = { stdout: '', stderr: '' };
  const exitCode = await main(argv, {
    stdout: { write: (text) => (told.stdout += text) },
    stderr: { write: (text) => (told.stderr += text) },
    stdin: (async function* () {
      const bytes = new TextEncoder().encode(input);
      for (let at = 0; at < bytes.length; at += 11) yield bytes.subarray(at, at + 11);
    })(),
    environment: {},
    cwd: '/',
    root: '/',
    isTty: false,
    isStdoutTty: false,
    columns: 80,
  });
  return { exitCode, ...told };
}

const numbers = (values: readonly number[]): string => values.map((value) => `${value}\n`).join('');
const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index);
const summary = (values: readonly number[], power?: { difference: number | null; precision: number | null }) =>
  summariseNumbers(Float64Array.from(values), power === undefined ? {} : { power });

describe('bakeoff stats', () => {
  it('prints mean, interval, spread and both kinds of percentiles', async () => {
    const { exitCode, stdout, stderr } = await call(['stats', '-', '--json'], numbers(upTo(100)));

    expect([exitCode, stderr]).toEqual([0, '']);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      ...{ n: 100, mean: 49.5, meanReason: null, ciReason: null },
      ci: { confidence: 0.95, method: 'bca-bootstrap', low: expect.closeTo(43.5, 0), high: expect.closeTo(55.3, 0) },
      percentiles: {
        p50: { empirical: 50, method: 'sorted[floor(n * p)], zero-based', minN: 11 },
        p90: { empirical: 90, certified: 97, minN: 64 },
        p95: { empirical: 95, certified: null, certifiedReason: 'needs 130 samples, has 100', minN: 130 },
        p99: { empirical: 99, minN: 662 },
        'p99.9': { empirical: 99, minN: 6636 },
      },
    });
    expect(document.sd).toBeCloseTo(29.011491975882016, 12);
    expect(document).not.toHaveProperty('power');
  });

  it('lets failed samples stand at the top, and gives no mean over the rest', async () => {
    const { stdout } = await call(['stats', '-', '--json'], `${numbers(upTo(18))}inf\nInfinity\n`);

    expect(JSON.parse(stdout)).toMatchObject({
      ...{ n: 20, mean: null, meanReason: expect.stringContaining('failed'), ci: null, sd: null },
      percentiles: { p50: { empirical: 10 }, p90: { empirical: null, empiricalReason: expect.stringContaining('censored') } },
    });
  });

  it('refuses lines that hold no number, by line', async () => {
    const { exitCode, stdout } = await call(['stats', '-', '--json'], '1\n\n2,5\nNaN\n-inf\n0x10\n1e999\n3');

    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error.message.match(/line \d/g)).toEqual(['line 2', 'line 3', 'line 4', 'line 5', 'line 6', 'line 7']);
  });

  it('refuses an empty file, and a wish that is no positive number', async () => {
    const empty = await call(['stats', '-', '--json'], '');
    const wish = await call(['stats', '-', '--power', '--precision', '-1', '--json'], '1\n');

    expect([empty.exitCode, JSON.parse(empty.stdout).error.code]).toEqual([2, 'table-empty']);
    expect([wish.exitCode, JSON.parse(wish.stdout).error.code]).toEqual([2, 'bad-usage']);
  });

  it('prints at most 80 columns for people', async () => {
    const { stdout } = await call(['stats', '-', '--power', '--difference', '2'], numbers(upTo(100).map((value) => value / 7)));

    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/^p99 +14.1429 +needs 662 samples, has 100$/m);
    expect(stdout).toMatch(/100 numbers resolve \(80 % power, 95 % confidence\)/);
  });

  it('plans: what so many numbers resolve, and how many a wish needs', async () => {
    const { stdout } = await call(['stats', '-', '--difference', '10', '--precision', '5', '--json'], numbers(upTo(100)));

    const { power } = JSON.parse(stdout);
    expect(power).toMatchObject({ confidence: 0.95, power: 0.8, reason: null, forPrecision: [{ halfWidth: 5, n: 132 }] });
    expect(power.resolvable.paired).toBeCloseTo(8.207, 3);
    expect(power.resolvable.independent).toBeCloseTo(11.55, 3);
    expect(power.forDifference).toEqual({ difference: 10, paired: 68, independent: 134 });
  });
});

describe('the reader of numbers', () => {
  it('reads what the language reads, in pieces of any length', () => {
    const decimal = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.integer().map(String),
      fc.tuple(fc.integer({ min: 0, max: 99999999 }), fc.nat({ max: 9999999 })).map(([whole, part]) => `-${whole}.${part}`),
      fc.constantFrom('0', '-0', '.5', '5.', '+7', ' 8 ', '1e5', '123456789012345', '1234567890123456', '0.1', '0.000000000000001', '9\r'),
    );
    fc.assert(
      fc.property(fc.array(decimal, { minLength: 1 }), fc.integer({ min: 1, max: 9 }), (texts, piece) => {
        const reader = numberLines();
        const text = texts.join('\n');
        for (let at = 0; at < text.length; at += piece) reader.write(text.slice(at, at + piece));
        expect([...reader.end()]).toEqual(texts.map(Number));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a summary', () => {
  const list = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });

  it('does not depend on the order of the numbers', () => {
    fc.assert(
      fc.property(list, (values) => {
        expect(summary(values.toReversed(), { difference: 1, precision: null })).toEqual(
          summary(values, { difference: 1, precision: null }),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('moves with a shift and stretches with a unit', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 12, maxLength: 40 }), (values) => {
        const [plain, moved] = [summary(values), summary(values.map((value) => 4 * value + 1e6))];
        expect(moved.mean).toBeCloseTo(4 * plain.mean! + 1e6, 6);
        expect(moved.sd).toBeCloseTo(4 * plain.sd!, 6);
        if (plain.ci !== null && plain.ci.method !== 'wilson') expect(moved.ci!.low).toBeCloseTo(4 * plain.ci.low + 1e6, 4);
        expect(moved.percentiles.p50!.empirical).toBe(4 * plain.percentiles.p50!.empirical! + 1e6);
      }),
      { numRuns: 30 },
    );
  });

  it('holds its mean within its interval and between its ends', () => {
    fc.assert(
      fc.property(list, (values) => {
        const { mean, ci } = summary(values);
        expect(mean).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6);
        expect(mean).toBeLessThanOrEqual(Math.max(...values) + 1e-6);
        if (ci !== null) expect(ci.low).toBeLessThanOrEqual(ci.high);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps its digits where a large part is common to all numbers', () => {
    // Sixteenths, so that the sums themselves are exact.
    const small = [1, 2, 4, 3, 9, 7, 6, 8, 5, 0, 1, 3].map((value) => value / 16);
    const [plain, large] = [summary(small), summary(small.map((value) => value + 2 ** 30))];

    expect(large.sd).toBeCloseTo(plain.sd!, 6);
    expect(large.ci!.high - large.ci!.low).toBeCloseTo(plain.ci!.high - plain.ci!.low, 6);
  });

  it('has the interval of the jackknife for more numbers than are resampled, without leaving any out', () => {
    const values = Array.from({ length: 12_000 }, (_, index) => ((index * 7919) % 1000) ** 2);
    const estimator = meanEstimator(Float64Array.from(values), false);
    const { interval } = estimate(
      estimator,
      { items: Uint32Array.from(values, (_, index) => index), repeats: 1 },
      { confidence: 0.95, label: 'stats.mean' },
    );

    const { ci } = summary(values);

    expect(ci).toEqual({ ...interval, low: expect.closeTo(interval!.low, 6), high: expect.closeTo(interval!.high, 6) });
  });

  it('gives no interval to numbers that do not vary, nor power', () => {
    const { ci, ciReason, sd, power } = summary(new Array(20).fill(3), { difference: null, precision: 1 });

    expect([ci, ciReason, sd]).toEqual([null, 'the numbers do not vary', 0]);
    expect(power).toMatchObject({ resolvable: { paired: null, independent: null }, forPrecision: [], reason: 'the numbers do not vary' });
  });
});
