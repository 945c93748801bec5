/** Latencies that were found by polling: how fine they are is recorded and told, and what is coarser than 1 % of the median is never certified. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SampleRow } from '../../lib/core/sample.ts';
import { pauseBeforeLook } from '../../lib/driver/protocols/poll-pause.ts';
import { closedJob, latencyOf, openFailure, openJob, openRow } from '../fixtures/scoring/load-rows.ts';

/** Each answered after a second, `resolutionMs` apart at most from when it was there. */
function polled(count: number, resolutionMs: (index: number) => number | undefined): SampleRow[] {
  return Array.from({ length: count }, (_, index) => {
    const row = openRow(index, { dueMs: 50 * index, doneMs: 50 * index + 1000 });
    const resolution = resolutionMs(index);
    return { ...row, timings: { ...row.timings, ...(resolution === undefined ? {} : { resolutionMs: resolution }) } };
  });
}

const p50 = (rows: SampleRow[]) => latencyOf(closedJob(rows.length), rows).percentiles[0];

describe('a polled latency', () => {
  it('is certified where the coarsest is at most 1 % of the median', () => {
    const rows = polled(20, (index) => (index === 7 ? 10 : 2));
    expect(latencyOf(closedJob(20), rows).resolutionMs).toBe(10);
    expect(p50(rows)).toMatchObject({ empirical: 1000, certified: 1000, certifiedReason: null });
  });

  it('is not certified above, for one sample alone, and says why', () => {
    const reason = 'polled: a latency may be too long by 10.1 ms, above 1 % of the median of 1000 ms';
    expect(p50(polled(20, (index) => (index === 7 ? 10.1 : 2)))).toMatchObject({
      empirical: 1000,
      certified: null,
      certifiedReason: reason,
    });
    const open = latencyOf(
      openJob(20),
      polled(20, () => 11),
    );
    expect(open.percentiles[0]).toMatchObject({ certified: null, certifiedReason: expect.stringMatching(/^polled: /) });
  });

  it('is measured by the median of what was answered: failures do not raise it', () => {
    const failures = Array.from({ length: 30 }, (_, index) => openFailure(20 + index, { dueMs: 0, doneMs: 1 }));
    const { percentiles } = latencyOf(closedJob(50), [...polled(20, () => 11), ...failures]);
    expect(percentiles[0]?.certifiedReason).toMatch(/^polled: /);
  });

  it('is not there where nothing was polled, nor where every sample failed', () => {
    expect(
      latencyOf(
        closedJob(20),
        polled(20, () => undefined),
      ),
    ).not.toHaveProperty('resolutionMs');
    expect(p50(polled(20, () => undefined))).toMatchObject({ certified: 1000 });
    expect(latencyOf(closedJob(1), [openFailure(0, { dueMs: 0, doneMs: 1 })])).not.toHaveProperty('resolutionMs');
  });
});

it('looks are so close together that what takes at most four times the median is known to 1 % of it', () => {
  fc.assert(
    fc.property(fc.double({ min: 8_000, max: 3_600_000, noNaN: true }), (medianMs) => {
      expect(pauseBeforeLook(4 * medianMs)).toBeLessThanOrEqual(0.01 * medianMs);
    }),
  );
  expect([0, 8_000, 100_000, 1e9].map(pauseBeforeLook)).toEqual([20, 20, 250, 500]);
});
