/** Hours and dollars of a plan on a class: the formulas of the real costs, on time that earlier runs tell. */
import { describe, expect, it } from 'vitest';
import { classForecasts, describeClasses } from '../../lib/cli/plan-class.ts';
import { jobCost } from '../../lib/core/cost.ts';
import { DEFAULT_FLEET } from '../../lib/core/fleet.ts';
import { forecastCost } from '../../lib/core/forecast-cost.ts';
import { specSchema } from '../../lib/core/spec.ts';
import { testRegistry } from '../fixtures/registry-fixture.ts';

const [g6] = DEFAULT_FLEET;
if (g6 === undefined) throw new Error('the default fleet is empty');
const known = { seconds: 7200, reason: null };
const unknown = { seconds: null, reason: 'it never ran' };
const spec = specSchema.parse({
  ...{ apiVersion: 'bakeoff/v1', name: 'one', suite: 'shapes', scorers: ['latency'] },
  models: [{ model: 'pocket-t2v' }],
});

describe('a forecast of cost', () => {
  it('is what the same time will have cost', () => {
    const where = {
      ...{ className: g6.name, instanceType: g6.instanceType, market: g6.market, usdPerHour: 0.5525, priceDate: '2026-11-20' },
      ...{ instanceId: null, occupied: { fromMs: 0, untilMs: 7_200_000 } },
    };
    const server = { exitCode: 0, signal: null, reason: null, peakRssMiB: null, cpuSeconds: null, sampleHz: null, logTail: null };
    const task = {
      ...{ taskId: 'a', stage: 'infer', attempt: 1, startedAtMs: 0, endedAtMs: 1, phasesMs: {}, driverExitCode: 0, error: null },
      ...{ server, where },
    };
    expect(forecastCost(known, g6).task).toEqual(jobCost({ tasks: [task] }));
  });

  it('bills the two machines that a start from zero brings, each with a quarter of an hour of idle time', () => {
    const { task, billed } = forecastCost(known, g6);
    expect([task.seconds, billed.seconds]).toEqual([7200, 7200 + 2 * 900]);
    expect(billed.usd).toBeCloseTo(2.5 * 0.5525, 12);
    expect(forecastCost(known, { ...g6, maxInstances: 1 }).billed.seconds).toBe(7200 + 900);
  });

  it('has no dollars where the time or the price is missing, and says which', () => {
    expect(forecastCost(unknown, g6)).toMatchObject({ task: { seconds: null, usd: null, reason: 'it never ran' }, billed: { usd: null } });
    expect(forecastCost(known, { ...g6, instanceType: 'g4dn.2xlarge' })).toMatchObject({
      task: { seconds: 7200, usd: null, reason: 'the price sheet has no Spot price of g4dn.2xlarge' },
    });
  });
});

describe('plan --class', () => {
  it('reads hours and dollars, with the date of the price', () => {
    expect(describeClasses(classForecasts('g6-xlarge', spec, testRegistry, known))).toEqual([
      [
        'class',
        'g6-xlarge (g6.xlarge), Spot at $0.5525 an hour (price sheet of 2026-11-20, not verified): 2.00 h, about $1.10 for the tasks and ' +
          '$1.38 billed with idle time, if they take as long there as here',
      ],
    ]);
  });

  it('takes an instance type too, in both markets', () => {
    const forecasts = classForecasts('m7i.xlarge', spec, testRegistry, known);
    expect(forecasts.map(({ market, task }) => [market, task.usd])).toEqual([
      ['on-demand', expect.closeTo(0.4032, 12)],
      ['spot', null],
    ]);
    expect(describeClasses(forecasts)[1]?.[1]).toBe('m7i.xlarge, Spot: no dollars, since the price sheet has no Spot price of m7i.xlarge');
  });

  it('says which models do not fit', () => {
    const [entry] = [...testRegistry.models];
    if (entry === undefined) throw new Error('the registry is empty');
    const [id, model] = entry;
    const requirements = { ...model.manifest.requirements, cpu: 64 };
    const models = new Map([[id, { ...model, manifest: { ...model.manifest, requirements } }]]);
    const [forecast] = classForecasts('cpu', spec, { ...testRegistry, models }, known);
    expect(forecast?.unfit).toEqual([{ model: 'pocket-t2v', reason: 'needs 64 vCPU; the class cpu has 3.75 after the driver' }]);
  });

  it('refuses an unknown name with the nearest one', () => {
    expect(() => classForecasts('g6-xlarg', spec, testRegistry, known)).toThrow('neither a class of the default fleet');
  });
});
