/** What a frozen load will come to: samples, length, what a ramp takes, and whether the samples last. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpenLoad } from '../../lib/core/job.ts';
import { freezeLoad } from '../../lib/core/load/freeze-load.ts';
import { type LoadOutlook, loadOutlook } from '../../lib/core/load/load-outlook.ts';
import { drawSchedule, scheduleLabel } from '../../lib/core/load/schedule.ts';
import { loadSchema } from '../../lib/core/spec.ts';

function outlookOf(load: Record<string, unknown>, itemCount = 40, repeats = 2): LoadOutlook {
  const frozen = freezeLoad(loadSchema.parse(load), { samples: itemCount * repeats, specSeed: 7, traceKey: 'runs/r/trace.json' });
  return loadOutlook({ load: frozen.load, itemCount, repeats, specSeed: 7, traceTimesMs: frozen.trace?.timesMs ?? null });
}

describe('the outlook of a load', () => {
  it('whose clients wait for answers knows its samples, and no times', () => {
    const closed = { samples: 80, measured: 80, items: 40, firstDueMs: null, lastDueMs: null, offeredPerSecond: null, seedLabel: null };
    expect(outlookOf({ mode: 'closed' })).toEqual({ ...closed, repeatsToLast: null });
    expect(outlookOf({ mode: 'closed', ramp: '5s' })).toMatchObject({ samples: 80, measured: null });
    expect(outlookOf({ mode: 'offline' })).toMatchObject({ samples: 80, measured: 80 });
  });

  it('at a constant rate lasts as long as its last request, and says how many repeats would fill its duration', () => {
    expect(outlookOf({ mode: 'constant', rate: 10, duration: '20s' })).toEqual({
      ...{ samples: 80, measured: 80, items: 40, firstDueMs: 0, lastDueMs: 7900, offeredPerSecond: 10, seedLabel: null },
      // 201 requests are due in 20 s.
      repeatsToLast: 6,
    });
  });

  it('leaves out what its ramp takes', () => {
    // Up to 2 s of a ramp of 4 s to 10 a second: 10 x 2² / 8 = 5 requests, 20 by its end.
    expect(outlookOf({ mode: 'constant', rate: 10, ramp: '4s' })).toMatchObject({ samples: 80, measured: 60 });
  });

  it('that ends before every item was sent counts the items that were', () => {
    expect(outlookOf({ mode: 'constant', rate: 10, duration: '2s' })).toMatchObject({ samples: 21, items: 21, repeatsToLast: null });
  });

  it('of a trace has the rate between its first and last request', () => {
    expect(outlookOf({ mode: 'trace', timesMs: [1000, 1500, 3000] })).toMatchObject({
      ...{ samples: 3, measured: 3, items: 3, firstDueMs: 1000, lastDueMs: 3000, offeredPerSecond: 1, seedLabel: null },
    });
    expect(outlookOf({ mode: 'trace', timesMs: [5] })).toMatchObject({ offeredPerSecond: null });
  });

  it('counts what the schedule itself counts, whatever the load', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.option(fc.integer({ min: 1, max: 20 }), { nil: null }),
        fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
        (rate, duration, ramp) => {
          const written = {
            ...{ mode: 'poisson', rate },
            ...(duration === null ? {} : { duration: `${duration + (ramp ?? 0)}s` }),
            ...(ramp === null ? {} : { ramp: `${ramp}s` }),
          };
          const samples = 80;
          // Twenty arrivals are expected at least: with few there may be none, which is refused.
          fc.pre(duration === null || rate * duration >= 20);
          const { load } = freezeLoad(loadSchema.parse(written), { samples, specSeed: 7, traceKey: 'x' });
          const times = drawSchedule(load as Exclude<OpenLoad, { mode: 'trace' }>, 10_000, scheduleLabel(7));
          const outlook = outlookOf(written);

          expect(outlook.samples).toBe(Math.min(samples, times.length));
          expect(outlook.measured).toBe(times.slice(0, samples).filter((time) => time >= (ramp ?? 0) * 1000).length);
          expect(outlook.lastDueMs).toBe(times[outlook.samples - 1]);
          expect(outlook.repeatsToLast).toBe(duration === null || times.length <= samples ? null : Math.ceil(times.length / 40));
          expect(outlook.seedLabel).toBe('schedule/7');
        },
      ),
    );
  });
});
