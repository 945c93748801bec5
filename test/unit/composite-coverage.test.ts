/** How often the intervals of composites hold the truth, by simulated runs with published draws: within what chance allows around 95 %. */
import { describe, expect, it } from 'vitest';
import type { MetricColumn } from '../../lib/core/columns.ts';
import type { ScoreRule } from '../../lib/core/composite.ts';
import { scoreJointly } from '../../lib/core/composites/joint-scores.ts';
import { createRandomStream } from '../../lib/core/measures/random.ts';
import { dimensionsOf } from '../../lib/core/profiles/profile.ts';
import { findProfile } from '../../lib/core/profiles/profiles.ts';
import { scoreJob } from '../../lib/core/score-job.ts';
import type { Interval } from '../../lib/core/scores.ts';
import { columnsOf, meanColumn, suiteOf } from '../fixtures/scoring/columns.ts';

interface Scored {
  readonly value: number | null;
  readonly interval: Interval | null;
}

const RUNS = 300;
const ITEMS = 50;
const SCALE = 2 ** 32;
/** Three standard errors of a share of 95 % among so many runs. */
const CHANCE = 3 * Math.sqrt((0.95 * 0.05) / RUNS);

/** Uniform numbers in 0..1 for a run: what an item is like for every job, and what a job makes of it. */
function numbersOf(run: number, what: string, count: number): Float64Array {
  const draws = new Uint32Array(count);
  createRandomStream(`composite-coverage/${run}/${what}`).fill(draws);
  return Float64Array.from(draws, (draw) => draw / SCALE);
}

function totalsOf(score: ScoreRule, columns: readonly (readonly MetricColumn[])[]): readonly Scored[] {
  const jobs = columns.map((metrics, at) => ({ jobId: `j${at}`, metrics, reference: false }));
  if (score.kind === 'mean-win-rate' || score.kind === 'bradley-terry') {
    const corrected = { confidence: 0.95, correctedConfidence: () => 0.95 };
    return [...scoreJointly(score, jobs, suiteOf(ITEMS), corrected).jobs.values()];
  }
  const load = { mode: 'closed', concurrency: 1, warmup: 0 } as const;
  const options = { confidence: 0.95, score, contended: false };
  return jobs.flatMap(({ jobId, metrics }) => scoreJob(columnsOf(jobId, metrics), suiteOf(ITEMS), load, options).total ?? []);
}

/** Share of intervals that hold their truth; where there is none, the value itself must be the truth. */
function coverage(truths: readonly number[], totals: (run: number) => readonly Scored[]): number {
  let [held, seen] = [0, 0];
  for (let run = 0; run < RUNS; run++) {
    for (const [at, total] of totals(run).entries()) {
      const truth = truths[at] ?? Number.NaN;
      const [low, high] = [total?.interval?.low ?? total?.value ?? Number.NaN, total?.interval?.high ?? total?.value ?? Number.NaN];
      seen++;
      if (low <= truth + 1e-9 && truth - 1e-9 <= high) held++;
    }
  }
  return held / seen;
}

describe('95 % intervals over 300 simulated runs', () => {
  it('of a profile hold the true total as often as chance allows', () => {
    const profile = findProfile('mlperf-wan22');
    const names = dimensionsOf(profile);
    const rule: ScoreRule = {
      kind: 'profile',
      profile: 'mlperf-wan22',
      dimensions: Object.fromEntries(names.map((name) => [name, `v.${name}`])),
    };
    // Skewed values: squares of uniform numbers, of mean 1/3; items that are hard are hard in every dimension.
    const totals = (run: number) => {
      const shared = numbersOf(run, 'items', ITEMS);
      const metrics = names.map((name) => {
        const own = numbersOf(run, name, ITEMS);
        return meanColumn(
          `v.${name}`,
          Array.from(own, (value, item) => 0.5 * value ** 2 + 0.5 * (shared[item] ?? 0) ** 2),
        );
      });
      return totalsOf(rule, [metrics]);
    };

    const held = coverage([100 / 3], totals);

    expect(held).toBeGreaterThan(0.95 - CHANCE);
    expect(held).toBeLessThan(0.95 + CHANCE);
  });

  it('of mean win rates hold the true rates at least as often as chance allows', () => {
    const rule: ScoreRule = { kind: 'mean-win-rate', metrics: ['s.a', 's.b', 's.c'] };
    const centres = [0, 0.08, 0.16];
    const totals = (run: number) => {
      const shared = numbersOf(run, 'items', ITEMS);
      return totalsOf(
        rule,
        centres.map((centre, job) =>
          ['a', 'b', 'c'].map((metric) => {
            const own = numbersOf(run, `${job}/${metric}`, ITEMS);
            return meanColumn(
              `s.${metric}`,
              Array.from(own, (value, item) => centre + value + (shared[item] ?? 0)),
              { range: [0, 3] },
            );
          }),
        ),
      );
    };

    expect(coverage([0, 0.5, 1], totals)).toBeGreaterThan(0.95 - CHANCE);
  });

  it('of strengths hold the true ones as often as chance allows, though battles over one item depend on each other', () => {
    const rule: ScoreRule = { kind: 'bradley-terry', metric: 's.a' };
    const logs = [-0.5, 0, 0.5];
    // The largest of two Gumbel variables around these centres follows the model exactly.
    const totals = (run: number) =>
      totalsOf(
        rule,
        logs.map((log, job) => {
          const own = numbersOf(run, `${job}`, ITEMS);
          return [
            meanColumn(
              's.a',
              Array.from(own, (value) => log - Math.log(-Math.log(value + 1e-12))),
              { range: [-50, 50] },
            ),
          ];
        }),
      );

    const held = coverage(
      logs.map((log) => 1000 + (400 * log) / Math.LN10),
      totals,
    );

    expect(held).toBeGreaterThan(0.95 - CHANCE);
    expect(held).toBeLessThan(0.95 + CHANCE);
  });
});
