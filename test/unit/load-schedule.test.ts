/** Schedules of open loops: drawn from a published seed, with the gaps, the rate and the ramp that the formula promises. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandomStream } from '../../lib/core/measures/random.ts';
import { cutTrace, drawSchedule, type RatedLoad, scheduleLabel } from '../../lib/core/load/schedule.ts';

const poisson = (ratePerSecond: number, more: Partial<RatedLoad> = {}): RatedLoad => ({ mode: 'poisson', ratePerSecond, ...more });
const constant = (ratePerSecond: number, more: Partial<RatedLoad> = {}): RatedLoad => ({
  ...poisson(ratePerSecond, more),
  mode: 'constant',
});
const gapsOf = (times: Float64Array): Float64Array => times.map((time, index) => time - (index === 0 ? 0 : times[index - 1]!));
const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

const ratedArbitrary: fc.Arbitrary<RatedLoad> = fc.record({
  mode: fc.constantFrom('poisson', 'constant'),
  ratePerSecond: fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
  rampMs: fc.option(fc.integer({ min: 1, max: 600_000 }), { nil: undefined }),
  durationMs: fc.option(fc.integer({ min: 1, max: 600_000 }), { nil: undefined }),
});
const labelArbitrary = fc.nat().map(scheduleLabel);

describe('any schedule', () => {
  it('ascends from 0, is finite, and nothing in it is due after the duration', () => {
    fc.assert(
      fc.property(ratedArbitrary, fc.nat(300), labelArbitrary, (load, limit, label) => {
        const times = drawSchedule(load, limit, label);

        expect(times.length).toBeLessThanOrEqual(limit);
        expect(gapsOf(times).every((gap) => gap >= 0 && Number.isFinite(gap))).toBe(true);
        expect(times.every((time) => time <= (load.durationMs ?? Number.POSITIVE_INFINITY))).toBe(true);
      }),
    );
  });

  it('is the beginning of every longer one: fewer samples or a shorter duration move none of the others', () => {
    fc.assert(
      fc.property(ratedArbitrary, fc.nat(200), fc.nat(200), labelArbitrary, (load, a, b, label) => {
        const [short, long] = [drawSchedule(load, Math.min(a, b), label), drawSchedule(load, Math.max(a, b), label)];
        const endless = drawSchedule({ ...load, durationMs: undefined }, Math.max(a, b), label);

        expect([...long.slice(0, short.length)]).toEqual([...short]);
        expect([...endless.slice(0, long.length)]).toEqual([...long]);
        if (endless.length > long.length) expect(endless[long.length]).toBeGreaterThan(load.durationMs!);
      }),
    );
  });

  it('is the same however often it is drawn, and another for another seed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, other) => {
        const draw = (of: number) => [...drawSchedule(poisson(10), 20, scheduleLabel(of))];
        expect(draw(seed)).toEqual(draw(seed));
        if (seed !== other) expect(draw(seed)).not.toEqual(draw(other));
      }),
    );
  });

  it('has its times divided when its rate is multiplied', () => {
    fc.assert(
      fc.property(fc.constantFrom('poisson', 'constant'), fc.integer({ min: 1, max: 1000 }), labelArbitrary, (mode, factor, label) => {
        const [once, faster] = [1, factor].map((rate) => drawSchedule({ mode, ratePerSecond: rate }, 50, label));
        for (const [index, time] of faster!.entries()) expect(time * factor).toBeCloseTo(once![index]!, 6);
      }),
    );
  });
});

describe('Poisson arrivals', () => {
  const n = 20_000;
  const rate = 25;
  const gaps = gapsOf(drawSchedule(poisson(rate), n, scheduleLabel(42)));

  it('have exponential gaps: Kolmogorov and Smirnov do not object at 1 %', () => {
    const sorted = gaps.toSorted();
    const distance = sorted.reduce((worst, gap, index) => {
      const cdf = 1 - Math.exp((-rate * gap) / 1000);
      return Math.max(worst, Math.abs(cdf - index / n), Math.abs(cdf - (index + 1) / n));
    }, 0);

    expect(distance).toBeLessThan(1.628 / Math.sqrt(n));
  });

  it('come at the wanted rate, within five standard errors', () => {
    expect(Math.abs(sum(gaps) / n - 1000 / rate)).toBeLessThan((5 * 1000) / rate / Math.sqrt(n));
  });

  it('have gaps that tell nothing of the next one', () => {
    const mean = sum(gaps) / n;
    const [spread, together] = [gaps.map((gap) => (gap - mean) ** 2), gaps.slice(1).map((gap, i) => (gap - mean) * (gaps[i]! - mean))];

    expect(Math.abs(sum(together) / sum(spread))).toBeLessThan(5 / Math.sqrt(n));
  });

  it('are as many in a second as a Poisson count: its variance is its mean', () => {
    const counts = new Float64Array(Math.floor(sum(gaps) / 1000));
    for (const time of drawSchedule(poisson(rate), n, scheduleLabel(42))) {
      const second = Math.floor(time / 1000);
      if (second < counts.length) counts[second]! += 1;
    }
    const mean = sum(counts) / counts.length;
    const variance = sum(counts.map((count) => (count - mean) ** 2)) / (counts.length - 1);

    // The ratio times n - 1 is nearly chi-squared: its standard error is sqrt(2 / n).
    expect(Math.abs(variance / mean - 1)).toBeLessThan(5 * Math.sqrt(2 / counts.length));
  });
});

describe('constant arrivals', () => {
  it('stand at equal distances, the first at 0, whatever the seed', () => {
    for (const label of [scheduleLabel(0), scheduleLabel(7)]) {
      expect([...drawSchedule(constant(8), 5, label)]).toEqual([0, 125, 250, 375, 500]);
    }
  });

  it('number rate times duration and the one at 0', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 20 }), (rate, seconds) => {
        const times = drawSchedule(constant(rate, { durationMs: seconds * 1000 }), 10_000, scheduleLabel(0));
        // The last one stands on the edge, where a rounding may put it out.
        expect([rate * seconds, rate * seconds + 1]).toContain(times.length);
      }),
    );
  });
});

describe('a ramp', () => {
  const ramped = (rate: number, rampMs: number): RatedLoad => poisson(rate, { rampMs });

  it('takes as many constant arrivals by t as rate t² / 2R says, and all rate ones after it', () => {
    const times = drawSchedule(constant(100, { rampMs: 10_000 }), 2_000, scheduleLabel(0));
    const countUntil = (ms: number) => times.filter((time) => time < ms).length;

    for (const seconds of [1, 2, 5, 10]) expect(Math.abs(countUntil(seconds * 1000) - (100 * seconds ** 2) / 20)).toBeLessThanOrEqual(1);
    expect(Math.abs(countUntil(12_000) - countUntil(10_000) - 200)).toBeLessThanOrEqual(1);
  });

  it('takes as many Poisson arrivals as it says on average over seeds', () => {
    const seeds = 400;
    const counts = { half: 0, whole: 0 };
    for (let seed = 0; seed < seeds; seed++) {
      for (const time of drawSchedule(ramped(20, 10_000), 400, scheduleLabel(seed))) {
        if (time < 5_000) counts.half++;
        if (time < 10_000) counts.whole++;
      }
    }
    // A Poisson count's standard error is the root of its expectation.
    expect(Math.abs(counts.half - 25 * seeds)).toBeLessThan(5 * Math.sqrt(25 * seeds));
    expect(Math.abs(counts.whole - 100 * seeds)).toBeLessThan(5 * Math.sqrt(100 * seeds));
  });

  it('moves arrivals and adds or drops none: it is the same draw, later by half the ramp once it is over', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 20_000 }), (seed, rampMs) => {
        const plain = drawSchedule(poisson(50), 300, scheduleLabel(seed));
        const late = drawSchedule(ramped(50, rampMs), 300, scheduleLabel(seed));
        expect(late).toHaveLength(plain.length);
        for (const [index, time] of late.entries()) {
          if (time > rampMs) expect(time - plain[index]!).toBeCloseTo(rampMs / 2, 6);
          else expect(time).toBeGreaterThanOrEqual(plain[index]! - 1e-9);
        }
      }),
    );
  });
});

describe('a trace', () => {
  it('is cut to the samples and to the duration, and is otherwise as recorded', () => {
    expect(cutTrace([0, 10, 10, 30], 10, undefined)).toEqual([0, 10, 10, 30]);
    expect(cutTrace([0, 10, 10, 30], 3, undefined)).toEqual([0, 10, 10]);
    expect(cutTrace([0, 10, 10, 30], 10, 10)).toEqual([0, 10, 10]);
    expect(cutTrace([5, 10], 10, 4)).toEqual([]);
  });
});

describe('the published vector of docs/loads.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/loads.md'), 'utf8');
  const [, json = ''] = /<!-- golden -->\s*```json\n([\s\S]*?)```/.exec(page) ?? [];
  const golden: { label: string; draws: number[]; poisson: number[]; poissonRamp: number[]; constantRamp: number[] } = JSON.parse(json);

  it('is what is drawn', () => {
    const draws = new Uint32Array(golden.draws.length);
    createRandomStream(golden.label).fill(draws);
    const times = (load: RatedLoad) => Array.from(drawSchedule(load, 5, golden.label), (time) => Number(time.toFixed(6)));

    expect([...draws]).toEqual(golden.draws);
    expect(golden.label).toBe(scheduleLabel(42));
    expect(times(poisson(10))).toEqual(golden.poisson);
    expect(times(poisson(10, { rampMs: 1000 }))).toEqual(golden.poissonRamp);
    expect(times(constant(10, { rampMs: 1000 }))).toEqual(golden.constantRamp);
  });

  it('follows from its draws by the formula that stands beside it', () => {
    let expected = 0;
    for (const [index, draw] of golden.draws.entries()) {
      expected -= Math.log((draw + 0.5) / 2 ** 32);
      expect(golden.poisson[index]).toBeCloseTo(expected * 100, 5);
      const ramped = expected < 5 ? Math.sqrt(2 * expected * 1000 * 100) : 500 + expected * 100;
      expect(golden.poissonRamp[index]).toBeCloseTo(ramped, 5);
    }
  });
});
