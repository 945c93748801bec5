/** What a job sets aside: its forecast where the same job ran before, else the upper bound of its limits; all of it where nobody knows a price. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keys } from '../../lib/core/object-key.ts';
import type { Placements } from '../../lib/core/placements.ts';
import { reservationOf, withReservations } from '../../lib/workflow/reserve-budget.ts';
import { type Cloud, openCloud, unprepared } from '../fixtures/cloud.ts';
import { jobRecord, stageRecord } from '../fixtures/run-records.ts';
import { jobOf } from '../fixtures/scoring/stored-run.ts';

const SUITE = 'a'.repeat(64);
const placementsAt = (usdPerHour: number | null): Placements => {
  const placed = {
    name: 'cpu',
    instanceType: 'm7i.xlarge',
    market: 'on-demand',
    capacityProvider: 'p',
    usdPerHour,
    priceDate: '2026-11-20',
  } as const;
  return { schema: 1, packages: { m: { packageId: 'm', taskDefinitionArn: 'arn', family: 'f', digest: 'd', class: placed } } };
};
const run = (usdPerHour: number | null) => ({ maxUsd: 25, suiteDigest: SUITE, placements: placementsAt(usdPerHour) });
const hours = { readyMs: 1_800_000, sampleMs: 1000, jobMs: 5_400_000, maxErrorRate: 1, minSamplesForStop: 1 };
const job = jobOf('job-1', 10, { limits: hours });

let cloud: Cloud;
beforeEach(async () => {
  cloud = await openCloud();
});
afterEach(() => cloud.close());

it('without an earlier run is the price of its limits: readiness and the job together', () => {
  expect(reservationOf(job, [], run(2))).toBeCloseTo(4, 12);
});

it('without a price is the whole budget: the first such job takes it all', () => {
  expect(reservationOf(job, [], run(null))).toBe(25);
});

describe('with an earlier run', () => {
  const task = {
    ...{ taskId: 't', stage: 'infer', attempt: 1, startedAtMs: 0, endedAtMs: 700_000, phasesMs: { load: 100_000, infer: 600_000 } },
    ...{ driverExitCode: 0, error: null },
    server: { exitCode: 0, signal: null, reason: null, peakRssMiB: null, cpuSeconds: null, sampleHz: null, logTail: null },
  } as const;
  const stages = [stageRecord({ status: 'finished', outcome: { planned: 5, succeeded: 5, failed: 0, stopped: null } })];
  const earlier = async (): Promise<void> => {
    const { objects, runs } = cloud.stores;
    await runs.createJob(jobRecord({ runId: 'run-0', jobId: 'job-1', state: 'succeeded', stages, tasks: [task] }));
    await objects.put(keys.job('run-0', 'job-1'), JSON.stringify({ ...job, runId: 'run-0' }));
    const suite = { id: 's', version: '1', digest: SUITE, title: 'S', task: 'image-to-text', categories: [] };
    const plan = { schema: 1, runId: 'run-0', name: 'n', specSha256: SUITE, suite, itemCount: 5, repeats: 1, softwareVersion: '1' };
    await objects.put(keys.plan('run-0'), JSON.stringify({ ...plan, jobs: [{ jobId: 'job-1', stages: ['infer', 'score'] }] }));
    const head = {
      schema: 1,
      runId: 'run-0',
      jobId: 'job-1',
      modelId: 'm',
      modelVersion: '1',
      modelDigest: 'd',
      params: {},
      suiteId: 's',
    } as const;
    const value = {
      metric: 'x.y',
      metricVersion: '1',
      unit: 'u',
      direction: 'higher',
      value: 1,
      interval: null,
      n: 5,
      coverage: 1,
    } as const;
    await cloud.index.putResults('run-0', [{ ...head, suiteDigest: SUITE, ...value, reference: false, finishedAtMs: 1 }]);
  };

  it('is its forecast: phases that grow with the samples, and those that do not', async () => {
    await earlier();
    const [reserved] = await withReservations([job], run(3.6), cloud.stores, { index: cloud.index });
    // 100 s to load, and 600 s for 5 samples, so 1,200 s for 10: 1,300 s at $0.001 a second.
    expect(reserved?.budget).toEqual({ maxUsd: 25, reserveUsd: expect.closeTo(1.3, 12) });
  });

  it('of which the objects are gone is none', async () => {
    await earlier();
    await cloud.stores.objects.remove(keys.plan('run-0'));
    const [reserved] = await withReservations([job], run(2), cloud.stores, { index: cloud.index });
    expect(reserved?.budget?.reserveUsd).toBeCloseTo(4, 12);
  });

  it('is asked for once a model, however many jobs it has', async () => {
    let asked = 0;
    const index = {
      modelHistory: async () => {
        asked += 1;
        return { items: [], cursor: null };
      },
    };
    const jobs = Array.from({ length: 100 }, (_, n) => jobOf(`job-${n}`, 10, { limits: hours }));
    const stores = { objects: { ...cloud.stores.objects, get: unprepared('a read') }, runs: { getJob: unprepared('a record') } };
    expect(await withReservations(jobs, run(2), stores, { index })).toHaveLength(100);
    expect(asked).toBe(1);
  });
});
