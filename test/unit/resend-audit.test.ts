/** The audit of resent samples: what counts as a cache, what as the same answer, and when nothing is said. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditResends, FEWEST_TIMED, type ResentPair } from '../../lib/core/audits/resend-audit.ts';

const options = { confidence: 0.95, untimed: null };

/** Pairs whose second latency is `ratio` of the first, give or take a tenth by turns. */
function pairs(count: number, ratio: number, spread = 0.1): ResentPair[] {
  return Array.from({ length: count }, (_, index) => {
    const firstMs = 100 + index;
    const againMs = firstMs * ratio * (1 + (index % 2 === 0 ? spread : -spread));
    return { sampleId: `item-${index}.0`, firstMs, againMs, firstDigest: `digest-${index}`, againDigest: `digest-${index}` };
  });
}

describe('output caching', () => {
  it('fails where repeated samples come back much faster', () => {
    const { caching } = auditResends(pairs(16, 0.3), options);
    expect(caching).toMatchObject({ verdict: 'failed', n: 16 });
    expect(caching.ratio).toBeCloseTo(0.3 * Math.sqrt(1.1 * 0.9), 12);
  });

  it('passes where they take as long, or longer', () => {
    expect(auditResends(pairs(16, 1), options).caching.verdict).toBe('passed');
    expect(auditResends(pairs(16, 3), options).caching.verdict).toBe('passed');
  });

  it('says nothing where the interval holds the bound', () => {
    const { caching } = auditResends(pairs(16, 0.905), options);
    expect(caching).toMatchObject({ verdict: 'inconclusive', reason: 'the interval holds 0.9: send more samples again' });
  });

  it('judges equal ratios without an interval', () => {
    expect(auditResends(pairs(16, 0.5, 0), options).caching).toMatchObject({ verdict: 'failed' });
    expect(auditResends(pairs(16, 1, 0), options).caching).toMatchObject({ verdict: 'passed' });
  });

  it('needs samples with both latencies', () => {
    const few = pairs(FEWEST_TIMED - 1, 0.1);
    const failed = pairs(16, 0.1).map((pair, index) => (index < 7 ? { ...pair, againMs: null } : pair));
    for (const some of [few, failed]) {
      const { caching } = auditResends(some, options);
      expect(caching).toMatchObject({ verdict: 'inconclusive', n: 9, ratio: null, reason: 'needs 10 samples with both latencies, has 9' });
    }
  });

  it('compares nothing of two kinds', () => {
    const { caching } = auditResends(pairs(16, 0.1), { ...options, untimed: 'open-loop load' });
    expect(caching).toEqual({ n: 16, ratio: null, interval: null, verdict: 'inconclusive', reason: 'open-loop load' });
  });

  it('never fails a model that is no faster, and never passes one that is a fifth faster', () => {
    const noise = fc.array(fc.double({ min: -0.05, max: 0.05, noNaN: true }), { minLength: 16, maxLength: 64 });
    fc.assert(
      fc.property(noise, fc.double({ min: 0.2, max: 3, noNaN: true }), (deviations, ratio) => {
        const timed = deviations.map((deviation, index): ResentPair => {
          const firstMs = 10 * (index + 1);
          return { sampleId: `i-${index}.0`, firstMs, againMs: firstMs * ratio * (1 + deviation), firstDigest: null, againDigest: null };
        });
        const { verdict } = auditResends(timed, options).caching;
        if (ratio >= 1) expect(verdict).not.toBe('failed');
        if (ratio <= 0.8) expect(verdict).not.toBe('passed');
      }),
    );
  });
});

describe('determinism', () => {
  it('compares digests of what was answered both times', () => {
    const [first, ...rest] = pairs(5, 1);
    const differing = { ...first!, againDigest: 'another' };
    expect(auditResends(pairs(5, 1), options).determinism).toMatchObject({ verdict: 'same', n: 5, same: 5, differingSampleId: null });
    expect(auditResends([...rest, differing], options).determinism).toEqual({
      verdict: 'differs',
      n: 5,
      same: 4,
      differingSampleId: 'item-0.0',
      reason: '1 of 5 answers differ under the same seed',
    });
  });

  it('says nothing where no sample was answered twice', () => {
    const failed = pairs(3, 1).map((pair) => ({ ...pair, againDigest: null }));
    expect(auditResends(failed, options).determinism).toMatchObject({ verdict: 'inconclusive', n: 0 });
  });
});
