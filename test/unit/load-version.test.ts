/** Which figures of load share a leaderboard: those of one load and its objectives. */
import { describe, expect, it } from 'vitest';
import type { Load } from '../../lib/core/job.ts';
import { defaultLoadVersion, loadVersion } from '../../lib/core/load/load-version.ts';

const closed = { mode: 'closed', concurrency: 1, warmup: 2 } as const;
const poisson = { mode: 'poisson', ratePerSecond: 5, maxInFlight: 8, stopOnSaturation: true, arrivals: 40, warmup: 0 } as const;
const trace = {
  mode: 'trace',
  traceKey: 'runs/a/trace.json',
  traceSha256: 'ab'.repeat(32),
  maxInFlight: 8,
  stopOnSaturation: true,
  arrivals: 3,
  warmup: 0,
} as const;
const of = (load: Load, slo?: { latencyMs: number }): string => loadVersion('1.0.0', { load, ...(slo === undefined ? {} : { slo }) });

describe('the version of a figure of load', () => {
  it('is the default one for one client at a time, however it was warmed up', () => {
    expect(of(closed)).toBe(defaultLoadVersion('1.0.0'));
    expect(of({ ...closed, warmup: 8, warmupConcurrency: 4 })).toBe(of(closed));
  });

  it('tells loads and objectives apart', () => {
    const all = [
      ...[
        of(closed),
        of({ ...closed, concurrency: 8 }),
        of({ ...closed, stream: true }),
        of({ ...closed, durationMs: 1000 }),
        of(closed, { latencyMs: 5 }),
      ],
      ...[
        of({ mode: 'offline', maxInFlight: 1, warmup: 2 }),
        of(poisson),
        of({ ...poisson, ratePerSecond: 6 }),
        of({ ...poisson, maxInFlight: 9 }),
      ],
      ...[of(poisson, { latencyMs: 5 }), of(poisson, { latencyMs: 6 }), of(trace), of({ ...trace, traceSha256: 'cd'.repeat(32) })],
    ];
    expect(new Set(all).size).toBe(all.length);
    for (const version of all) expect(version).toMatch(/^1\.0\.0\/(closed|offline|poisson|trace)-[0-9a-f]+(-[0-9a-f]{8})?$/);
  });

  it('does not depend on the run that a trace is stored with', () => {
    expect(of({ ...trace, traceKey: 'runs/b/trace.json' })).toBe(of(trace));
  });
});
